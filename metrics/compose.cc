// SPDX-License-Identifier: Apache-2.0
#include "metrics/compose.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "destinations/table_profile.h"
#include "metrics/facts.h"
#include "metrics/placeholders.h"
#include "metrics/reads.h"
#include "metrics/records.h"
#include "metrics/row_columns.h"

namespace penstock::metrics {
namespace {

// `select` behind the WITH clause of all that it needs.
std::string WithRelations(const std::string& select, const Request& request, const Dialect& dialect) {
  std::vector<Relation> all = FrameRelations(request.frame);
  for (Relation& view : RecordViews(dialect)) all.push_back(std::move(view));
  if (request.segments != nullptr) {
    for (Relation& list : SegmentRelations(*request.segments, dialect)) all.push_back(std::move(list));
  }
  for (Relation& view : FactViews()) {
    view.sql = FillIn(view.sql, request.parameters, dialect, "");
    all.push_back(std::move(view));
  }
  std::set<std::string> needed = Reads(select);
  std::vector<std::string> with;
  for (auto view = all.rbegin(); view != all.rend(); ++view) {
    const std::string name = view->name.substr(0, view->name.find('('));
    if (needed.count(name) == 0) continue;
    needed.merge(Reads(view->sql));
    with.push_back(absl::StrCat(view->name, " ", view->computed_in_place ? dialect.InlineAs() : "AS", " (",
                                absl::StripAsciiWhitespace(view->sql), ")"));
  }
  return absl::StrCat("WITH RECURSIVE\n", absl::StrJoin(with.rbegin(), with.rend(), ",\n"), "\n", select);
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
  Query(const Request& request, const Dialect& dialect) : request_(request), dialect_(dialect) {}

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
    made.sql = WithRelations(sql_, request_, dialect_);
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
    made.sql = WithRelations(sql, request_, dialect_);
    return made;
  }

  std::string CellColumns() const { return absl::StrJoin(cell_, ", "); }
  std::string Filled(const std::string& sql) const {
    return FillIn(sql, request_.parameters, dialect_, CellColumns());
  }

 private:
  const Request& request_;
  const Dialect& dialect_;
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

// What counts, up to the layer that is aggregated.
Query Counted(const Request& request, const Dialect& dialect) {
  const Metric& metric = *request.metric;
  const Definition& definition = request.definition();
  Query query(request, dialect);
  query.Facts(definition.facts, metric.subject, Dimensions(request));
  query.Cell("period", "period");
  const std::string breakdown = definition.breakdown.empty() || metric.breakdown.name.empty()
                                    ? metric.breakdown.sql
                                    : definition.breakdown;
  if (!breakdown.empty()) query.Cell("by_itself", OrNone(query.Filled(breakdown)));
  if (!request.group.empty()) query.Cell("by_group", absl::StrCat("dim_", request.group));
  if (SharesOut(request)) query.Cell("by_plugin", "plugin_key");
  query.Where(definition.where.empty() ? std::vector<std::string>{}
                                       : std::vector<std::string>{
                                             absl::StrCat("(", query.Filled(definition.where), ")")});
  query.Count();
  query.Rank(definition.ranks);
  return query;
}

}  // namespace

bool SharesOut(const Request& request) {
  return request.metric->shared_out && request.parameters.at("missing").front() == "proportional";
}

Statement CellsSql(const Request& request, const Dialect& dialect) {
  const Definition& definition = request.definition();
  Query query = Counted(request, dialect);
  query.Fold(definition.per, definition.per_values);
  std::vector<NamedSql> values = {{"numerator", definition.value}};
  if (!definition.over.empty()) values.push_back({"denominator", definition.over});
  values.insert(values.end(), definition.beside.begin(), definition.beside.end());
  return query.Aggregate(values);
}

Statement UnattributedSql(const Request& request, const Dialect& dialect) {
  const Definition& definition = request.definition();
  if (definition.unattributed.empty()) return {};
  Request known = request;
  known.where.erase("plugin");
  if (known.group == "plugin") known.group.clear();
  Query query(known, dialect);
  query.Facts(definition.unattributed, Subject::kInteraction, Dimensions(known));
  query.Cell("period", "period");
  if (!known.group.empty()) query.Cell("by_group", absl::StrCat("dim_", known.group));
  query.Where({});
  query.Count();
  return query.Aggregate({{"unattributed", "COUNT(*)"}});
}

Statement UndatedSql(const Request& request, const Dialect& dialect) {
  const Definition& definition = request.definition();
  if (request.metric->own_period || request.metric->subject == Subject::kUser) return {};
  std::string where = FillIn(definition.where, request.parameters, dialect, "");
  if (!where.empty()) where = absl::StrCat(" AND (", where, ")");
  return {WithRelations(absl::StrCat("SELECT COUNT(*) AS undated FROM ", definition.facts,
                                     " WHERE created_ms IS NULL", where),
                        request, dialect),
          {"undated"},
          0};
}

Statement RowsSql(const Request& request, const Dialect& dialect, uint32_t limit) {
  const std::string& facts = request.definition().facts;
  return Counted(request, dialect).Rows(RowColumns(facts), AsksInteraction(facts), limit);
}

Statement CoverageSql(const Dialect& dialect) {
  return {absl::Substitute("SELECT endpoint, CAST(day AS varchar(10)) AS day, state FROM $0",
                           dialect.Bookkeeping(destinations::kCoverageTable)),
          {"endpoint", "day", "state"},
          0};
}

}  // namespace penstock::metrics
