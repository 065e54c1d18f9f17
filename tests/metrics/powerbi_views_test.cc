// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "metrics/catalogue.h"
#include "metrics/powerbi/measures.h"
#include "metrics/powerbi/tables.h"
#include "metrics/powerbi/views.h"
#include "metrics/views.h"
#include "tests/fakes/status_matchers.h"
#include "tests/metrics/metrics_warehouse.h"
#include "tests/metrics/odd_tenant.h"

namespace penstock::metrics::powerbi {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr char kZone[] = "Europe/Berlin";
// Weeks of the tenant (odd_tenant.h).
constexpr char kFrom[] = "2026-03-02";
constexpr char kTo[] = "2026-03-23";

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

class PowerbiViews : public ::testing::TestWithParam<destinations::WarehouseKind> {
 protected:
  void Install(const std::string& zone, const Values& own = {}) {
    for (const std::string& statement : ViewStatements(warehouse_.dialect(), own))
      warehouse_.Execute(statement);
    // Twice: what is there is put in place again.
    for (int i = 0; i < 2; ++i) {
      for (const std::string& statement : BiViewStatements(warehouse_.dialect(), Zone(zone), own)) {
        warehouse_.Execute(statement);
      }
    }
  }
  // Eighty views and their queries take minutes there. The first test asks every one that facts are joined with.
  bool slow() const { return GetParam().name == "Snowflake"; }
  std::string View(const std::string& relation) const {
    return warehouse_.dialect().Bookkeeping(BiViewName(relation));
  }

