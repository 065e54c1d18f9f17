// SPDX-License-Identifier: Apache-2.0
#include "metrics/compose.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "destinations/table_profile.h"
#include "metrics/placeholders.h"
#include "metrics/records.h"
#include "metrics/row_columns.h"
#include "metrics/with_clause.h"

namespace penstock::metrics {
namespace {

// All that there is for a question.
WithClause ClauseOf(const Request& request, const Dialect& dialect) {
  WithClause with(request.frame, request.parameters, dialect);
  if (request.segments != nullptr) with.Append(SegmentRelations(*request.segments, dialect));
  return with;
}

// `select` behind the WITH clause of all that it needs: over kept facts where these are enough, over the tables
// otherwise.
void WithKept(const std::string& select, const Request& request, const Dialect& dialect,
              const KeptFacts& kept, Statement* made) {
  WithClause with = ClauseOf(request, dialect);
  if (kept.Use(select, dialect, &with)) {
    made->kept = true;
  } else {
    with = ClauseOf(request, dialect);
  }
  made->sql = with.Before(select);
}

std::string OrNone(const std::string& sql) {
  return absl::StrCat("coalesce(nullif(", sql, ", ''), '(none)')");
}

std::string DimensionSql(const std::string& dimension, Subject subject) {
  if (dimension == "language") return OrNone("p.language");
  if (dimension == "segment") return OrNone("s.segment");
  if (dimension == "platform" || dimension == "plugin" || subject == Subject::kConversation) {
    return OrNone(absl::StrCat("f.", dimension));
  }
  return OrNone(absl::StrCat("c.", dimension));
}

// Puts one layer of SELECT around another, each with the columns that name its cell.
class Query {
 public:
  Query(const Request& request, const Dialect& dialect, const KeptFacts& kept)
      : request_(request), dialect_(dialect), kept_(kept) {}

  // The rows of `facts` with their period and whatever dimension is asked for.
  void Facts(const std::string& facts, Subject subject, const std::vector<std::string>& dimensions) {
    std::string columns = "f.*";
    std::set<std::string> joins;
    for (const std::string& dimension : dimensions) {
      absl::StrAppend(&columns, ", ", DimensionSql(dimension, subject), " AS dim_", dimension);
      if (dimension == "language") joins.insert("LEFT JOIN person p ON p.id = f.user_id");
      if (dimension == "segment") joins.insert("LEFT JOIN segment s ON s.user_id = f.user_id");
      if ((dimension == "route" || dimension == "domain") && subject != Subject::kConversation) {
        joins.insert("LEFT JOIN conversation c ON c.id = f.conversation_id");
      }
    }
    if (!request_.metric->own_period) {
      absl::StrAppend(&columns, ", d.period, d.local_day, d.local_week");
      joins.insert(
          "JOIN frame d ON d.utc_day = f.utc_day AND f.created_ms >= d.from_ms AND f.created_ms < d.to_ms");
    }
    sql_ = absl::StrCat("SELECT ", columns, "\n  FROM ", facts, " f\n  ", absl::StrJoin(joins, "\n  "));
  }

  void Where(std::vector<std::string> conditions) {
    for (const auto& [dimension, values] : request_.where) {
      std::vector<std::string> quoted;
      for (const std::string& value : values) quoted.push_back(dialect_.Quote(Folded(value)));
      conditions.push_back(absl::StrCat(dialect_.Lower(absl::StrCat("dim_", dimension)), " IN (",
                                        absl::StrJoin(quoted, ", "), ")"));
    }
    where_ = conditions.empty() ? "" : absl::StrCat("\n WHERE ", absl::StrJoin(conditions, "\n   AND "));
  }

  // The column `name` is part of the cell from here on.
  void Cell(const std::string& name, const std::string& sql) {
    cell_.push_back(name);
    cell_sql_.push_back(sql == name ? name : absl::StrCat(sql, " AS ", name));
  }

  void Count() {
    std::string columns = "t.*";
    for (const std::string& sql : cell_sql_) {
      if (sql != "period") absl::StrAppend(&columns, ", ", sql);
    }
    sql_ = absl::StrCat("SELECT ", columns, "\n FROM (", sql_, ") t", where_);
  }

  void Rank(const std::vector<NamedSql>& ranks) {
    std::string columns = "t.*";
    for (const NamedSql& rank : ranks) absl::StrAppend(&columns, ", ", Filled(rank.sql), " AS ", rank.name);
    if (!ranks.empty()) sql_ = absl::StrCat("SELECT ", columns, "\n FROM (", sql_, ") t");
  }

  void Fold(const std::string& per, const std::vector<NamedSql>& values) {
    if (per.empty()) return;
    std::string columns = absl::StrCat(CellColumns(), ", ", per);
    for (const NamedSql& value : values)
      absl::StrAppend(&columns, ", ", Filled(value.sql), " AS ", value.name);
    sql_ = absl::StrCat("SELECT ", columns, "\n FROM (", sql_, ") t\n GROUP BY ", CellColumns(), ", ", per);
  }

  Statement Aggregate(const std::vector<NamedSql>& values) {
    Statement made;
    made.columns = cell_;
    made.cell = cell_.size();
    std::string columns = CellColumns();
    for (const NamedSql& value : values) {
      absl::StrAppend(&columns, ", ", Filled(value.sql), " AS ", value.name);
      made.columns.push_back(value.name);
    }
    sql_ = absl::StrCat("SELECT ", columns, "\nFROM (", sql_, ") t\nGROUP BY ", CellColumns());
    WithKept(sql_, request_, dialect_, kept_, &made);
    return made;
  }

