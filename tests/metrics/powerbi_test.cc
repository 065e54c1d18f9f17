// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "metrics/catalogue.h"
#include "metrics/powerbi/aggregate.h"
#include "metrics/powerbi/measures.h"
#include "metrics/powerbi/project.h"
#include "metrics/powerbi/tables.h"
#include "tests/fakes/status_matchers.h"
#include "tests/metrics/tmdl_reader.h"

namespace penstock::metrics::powerbi {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const Source kPostgres = {DestinationType::kPostgres, "db.example:5433", "dwh", "Lake"};
const Source kSnowflake = {DestinationType::kSnowflake, "xy1.eu-central-1.snowflakecomputing.com", "DATA_API",
                           "PROD", "BI_XS"};

// The objects of every file of a model, as one.
TmdlObject Model(const Source& source, Mode mode) {
  TmdlObject all;
  for (const auto& [path, text] : Tmdl(source, mode)) {
    SCOPED_TRACE(path);
    for (TmdlObject& object : ReadTmdl(text)) {
      if (object.type == "table") {
        EXPECT_EQ(path, absl::StrCat("tables/", object.name, ".tmdl"));
      }
      all.children.push_back(std::move(object));
    }
  }
  return all;
}

std::string Dax(const TmdlObject& model, const std::string& measure) {
  for (const TmdlObject* table : model.All("table")) {
    for (const TmdlObject* each : table->All("measure")) {
      if (each->name == measure) return each->expression;
    }
  }
  return "no such measure";
}

const TmdlObject& Find(const TmdlObject& in, const std::string& type, const std::string& name) {
  for (const TmdlObject* object : in.All(type)) {
    if (object->name == name) return *object;
  }
  ADD_FAILURE() << "there is no " << type << " " << name;
  static const TmdlObject none;
  return none;
}

TEST(PowerbiAggregates, AreCountsAndSumsOverRowsAndNothingElse) {
  const auto read = ReadAggregates("COUNT(DISTINCT CASE WHEN f(a) = '+)' THEN id END) + COUNT(*)");
  ASSERT_OK(read);
  ASSERT_EQ(read->size(), 2);
  EXPECT_EQ((*read)[0].how, Aggregate::How::kDistinct);
  EXPECT_EQ((*read)[0].of, "CASE WHEN f(a) = '+)' THEN id END");
  EXPECT_EQ((*read)[1].how, Aggregate::How::kRows);
  EXPECT_EQ(ReadAggregates("COUNT(x)")->front().how, Aggregate::How::kPresent);
  EXPECT_EQ(ReadAggregates("SUM(a * (1 - b))")->front().of, "a * (1 - b)");
  for (const char* wrong : {"", "x", "MAX(x)", "COUNT(a) - COUNT(b)", "SUM(*)", "COUNT()", "SUM(a) / SUM(b)",
                            "SUM(SUM(a))", "COUNT(a", "COUNT('a)", "sum(a)", "2 * SUM(a)", "SUM(a) OVER (b)",
                            "COUNT(a)) + (COUNT(b)", "SUM(count(*) OVER (PARTITION BY a))"}) {
    EXPECT_THAT(ReadAggregates(wrong).status(), StatusIs(absl::StatusCode::kInvalidArgument, testing::_))
        << wrong;
  }
}

TEST(PowerbiMeasures, AreEachMetricButThoseThatCannotBeAndSayWhy) {
  std::vector<std::string> without;
  for (const Metric& metric : AllMetrics()) {
    const std::string why = WhyNoMeasure(metric);
    int measures = 0;
    for (const Table& table : Tables()) {
      for (const Measure& measure : table.measures) {
        if (measure.name != metric.title) continue;
        ++measures;
        EXPECT_EQ(table.relation, metric.corrected.facts);
      }
    }
    EXPECT_EQ(measures, why.empty() ? 1 : 0) << metric.name;
    if (!why.empty()) without.push_back(absl::StrCat(metric.name, ": ", why));
  }
  EXPECT_THAT(
      without,
      ElementsAre("adoption_over_time: what it counts depends on where each period begins and ends",
                  "user_retention: it counts per user_id before it counts",
                  "single_interaction_users: what it counts depends on where each period begins and ends",
                  "time_savings: it needs hours, which have no default"));
}

TEST(PowerbiMeasures, SumWhatTheWarehouseComputed) {
  const TmdlObject model = Model(kPostgres, Mode::kImport);
  EXPECT_EQ(Dax(model, "Deflections"), "DIVIDE([Deflections: numerator], [Deflections: denominator])");
  EXPECT_EQ(Dax(model, "Deflections: numerator"), "SUM('Message outcome'[metric_deflections])");
  EXPECT_EQ(Dax(model, "Deflections: unattributed"), "COUNTROWS('Unattributed signal')");
  EXPECT_EQ(Dax(model, "Notifications sent"), "COUNTROWS('Notification')");
  EXPECT_EQ(Dax(model, "CSAT response rate: numerator"), "SUM('Survey result'[responded])");
  EXPECT_EQ(Dax(model, "CSAT response rate: denominator"), "COUNTROWS('Survey result')");
  EXPECT_EQ(Dax(model, "Ticket forms"),
            "DISTINCTCOUNTNOBLANK('Form'[metric_ticket_forms_1]) + "
            "DISTINCTCOUNTNOBLANK('Form'[metric_ticket_forms_2])");
  EXPECT_EQ(
      Dax(model, "Notification types by engagement"),
      "IF([Notification types by engagement: denominator] >= 30, DIVIDE([Notification types by engagement: "
      "numerator], [Notification types by engagement: denominator]))");
  // A median is no sum.
  EXPECT_EQ(Dax(model, "Mean time to response (guide: MTTR): median_ms"), "no such measure");
}

TEST(PowerbiModel, HoldsTogether) {
  for (const Source& source : {kPostgres, kSnowflake}) {
    for (const Mode mode : {Mode::kImport, Mode::kDirectQuery}) {
      const TmdlObject model = Model(source, mode);
      std::map<std::string, std::map<std::string, const TmdlObject*>> columns;
      std::set<std::string> measures, names;
      for (const TmdlObject* table : model.All("table")) {
        EXPECT_TRUE(names.insert(absl::AsciiStrToLower(table->name)).second) << table->name;
        std::set<std::string> own;
        for (const TmdlObject* column : table->All("column")) {
          columns[table->name][column->name] = column;
          EXPECT_TRUE(own.insert(absl::AsciiStrToLower(column->name)).second) << column->name;
          EXPECT_EQ(column->properties.count("dataType") + column->properties.count("sourceColumn"), 2);
        }
        for (const TmdlObject* measure : table->All("measure")) {
          EXPECT_TRUE(measures.insert(measure->name).second) << measure->name;
          EXPECT_TRUE(own.insert(absl::AsciiStrToLower(measure->name)).second) << measure->name;
        }
        EXPECT_EQ(table->All("partition").size(), 1);
      }
      // What DAX speaks of is there.
      const std::regex reference(R"((?:'([^']*)')?\[([^\]]*)\]|'([^']*)')");
      for (const TmdlObject* table : model.All("table")) {
        for (const TmdlObject* measure : table->All("measure")) {
          const std::string& dax = measure->expression;
          SCOPED_TRACE(dax);
          int references = 0;
          for (std::sregex_iterator found(dax.begin(), dax.end(), reference), end; found != end; ++found) {
            ++references;
            const std::string of = (*found)[1].matched ? (*found)[1].str() : (*found)[3].str();
            if (!of.empty()) {
              EXPECT_EQ(columns.count(of), 1) << of;
            }
            if (!(*found)[2].matched) continue;
            EXPECT_EQ(of.empty() ? measures.count((*found)[2]) : columns[of].count((*found)[2]), 1)
                << (*found)[0];
          }
          EXPECT_GT(references, 0);
        }
      }
      // Each relationship leads from a column to the key of another table, of the same type.
      const auto column = [&](const std::string& text) {
        const std::vector<std::string> sides = absl::StrSplit(text, '.');
        const std::string table = std::regex_replace(sides.at(0), std::regex("'"), "");
        EXPECT_EQ(columns[table].count(sides.at(1)), 1) << text;
        return columns[table][sides.at(1)];
      };
      EXPECT_GT(model.All("relationship").size(), 50);
      std::set<std::string> relationships;
      for (const TmdlObject* each : model.All("relationship")) {
        EXPECT_TRUE(relationships.insert(each->name).second) << each->name;
        const TmdlObject* from = column(each->properties.at("fromColumn"));
        const TmdlObject* to = column(each->properties.at("toColumn"));
        EXPECT_EQ(from->properties.at("dataType"), to->properties.at("dataType")) << each->name;
        EXPECT_EQ(to->properties.count("isKey"), 1) << each->name;
      }
      // The model names each table, in an order of its own.
      std::set<std::string> referred;
      for (const TmdlObject* ref : model.All("ref")) referred.insert(absl::AsciiStrToLower(ref->expression));
      EXPECT_EQ(referred, names);
    }
  }
}

TEST(PowerbiModel, HasIdsAsTextAndNothingThatPeopleWrote) {
  for (const Table& table : Tables()) {
    for (const Column& column : table.columns) {
      if (column.name == "id" || absl::EndsWith(column.name, "_id")) {
        EXPECT_EQ(column.type, ColumnType::kText) << column.name;
      }
      for (const char* text : {"content", "subject", "question", "email", "first_name", "last_name"}) {
        EXPECT_NE(column.name, text) << table.title;
        EXPECT_NE(column.sql, text) << table.title;
      }
    }
  }
}

TEST(PowerbiModel, MarksTheDateTable) {
  const TmdlObject model = Model(kPostgres, Mode::kImport);
  const TmdlObject& date = Find(model, "table", "Date");
  EXPECT_EQ(date.properties.at("dataCategory"), "Time");
  const TmdlObject& key = Find(date, "column", "local_date");
  EXPECT_EQ(key.properties.at("dataType"), "dateTime");
  EXPECT_EQ(key.properties.count("isKey"), 1);
}

TEST(PowerbiModel, ImportsFactsInPartsWhichAreRefreshedForThirtyTwoDays) {
  const TmdlObject model = Model(kPostgres, Mode::kImport);
  const TmdlObject& facts = Find(model, "table", "Message outcome");
  const TmdlObject& partition = Find(facts, "partition", "Message outcome");
  EXPECT_EQ(partition.properties.at("mode"), "import");
  EXPECT_EQ(
      partition.properties.at("source"),
      "let\n"
      "    Source = PostgreSQL.Database(Server, Database),\n"
      "    View = Source{[Schema = Schema, Item = \"bi_free_text\"]}[Data],\n"
      "    Rows = Table.SelectRows(View, each [created_time] >= RangeStart and [created_time] < RangeEnd)\n"
      "in\n"
      "    Rows\n");
  const TmdlObject& policy = Find(facts, "refreshPolicy", "");
  EXPECT_EQ(policy.properties.at("incrementalPeriods"), "32");
  EXPECT_EQ(policy.properties.at("incrementalGranularity"), "day");
  EXPECT_EQ(policy.properties.at("sourceExpression"), partition.properties.at("source"));
  // A user's latest day moves on, so a part of that table alone would keep him on the old one.
  EXPECT_THAT(Find(model, "table", "Returning user").All("refreshPolicy"), ElementsAre());
  EXPECT_THAT(Find(model, "expression", "RangeStart").expression,
              HasSubstr("meta [IsParameterQuery=true, Type=\"DateTime\""));
  EXPECT_THAT(Find(model, "expression", "Server").expression,
              testing::StartsWith("\"db.example:5433\" meta ["));
}

TEST(PowerbiModel, AsksTheWarehouseEachTimeWithDirectQuery) {
  const TmdlObject model = Model(kSnowflake, Mode::kDirectQuery);
  const TmdlObject& facts = Find(model, "table", "Message outcome");
  EXPECT_EQ(Find(facts, "partition", "Message outcome").properties.at("mode"), "directQuery");
  EXPECT_EQ(Find(facts, "partition", "Message outcome").properties.at("source"),
            "let\n"
            "    Source = Snowflake.Databases(Server, Warehouse, [Implementation = \"2.0\"]),\n"
            "    Base = Source{[Name = Database, Kind = \"Database\"]}[Data],\n"
            "    Folder = Base{[Name = Schema, Kind = \"Schema\"]}[Data],\n"
            "    View = Folder{[Name = \"BI_FREE_TEXT\", Kind = \"View\"]}[Data]\n"
            "in\n"
            "    View\n");
  EXPECT_EQ(Find(facts, "column", "deflected").properties.at("sourceColumn"), "DEFLECTED");
  EXPECT_THAT(facts.All("refreshPolicy"), ElementsAre());
  const TmdlObject& date = Find(model, "table", "Date");
  EXPECT_EQ(Find(date, "partition", "Date").properties.at("mode"), "dual");
  for (const TmdlObject* expression : model.All("expression")) EXPECT_NE(expression->name, "RangeStart");
}

TEST(PowerbiFiles, NameTheConnectionWithoutASecret) {
  EXPECT_EQ(Pbids(kPostgres, Mode::kDirectQuery),
            "{\n"
            "  \"version\": \"0.1\",\n"
            "  \"connections\": [\n"
            "    {\n"
            "      \"details\": {\n"
            "        \"protocol\": \"postgresql\",\n"
            "        \"address\": {\n"
            "          \"server\": \"db.example:5433\",\n"
            "          \"database\": \"dwh\"\n"
            "        }\n"
            "      },\n"
            "      \"options\": {},\n"
            "      \"mode\": \"DirectQuery\"\n"
            "    }\n"
            "  ]\n"
            "}\n");
  EXPECT_THAT(Pbids(kSnowflake, Mode::kImport),
              AllOf(HasSubstr("\"protocol\": \"snowflake\""), HasSubstr("\"warehouse\": \"BI_XS\""),
                    HasSubstr("\"mode\": \"Import\"")));
  const Source sqlserver = {DestinationType::kSqlserver, "sql.example", "dwh", "data_api"};
  EXPECT_THAT(Pbids(sqlserver, Mode::kImport),
              AllOf(HasSubstr("\"protocol\": \"tds\""), HasSubstr("\"server\": \"sql.example\"")));
}

TEST(PowerbiFiles, BindAnEmptyReportToTheModel) {
  const Files report = ReportFiles("pg");
  EXPECT_THAT(report.at("pg.pbip"), HasSubstr("\"artifacts\": [{\"report\": {\"path\": \"pg.Report\"}}]"));
  EXPECT_THAT(report.at("pg.Report/definition.pbir"),
              HasSubstr("{\"byPath\": {\"path\": \"../pg.SemanticModel\"}}"));
  const Files model = ModelFiles("pg", kPostgres, Mode::kImport);
  EXPECT_EQ(model.count("pg.SemanticModel/definition.pbism"), 1);
  EXPECT_EQ(model.count("pg.SemanticModel/definition/tables/Date.tmdl"), 1);
  EXPECT_EQ(model.count("pg.SemanticModel/definition/database.tmdl"), 1);
}

TEST(PowerbiSource, IsWhatPowerBiCanReachAndWithoutTheLoadersRights) {
  DestinationConfig pg;
  pg.name = "pg";
  pg.type = DestinationType::kPostgres;
  pg.postgres.host = "db";
  pg.postgres.database = "dwh";
  pg.postgres.user = "loader";
  EXPECT_EQ(SourceOf(pg, "")->server, "db");
  EXPECT_EQ(SourceOf(pg, "db.example:6000")->server, "db.example:6000");
  pg.postgres.port = 5433;
  EXPECT_EQ(SourceOf(pg, "")->server, "db:5433");
  for (const auto& [path, text] : Tmdl(*SourceOf(pg, ""), Mode::kImport))
    EXPECT_THAT(text, Not(HasSubstr("loader")));
  pg.postgres.host = "::1";
  EXPECT_EQ(SourceOf(pg, "")->server, "[::1]:5433");
  pg.postgres.host = "/run/postgresql";
  EXPECT_THAT(SourceOf(pg, ""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("add --server HOST")));
  DestinationConfig snow;
  snow.type = DestinationType::kSnowflake;
  snow.snowflake.account = "xy1.eu-central-1";
  snow.snowflake.database = "lake";
  snow.snowflake.schema = "\"Prod\"";
  snow.snowflake.role = "LOADER";
  const auto source = SourceOf(snow, "");
  ASSERT_OK(source);
  EXPECT_EQ(source->server, "xy1.eu-central-1.snowflakecomputing.com");
  EXPECT_EQ(source->database, "LAKE");
  EXPECT_EQ(source->schema, "Prod");
  EXPECT_THAT(
      SourceOf(DestinationConfig(), ""),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Power BI has no connector for; fill a")));
  EXPECT_THAT(ParseMode("imprt"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean 'import'?")));
}

}  // namespace
}  // namespace penstock::metrics::powerbi