  MetricsWarehouse warehouse_{GetParam()};
};

// What DAX does with a term, in SQL.
std::string TermSql(const Term& term) {
  switch (term.how) {
    case Term::How::kRows:
      return "count(*)";
    case Term::How::kSum:
      return absl::StrCat("coalesce(sum(", term.column, "), 0)");
    case Term::How::kDistinct:
      return absl::StrCat("count(DISTINCT ", term.column, ")");
  }
  ADD_FAILURE() << "another kind of term";
  return "";
}

// The measures of a metric that are sums of its own rows: numerator, denominator, and what stands beside.
std::vector<const Measure*> Sums(const Metric& metric, const Table& table) {
  std::vector<const Measure*> sums;
  for (const Measure& measure : table.measures) {
    const bool own = measure.name == metric.title || absl::StartsWith(measure.name, metric.title + ": ");
    if (own && !measure.terms.empty() && !absl::EndsWith(measure.name, ": unattributed"))
      sums.push_back(&measure);
  }
  return sums;
}

// Week and group -> each measure.
using Numbers = std::map<std::vector<std::string>, std::vector<int64_t>>;

// As Power BI asks: facts and days joined over their relationship, grouped by what the days know.
std::string AsPowerBiAsks(const Metric& metric, const std::vector<const Measure*>& sums,
                          const std::string& facts, const std::string& days) {
  std::string groups = "CAST(d.week_start AS varchar(10))";
  if (!metric.breakdown.name.empty()) absl::StrAppend(&groups, ", f.", metric.breakdown.name);
  std::string values;
  for (const Measure* sum : sums) {
    absl::StrAppend(&values, ", ", absl::StrJoin(sum->terms, " + ", [](std::string* out, const Term& term) {
      absl::StrAppend(out, TermSql(term));
    }));
  }
  return absl::StrCat("SELECT ", groups, values, " FROM ", facts, " f JOIN ", days,
                      " d ON d.local_date = f.local_date WHERE d.local_date >= '", kFrom,
                      "' AND d.local_date < '", kTo, "' GROUP BY ", groups);
}

Numbers Given(const TextRows& rows, size_t sums) {
  Numbers given;
  for (const auto& row : rows) {
    std::vector<std::string> key;
    std::vector<int64_t> numbers;
    for (const auto& cell : row) {
      if (key.size() + sums < row.size()) {
        key.push_back(cell.value_or("null"));
      } else {
        EXPECT_TRUE(absl::SimpleAtoi(cell.value_or("null"), &numbers.emplace_back())) << *cell;
      }
    }
    given[key] = numbers;
  }
  return given;
}

Numbers Expected(const Metric& metric, const Answer& answer) {
  Numbers expected;
  for (const Cell& cell : answer.cells) {
    if (cell.period == kTotal) continue;
    std::vector<std::string> key = {cell.period};
    key.insert(key.end(), cell.groups.begin(), cell.groups.end());
    std::vector<int64_t>& numbers = expected[key];
    numbers.push_back(std::llround(cell.numerator));
    if (cell.denominator.has_value()) numbers.push_back(std::llround(*cell.denominator));
    for (size_t i = 0; i < cell.beside.size(); ++i) {
      // A median is a rank, not a sum.
      if (absl::EndsWith(metric.corrected.beside[i].name, "_ms")) continue;
      numbers.push_back(cell.beside[i].value_or(0));
    }
  }
  return expected;
}

// Weeks in which nothing happened are 0 in one and absent in the other.
void DropZeros(Numbers* numbers) {
  for (auto each = numbers->begin(); each != numbers->end();) {
    const bool zeros =
        std::all_of(each->second.begin(), each->second.end(), [](int64_t n) { return n == 0; });
    each = zeros ? numbers->erase(each) : std::next(each);
  }
}

// Each measure in each week and group is what its metric gives. How many numbers there were.
size_t CompareAll(MetricsWarehouse& warehouse, const Values& own) {
  size_t compared = 0;
  for (const Metric& metric : AllMetrics()) {
    if (!WhyNoMeasure(metric).empty()) continue;
    SCOPED_TRACE(metric.name);
    Question question = {.name = metric.name, .from = kFrom, .to = kTo, .zone = kZone, .by = "week"};
    question.own = own;
    for (const MetricParameter& known : ParametersOf(metric)) {
      if (known.parameter->name == "top") question.parameters["top"] = "3650";
    }
    const auto request = MakeRequest(question);
    EXPECT_OK(request);
    if (!request.ok()) continue;
    const auto table = std::find_if(Tables().begin(), Tables().end(), [&](const Table& each) {
      return each.relation == metric.corrected.facts;
    });
    const std::vector<const Measure*> sums = Sums(metric, *table);
    const Dialect& dialect = warehouse.dialect();
    Numbers given =
        Given(warehouse.Query(AsPowerBiAsks(metric, sums, dialect.Bookkeeping(BiViewName(table->relation)),
                                            dialect.Bookkeeping(BiViewName("date")))),
              sums.size());
    Numbers expected = Expected(metric, warehouse.Run(*request));
    DropZeros(&given);
    DropZeros(&expected);
    EXPECT_EQ(given, expected);
    compared += given.size();
  }
  return compared;
}

TEST_P(PowerbiViews, GiveEachMeasureWhatItsMetricGivesInEachWeekAndGroup) {
  warehouse_.Load(OddTenant(5, 240));
  Install(kZone);
  EXPECT_GT(CompareAll(warehouse_, {}), 100U);
}

TEST_P(PowerbiViews, CountWhatACompanyCounts) {
  if (slow()) GTEST_SKIP() << "its SQL is the same";
  warehouse_.Load(OddTenant(6, 120));
  const Values own = {{"ticket_forms", {"Edit request"}},
                      {"exclude_routes", {"DM"}},
                      {"knowledge_plugins", {"Enterprise Search"}}};
  Install(kZone, own);
  EXPECT_GT(CompareAll(warehouse_, own), 50U);
}

TEST_P(PowerbiViews, HaveTheColumnsOfTheirTablesAndNoOther) {
  if (slow()) GTEST_SKIP() << "its SQL is the same";
  Install("UTC");
  for (const Table& table : Tables()) {
    std::vector<std::string> names;
    for (const Column& column : table.columns) names.push_back(column.name);
    // One that the view lacks fails; one too many makes the rows longer.
    warehouse_.Query(absl::StrCat("SELECT ", absl::StrJoin(names, ", "), " FROM ", View(table.relation)));
    const auto counted =
        warehouse_.Query(absl::StrCat("SELECT one.*, 1 AS end_of_row FROM (SELECT 1 AS x) o LEFT JOIN ",
                                      View(table.relation), " one ON 1 = 0"));
    ASSERT_THAT(counted, SizeIs(1));
    EXPECT_THAT(counted[0], SizeIs(names.size() + 1)) << table.title;
  }
}

TEST_P(PowerbiViews, CountTheDaysOfAnyZoneOverEveryClockChange) {
  if (slow()) GTEST_SKIP() << "its SQL is the same";
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
                           "America/Sao_Paulo", "Atlantic/Azores", "Pacific/Apia"}) {
    const absl::TimeZone zone = Zone(name);
    std::vector<std::string> days, expected;
    absl::Time at = absl::FromCivil(absl::CivilDay(2016, 1, 1), zone);
    for (absl::TimeZone::CivilTransition change; zone.NextTransition(at, &change) && days.size() < 200;) {
      at = zone.At(change.to).trans;
      // The instants around the change, and those around the midnights beside it.
      for (const absl::Time edge : {at, absl::FromCivil(absl::CivilDay(zone.At(at).cs), zone),
                                    absl::FromCivil(absl::CivilDay(zone.At(at).cs) + 1, zone)}) {
        for (const int64_t ms : {absl::ToUnixMillis(edge) - 1, absl::ToUnixMillis(edge)}) {
          const absl::CivilDay day(zone.At(absl::FromUnixMillis(ms)).cs);
          days.push_back(
              absl::StrCat("CAST(",
                           warehouse_.dialect().Date(LocalDay(
                               warehouse_.dialect(), absl::StrCat("CAST(", ms, " AS bigint)"), zone)),
                           " AS varchar(10))"));
          expected.push_back(absl::FormatCivilTime(day));
        }
      }
      if (at > absl::FromCivil(absl::CivilYear(2028), zone)) break;
    }
    if (days.empty()) continue;
    const auto rows = warehouse_.Query(absl::StrCat("SELECT ", absl::StrJoin(days, ", ")));
    std::vector<std::string> found;
    for (const auto& cell : rows.at(0)) found.push_back(cell.value_or("null"));
    EXPECT_EQ(found, expected) << name;
  }
}