  // The rows themselves.
  Statement Rows(const std::vector<RowColumn>& columns, bool asks, uint32_t limit) {
    Statement made;
    std::vector<std::string> wanted;
    for (const std::string& name : cell_) wanted.push_back(absl::StrCat("t.", name));
    made.columns = cell_;
    made.cell = cell_.size();
    const auto add = [&](const std::string& name, const std::string& sql) {
      made.columns.push_back(name);
      wanted.push_back(absl::StrCat(sql, " AS ", name));
    };
    add("id", "t.id");
    const bool timed = !request_.metric->own_period;
    if (timed) add("created_ms", "t.created_ms");
    for (const RowColumn& column : columns) add(column.name, column.sql);
    const bool total_only = request_.frame.by == By::kTotal;
    const std::string sql =
        absl::StrCat("SELECT ", absl::StrJoin(wanted, ", "), "\nFROM (", sql_, ") t",
                     asks ? "\nLEFT JOIN interaction q ON q.id = t.interaction_id" : "", "\nWHERE t.period ",
                     total_only ? "= " : "<> ", dialect_.Quote(kTotal), "\nORDER BY ",
                     timed ? "t.created_ms DESC, " : "", "t.id\nLIMIT ", limit);
    made.sql = WithClause(request_.frame, request_.parameters, dialect_).Before(sql);
    return made;
  }

  std::string CellColumns() const { return absl::StrJoin(cell_, ", "); }
  std::string Filled(const std::string& sql) const {
    return FillIn(sql, request_.parameters, dialect_, CellColumns());
  }

 private:
  const Request& request_;
  const Dialect& dialect_;
  const KeptFacts& kept_;
  std::string sql_;
  std::string where_;
  std::vector<std::string> cell_;
  std::vector<std::string> cell_sql_;
};

std::vector<std::string> Dimensions(const Request& request) {
  std::set<std::string> all;
  for (const auto& [dimension, values] : request.where) all.insert(dimension);
  if (!request.group.empty()) all.insert(request.group);
  return {all.begin(), all.end()};
}

// What counts of `facts`, one by one.
Query Counted(const Request& request, const Dialect& dialect, const std::string& facts,
              const KeptFacts& kept) {
  const Metric& metric = *request.metric;
  const Definition& definition = request.definition();
  Query query(request, dialect, kept);
  query.Facts(facts, metric.subject, Dimensions(request));
  query.Cell("period", "period");
  const std::string breakdown = definition.breakdown.empty() || metric.breakdown.name.empty()
                                    ? metric.breakdown.sql
                                    : definition.breakdown;
  if (!breakdown.empty()) query.Cell("by_itself", OrNone(query.Filled(breakdown)));
  if (!request.group.empty()) query.Cell("by_group", absl::StrCat("dim_", request.group));
  if (SharesOut(request)) query.Cell("by_plugin", "plugin_key");
  query.Where(definition.where.empty()
                  ? std::vector<std::string>{}
                  : std::vector<std::string>{absl::StrCat("(", query.Filled(definition.where), ")")});
  query.Count();
  return query;
}

}  // namespace

const std::string& RowsOf(const Definition& definition) {
  return definition.rows.empty() ? definition.facts : definition.rows;
}

bool SharesOut(const Request& request) {
  return request.metric->shared_out && request.parameters.at("missing").front() == "proportional";
}

Statement CellsSql(const Request& request, const Dialect& dialect, const KeptFacts& kept) {
  const Definition& definition = request.definition();
  Query query = Counted(request, dialect, definition.facts, kept);
  query.Fold(definition.per, definition.per_values);
  query.Rank(definition.ranks);
  std::vector<NamedSql> values = {{"numerator", definition.value}};
  if (!definition.over.empty()) values.push_back({"denominator", definition.over});
  values.insert(values.end(), definition.beside.begin(), definition.beside.end());
  return query.Aggregate(values);
}

Statement UnattributedSql(const Request& request, const Dialect& dialect, const KeptFacts& kept) {
  const Definition& definition = request.definition();
  if (definition.unattributed.empty()) return {};
  Request known = request;
  known.where.erase("plugin");
  if (known.group == "plugin") known.group.clear();
  Query query(known, dialect, kept);
  query.Facts(definition.unattributed, Subject::kInteraction, Dimensions(known));
  query.Cell("period", "period");
  if (!known.group.empty()) query.Cell("by_group", absl::StrCat("dim_", known.group));
  query.Where({});
  query.Count();
  return query.Aggregate({{"unattributed", "COUNT(*)"}});
}

Statement UndatedSql(const Request& request, const Dialect& dialect, const KeptFacts& kept) {
  const Definition& definition = request.definition();
  if (request.metric->own_period || request.metric->subject == Subject::kUser) return {};
  std::string where = FillIn(definition.where, request.parameters, dialect, "");
  if (!where.empty()) where = absl::StrCat(" AND (", where, ")");
  Statement made;
  made.columns = {"undated"};
  WithKept(
      absl::StrCat("SELECT COUNT(*) AS undated FROM ", definition.facts, " WHERE created_ms IS NULL", where),
      request, dialect, kept, &made);
  return made;
}

Statement RowsSql(const Request& request, const Dialect& dialect, uint32_t limit) {
  const std::string& facts = RowsOf(request.definition());
  return Counted(request, dialect, facts, {}).Rows(RowColumns(facts), AsksInteraction(facts), limit);
}

Statement CoverageSql(const Dialect& dialect) {
  return {absl::Substitute("SELECT endpoint, CAST(day AS varchar(10)) AS day, state FROM $0",
                           dialect.Bookkeeping(destinations::kCoverageTable)),
          {"endpoint", "day", "state"},
          0};
}

}  // namespace penstock::metrics
