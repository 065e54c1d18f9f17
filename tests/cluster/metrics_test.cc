// SPDX-License-Identifier: Apache-2.0
// Metrics the whole way: asked of the coordinator, computed by a worker in a warehouse that was really loaded, and
// compared with straight loops over the records of the store.
#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/metrics/loops.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;

class ClusterMetrics : public ClusterTest {
 protected:
  metrics::PlainRecords StoredPlain() {
    metrics::RawRecords raw;
    for (Endpoint endpoint : kAllEndpoints) {
      for (const auto& [id, record] : Stored(endpoint)) raw[endpoint].push_back(record);
    }
    return metrics::ReadPlain(raw);
  }

  // Everything that was ever said, in the total.
  v1::Query Question(const std::string& metric, const std::string& group = "") {
    v1::Query query;
    v1::MetricQuestion& question = *query.mutable_metric();
    question.set_metric(metric);
    question.set_from("2020-01-01");
    question.set_to("2029-01-01");
    question.set_by("total");
    question.set_group(group);
    return query;
  }

  static int64_t Millis(const std::string& day) {
    absl::CivilDay civil;
    EXPECT_TRUE(absl::ParseCivilTime(day, &civil));
    return absl::ToUnixMillis(absl::FromCivil(civil, absl::UTCTimeZone()));
  }

  void ExpectAgrees(const metrics::PlainRecords& records, const std::string& metric, bool guide,
                    const std::string& group = "") {
    v1::Query query = Question(metric, group);
    query.mutable_metric()->set_guide(guide);
    const auto answer = Ask(query);
    ASSERT_OK(answer);
    const metrics::Loops loops(records, {}, absl::UTCTimeZone(), Millis("2020-01-01"), Millis("2029-01-01"),
                               group);
    metrics::NumbersByGroup expected = loops.Compute(metric, guide);
    double sum = 0;
    for (const v1::QueryAnswer& piece : *answer) {
      for (const v1::QueryRow& row : piece.rows()) {
        const v1::QueryHeader& header = answer->front().header();
        std::vector<std::string> groups;
        int at = 1;
        for (; header.columns(at).kind() == v1::QueryColumn::GROUP; ++at)
          groups.push_back(row.values(at).text());
        const metrics::Numbers& numbers = expected[groups];
        EXPECT_EQ(row.values(at + 1).number(), numbers.numerator) << metric;
        EXPECT_EQ(row.values(at + 2).number(), numbers.denominator.value_or(0)) << metric;
        sum += row.values(at + 1).number();
        expected.erase(groups);
      }
    }
    for (const auto& [groups, numbers] : expected)
      EXPECT_EQ(numbers.numerator, 0) << metric << " lacks a group";
    EXPECT_GT(sum, 0) << metric << ": a tenant in which nothing happens proves nothing";
  }
};

TEST_F(ClusterMetrics, WhatAWorkerComputesIsWhatIsInTheStore) {
  RunToTheEnd();
  const metrics::PlainRecords records = StoredPlain();
  for (const bool guide : {false, true}) {
    ExpectAgrees(records, "active_users", guide);
    ExpectAgrees(records, "conversations_by_route", guide);
    ExpectAgrees(records, "deflections", guide);
  }
  ExpectAgrees(records, "active_users", false, "language");
}

TEST_F(ClusterMetrics, AWrongWordComesBackAsAUsersMistake) {
  RunToTheEnd();
  const auto wrong = Ask(Question("deflection"));
  EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("did you mean 'deflections'?")));
  v1::Query nowhere = Question("deflections");
  nowhere.set_destination("warehose");
  EXPECT_THAT(Ask(nowhere), StatusIs(absl::StatusCode::kNotFound, HasSubstr("did you mean 'warehouse'?")));
}

TEST_F(ClusterMetrics, ViewsAreInstalledByTheWorkerAndGiveTheSameNumber) {
  RunToTheEnd();
  v1::Query install;
  install.mutable_install();
  const auto installed = Ask(install);
  ASSERT_OK(installed);
  EXPECT_GT(installed->front().rows_size(), 20);
  const auto answer = Ask(Question("deflections"));
  ASSERT_OK(answer);
  const v1::QueryRow& total = answer->front().rows(0);
  EXPECT_EQ(destinations::QuerySql(warehouse(), "SELECT SUM(deflected), COUNT(*) FROM V_FREE_TEXT"),
            (std::vector<std::vector<std::string>>{
                {absl::StrCat(total.values(2).number()), absl::StrCat(total.values(3).number())}}));
}

TEST_F(ClusterMetrics, AnotherWorkerAnswersWhenOneStops) {
  RunToTheEnd();
  const size_t second = StartWorker();
  DrainWorker(second);
  EXPECT_OK(Ask(Question("active_users")));
}

}  // namespace
}  // namespace penstock
