// SPDX-License-Identifier: Apache-2.0
// A person is forgotten while everything runs: the store, SQLite and a real PostgreSQL server, and what comes after.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/person_fields.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/destinations/postgres/postgres_server.h"

namespace penstock {
namespace {

class ClusterForget : public ClusterTest {
 protected:
  ClusterForget() {
    DestinationConfig& postgres = config.destinations["postgres"];
    postgres.name = "postgres";
    postgres.source = "acme";
    postgres.type = DestinationType::kPostgres;
    postgres.postgres = server_.Config(schema_);
  }
  static bool IsHers(Endpoint endpoint, const std::string& id, const std::string& raw,
                     const std::string& user) {
    return endpoint == Endpoint::kUsers ? id == user : coordinator::ReadPersonFields(raw).user == user;
  }
  // The stored user with the most conversations.
  std::string Somebody() {
    std::map<std::string, size_t> conversations;
    for (const auto& [id, raw] : Stored(Endpoint::kConversations))
      ++conversations[coordinator::ReadPersonFields(raw).user];
    const Records users = Stored(Endpoint::kUsers);
    std::string most;
    for (const auto& [user, count] : conversations) {
      if (users.count(user) > 0 && (most.empty() || count > conversations[most])) most = user;
    }
    EXPECT_FALSE(most.empty());
    return most;
  }
  static std::string CountOf(Endpoint endpoint, const std::string& schema, const std::string& user) {
    return absl::StrCat("SELECT COUNT(*) FROM ", schema, destinations::GuideTable(endpoint).name,
                        " WHERE USER_RECORD_ID = '", user, "'");
  }
  std::string InSqlite(Endpoint endpoint, const std::string& user) {
    return destinations::QuerySql(warehouse(), CountOf(endpoint, "", user))[0][0];
  }
  std::string InPostgres(Endpoint endpoint, const std::string& user) {
    return server_.Query(CountOf(endpoint, schema_ + ".", user))[0][0];
  }
  // The store holds what the source serves without her, counts all of it, and both warehouses hold what the store does.
  void ExpectForgotten(const std::string& user, uint64_t counted) {
    for (Endpoint endpoint : kAllEndpoints) {
      SCOPED_TRACE(std::string(Name(endpoint)));
      Records expected = Truth(endpoint);
      const size_t all = expected.size();
      std::erase_if(expected,
                    [&](const auto& record) { return IsHers(endpoint, record.first, record.second, user); });
      EXPECT_LT(expected.size(), all) << "she has records of every kind";
      EXPECT_THAT(Differences(MinifiedAll(Stored(endpoint)), expected), ::testing::IsEmpty());
      ExpectSqliteEqualsStore(endpoint);
      EXPECT_EQ(InSqlite(endpoint, user), "0");
      EXPECT_EQ(InPostgres(endpoint, user), "0");
    }
    EXPECT_EQ(Status().rows() + Status().quarantined(), counted);
    for (const auto& [name, verification] : Verify({"postgres", "warehouse"})) {
      EXPECT_EQ(verification.state(), v1::Verification::DONE) << verification.DebugString();
      for (const v1::TableComparison& table : verification.tables())
        EXPECT_EQ(table.same(), table.rows()) << name << table.DebugString();
    }
  }

  destinations::PostgresServer& server_ = destinations::PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
};

TEST_F(ClusterForget, APersonGoesEverywhereAndNothingThatIsReadLaterBringsThemBack) {
  RunToTheEnd();
  const std::string user = Somebody();
  EXPECT_NE(InSqlite(Endpoint::kConversations, user), "0");
  EXPECT_NE(InPostgres(Endpoint::kConversations, user), "0");
  const uint64_t counted = Status().rows() + Status().quarantined();
  const uint64_t number = Forget(user).number();
  const v1::Erasure erasure = AwaitErasure(number, [](const auto& seen) { return seen.has_finished(); });
  EXPECT_EQ(erasure.rows_size(), 5);
  AwaitLoaded();
  ExpectForgotten(user, counted);

  // Everything once more, and a sync.
  const v1::Job again = AwaitJob(Backfill());
  EXPECT_EQ(again.counts().inserted(), 0u);
  EXPECT_EQ(again.counts().updated(), 0u);
  EXPECT_GT(again.counts().identical(), 0u);
  AwaitJob(SyncNow());
  AwaitLoaded();
  ExpectForgotten(user, counted);
}

TEST_F(ClusterForget, AWarehouseThatIsDownIsTakenCareOfAfterARestart) {
  RunToTheEnd();
  const std::string user = Somebody();
  const uint64_t counted = Status().rows() + Status().quarantined();
  server_.Stop();
  const uint64_t number = Forget(user).number();
  const auto why = [](const v1::Erasure& erasure, const std::string& name) {
    for (const v1::ErasureWait& wait : erasure.destinations()) {
      if (wait.destination() == name) return wait.why();
    }
    return std::string("not named");
  };
  AwaitErasure(number, [&](const v1::Erasure& erasure) {
    return erasure.has_erased_here() && why(erasure, "warehouse").empty() &&
           absl::StrContains(why(erasure, "postgres"), "start the server");
  });
  EXPECT_EQ(InSqlite(Endpoint::kConversations, user), "0");

  DrainWorker(0);
  StopCoordinator();
  StartCoordinator();
  StartWorker();
  server_.Start();
  clock.Skip(absl::Seconds(10));
  AwaitErasure(number, [](const auto& erasure) { return erasure.has_finished(); });
  AwaitLoaded();
  ExpectForgotten(user, counted);
}

TEST_F(ClusterForget, APersonIsForgottenWhileTheirRecordsAreStillRead) {
  serve.first_byte = absl::Milliseconds(20);
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("some conversations are there", [&](const auto&) {
    const Records users = Stored(Endpoint::kUsers);
    const Records conversations = Stored(Endpoint::kConversations);
    return std::any_of(conversations.begin(), conversations.end(), [&](const auto& record) {
      return users.count(coordinator::ReadPersonFields(record.second).user) > 0;
    });
  });
  const std::string user = Somebody();
  const uint64_t number = Forget(user).number();
  AwaitErasure(number, [](const auto& erasure) { return erasure.has_erased_here(); });
  AwaitJob(job);
  AwaitErasure(number, [](const auto& erasure) { return erasure.has_finished(); });
  AwaitLoaded();
  uint64_t served = 0;
  for (Endpoint endpoint : kAllEndpoints) served += Truth(endpoint).size();
  ExpectForgotten(user, served);
}

}  // namespace
}  // namespace penstock
