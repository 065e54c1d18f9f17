// SPDX-License-Identifier: Apache-2.0
// The main job without trouble: everything lands, exactly once, exactly as served.
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Landing : public ClusterTest {};

TEST_F(Landing, AllFiveEndpointsLandCompleteAndExact) {
  const v1::Job job = RunToTheEnd();
  EXPECT_EQ(job.parked_windows(), 0u);
  EXPECT_EQ(job.counts().quarantined(), 0u);
  EXPECT_GT(Truth(Endpoint::kPluginResources).size(), 1000u);
  ExpectExact();
}

TEST_F(Landing, UserIdsBeyond64BitsAndNullsKeepTheirSpelling) {
  serve.synthetic.reset();
  serve.records[Endpoint::kUsers] =
      R"({"value":[{"id":"9223372036854775808","first_name":null,"last_updated_time":"2026-03-01T00:00:00.000Z"},
          {"id":"00000000000000000000007", "email_addr" : "a@b.c","last_updated_time":"2026-03-01T00:00:00.000Z"}]})";
  serve.records[Endpoint::kConversations] =
      R"({"value":[{"id":"c","user_id":170141183460469231731687303715884105728,
          "created_time":"2026-03-01T00:00:00.000Z","last_updated_time":"2026-03-01T00:00:00.000Z"}]})";
  RunToTheEnd();
  ExpectExact({Endpoint::kUsers, Endpoint::kConversations});
  EXPECT_EQ(
      destinations::QuerySql(warehouse(), "SELECT USER_RECORD_ID FROM DATA_API_COPILOT_CONVERSATIONS")[0][0],
      "170141183460469231731687303715884105728");
  EXPECT_EQ(
      destinations::QuerySql(
          warehouse(), "SELECT USER_RECORD_ID, FIRST_NAME FROM DATA_API_COPILOT_USERS ORDER BY 1 DESC")[0],
      (std::vector<std::string>{"9223372036854775808", "<null>"}));
}

TEST_F(Landing, ARecordOfManyMegabytesReachesAWorkerInAnotherProcess) {
  serve.synthetic.reset();
  const std::string text(6 << 20, 'x');
  serve.records[Endpoint::kInteractions] = absl::StrCat(
      R"({"value":[{"id":"i","created_time":"2026-03-01T00:00:00.000Z",)",
      R"("last_updated_time":"2026-03-01T00:00:00.000Z","detail":{"content":")", text, R"("}}]})");
  RunToTheEnd();
  ExpectExact({Endpoint::kInteractions});
}

class UnknownFields : public ClusterTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(UnknownFields, AreKeptInTheStoreAndInExtra) {
  serve.faults = {GetParam()};
  RunToTheEnd();
  size_t with_field = 0;
  for (Endpoint endpoint : kAllEndpoints) {
    const Records truth = Truth(endpoint);
    for (const auto& [id, raw] : MinifiedAll(Stored(endpoint))) {
      // The sandbox puts the new field in front of the others.
      const bool has_field = absl::StartsWith(raw, R"({"a_new_field":)");
      with_field += has_field;
      ASSERT_TRUE(has_field ? absl::EndsWith(raw, truth.at(id).substr(1)) : raw == truth.at(id)) << raw;
    }
    EXPECT_EQ(Stored(endpoint).size(), truth.size());
    ExpectSqliteEqualsStore(endpoint);
  }
  EXPECT_GT(with_field, 5u);
  EXPECT_THAT(
      destinations::QuerySql(warehouse(), "SELECT 1 FROM DATA_API_PLUGIN_CALLS WHERE EXTRA IS NOT NULL"),
      ::testing::Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(Faults, UnknownFields, ::testing::Values("extra-field", "odd-text"),
                         [](const auto& info) {
                           return info.param == "odd-text" ? std::string("OddText") : std::string("NewField");
                         });

TEST_F(Landing, TheSameBackfillAgainWritesNoRowNoChangeNumberAndNothingInSqlite) {
  const v1::Job first = RunToTheEnd();
  const uint64_t last_change = Status().last_change();
  const auto before = Dump();

  const v1::Job second = AwaitJob(Backfill());
  AwaitLoaded();
  EXPECT_NE(second.number(), first.number());
  EXPECT_EQ(second.counts().identical(), second.counts().fetched());
  EXPECT_GE(second.counts().fetched(), first.counts().inserted());
  EXPECT_EQ(Status().last_change(), last_change);
  const auto after = Dump();
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) ASSERT_EQ(after[i], before[i]);
}

TEST_F(Landing, ARangeBringsThatRangeAndAllUsers) {
  StartSandbox();
  StartCoordinator();
  AwaitJob([&] {
    const uint64_t job = Backfill({Endpoint::kUsers, Endpoint::kPluginCalls});
    StartWorker();
    return job;
  }());
  AwaitLoaded();
  ExpectExact({Endpoint::kUsers, Endpoint::kPluginCalls});
  EXPECT_THAT(Stored(Endpoint::kConversations), IsEmpty());
}

TEST_F(Landing, TheBudgetIsKeptAgainstALimiterAsStrict) {
  constexpr uint32_t kPerMinute = 1200;
  constexpr uint32_t kBurst = 5;
  serve.per_minute = kPerMinute;
  source().budget = {kPerMinute, kPerMinute};
  const Moment start = SystemClock().Now();
  RunToTheEnd();
  const absl::Duration took = SystemClock().Now().boot - start.boot;
  const sandbox::Report report = sandbox().report();
  EXPECT_EQ(report.limited, 0u);
  EXPECT_LE(report.most_in_60s, kPerMinute);
  EXPECT_GT(report.requests(), 40u);
  EXPECT_GE(took, (report.requests() - kBurst) * absl::Minutes(1) / kPerMinute);
  ExpectExact();
}

TEST_F(Landing, ASecondCoordinatorOnTheSameStateIsRefusedAndNamesTheHolder) {
  StartSandbox();
  StartCoordinator();
  coordinator::ServerOptions options;
  options.state = config.state;
  EXPECT_THAT(coordinator::Server::Start(config, options, clock, SystemRandom()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(absl::StrCat("pid ", getpid()))));
}

// The responses that the vendor publishes are no part of this project.
class PublishedSamples : public ClusterTest {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("PENSTOCK_SAMPLES");
    if (folder == nullptr)
      GTEST_SKIP() << "set PENSTOCK_SAMPLES to the folder of the published sample responses";
    serve.synthetic.reset();
    serve.data_folder = folder;
  }
  Records Published(Endpoint endpoint) const {
    std::ifstream file(absl::StrCat(serve.data_folder, "/", Name(endpoint), ".json"));
    return RecordsOf(std::string(std::istreambuf_iterator<char>(file), {}));
  }
};

TEST_F(PublishedSamples, LandTokenForToken) {
  RunToTheEnd();
  const std::map<Endpoint, size_t> counts = {{Endpoint::kConversations, 143},
                                             {Endpoint::kInteractions, 597},
                                             {Endpoint::kPluginCalls, 384},
                                             {Endpoint::kPluginResources, 3064},
                                             {Endpoint::kUsers, 20}};
  for (const auto& [endpoint, count] : counts) {
    SCOPED_TRACE(std::string(Name(endpoint)));
    const Records stored = MinifiedAll(Stored(endpoint));
    EXPECT_THAT(stored, SizeIs(count));
    EXPECT_THAT(Differences(stored, Published(endpoint)), IsEmpty());
  }
  ExpectExact();
}

}  // namespace
}  // namespace penstock