TEST_P(PowerbiViews, HaveEveryDayOfWholeYearsOnce) {
  if (slow()) GTEST_SKIP() << "its SQL is the same";
  const auto day = [](int month, int d) {
    return absl::FromCivil(absl::CivilDay(2026, month, d), absl::UTCTimeZone());
  };
  ASSERT_OK(warehouse_.destination().PutCoverage({{Endpoint::kConversations, day(3, 7), "settled", 1}}, {}));
  Install(kZone);
  const auto rows = warehouse_.Query(
      absl::StrCat("SELECT count(*), count(DISTINCT local_date), CAST(min(local_date) AS varchar(10)), "
                   "CAST(max(local_date) AS varchar(10)), min(year), max(year), min(time_zone) FROM ",
                   View("date")));
  EXPECT_THAT(rows,
              ElementsAre(ElementsAre("365", "365", "2026-01-01", "2026-12-31", "2026", "2026", kZone)));
  EXPECT_THAT(warehouse_.Query(absl::StrCat("SELECT CAST(week_start AS varchar(10)), "
                                            "CAST(month_start AS varchar(10)), weekday FROM ",
                                            View("date"), " WHERE local_date = '2026-03-01'")),
              ElementsAre(ElementsAre("2026-02-23", "2026-03-01", "7")));
}

TEST_P(PowerbiViews, CallALocalDaySettledWhenEachUtcDayOfItIs) {
  if (slow()) GTEST_SKIP() << "its SQL is the same";
  const auto day = [](int d) { return absl::FromCivil(absl::CivilDay(2026, 3, d), absl::UTCTimeZone()); };
  ASSERT_OK(warehouse_.destination().PutCoverage({{Endpoint::kInteractions, day(10), "settled", 1},
                                                  {Endpoint::kInteractions, day(11), "settled", 1},
                                                  {Endpoint::kInteractions, day(12), "provisional", 1},
                                                  {Endpoint::kUsers, day(12), "settled", 1}},
                                                 {}));
  Install(kZone);
  // In Berlin the 12th begins at 23:00 of the 11th, UTC.
  EXPECT_THAT(warehouse_.Query(absl::StrCat("SELECT endpoint, CAST(local_date AS varchar(10)), settled FROM ",
                                            View("coverage"), " ORDER BY local_date")),
              ElementsAre(ElementsAre("interactions", "2026-03-10", "1"),
                          ElementsAre("interactions", "2026-03-11", "1"),
                          ElementsAre("interactions", "2026-03-12", "0"),
                          ElementsAre("interactions", "2026-03-13", "0")));
}

INSTANTIATE_TEST_SUITE_P(AllSystems, PowerbiViews, ::testing::ValuesIn(AllKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace penstock::metrics::powerbi
