// SPDX-License-Identifier: Apache-2.0
// Destinations that are compared with the store, loaded again, or belong to another life of it; SQLite and a real
// PostgreSQL server side by side.
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "destinations/sqlite/sqlite_destination.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kConversations[] = "DATA_API_COPILOT_CONVERSATIONS";
const std::vector<std::string> kNames = {"postgres", "warehouse"};

class Upkeep : public ClusterTest {
 protected:
  Upkeep() {
    DestinationConfig destination;
    destination.name = "postgres";
    destination.source = "acme";
    destination.type = DestinationType::kPostgres;
    destination.postgres = server_.Config(schema_);
    config.destinations["postgres"] = destination;
  }
  // In both warehouses.
  void Execute(const std::string& sql) {
    destinations::ExecuteSql(warehouse(), sql);
    server_.Execute(absl::StrCat("SET search_path TO ", schema_, "; ", sql));
  }
  static v1::TableComparison Of(const v1::Verification& verification, v1::Endpoint endpoint) {
    for (const v1::TableComparison& table : verification.tables()) {
      if (table.endpoint() == endpoint) return table;
    }
    ADD_FAILURE() << verification.DebugString();
    return {};
  }
  void ExpectEqual(const std::vector<std::string>& names) {
    for (const auto& [name, verification] : Verify(names)) {
      EXPECT_EQ(verification.state(), v1::Verification::DONE) << verification.DebugString();
      for (const v1::TableComparison& table : verification.tables()) {
        EXPECT_EQ(table.same(), table.rows()) << name << table.DebugString();
        EXPECT_EQ(table.only_there(), 0u) << name << table.DebugString();
      }
    }
  }
  // A coordinator and a worker, until the endpoints are read and loaded.
  void CopyAndStop(const std::vector<Endpoint>& endpoints) {
    StartCoordinator();
    const uint64_t job = Backfill(endpoints);
    const size_t worker = StartWorker();
    AwaitJob(job);
    AwaitLoaded();
    head_ = Status().last_change();
    DrainWorker(worker);
    StopCoordinator();
  }
  void Replace(const std::string& from, const std::string& to) {
    fs::remove_all(to);
    fs::remove(from + "/penstock.sock");
    fs::copy(from, to, fs::copy_options::recursive);
  }

  destinations::PostgresServer& server_ = destinations::PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
  uint64_t head_ = 0;
};

TEST_F(Upkeep, AVerificationFindsWhatWasChangedByHandAndAResyncMendsIt) {
  RunToTheEnd();
  ExpectEqual(kNames);
  Execute(absl::StrCat("UPDATE ", kConversations,
                       " SET PRIMARY_DOMAIN = 'by hand' WHERE PENSTOCK_SEQ = (SELECT ",
                       "min(PENSTOCK_SEQ) FROM ", kConversations, ")"));
  Execute(absl::StrCat("DELETE FROM ", kConversations,
                       " WHERE PENSTOCK_SEQ = (SELECT max(PENSTOCK_SEQ) FROM ", kConversations, ")"));
  Execute(absl::StrCat("INSERT INTO ", kConversations, "(CONVERSATION_ID) VALUES('of another tool')"));
  for (const auto& [name, verification] : Verify(kNames)) {
    const v1::TableComparison table = Of(verification, v1::CONVERSATIONS);
    EXPECT_EQ(table.differ(), 1u) << name;
    EXPECT_EQ(table.missing(), 1u) << name;
    EXPECT_EQ(table.same(), table.rows() - 2) << name;
    EXPECT_EQ(table.only_there(), 1u) << name;
    EXPECT_EQ(table.differences_size(), 2) << name;
  }
  Execute(absl::StrCat("DELETE FROM ", kConversations, " WHERE CONVERSATION_ID = 'of another tool'"));
  const uint64_t requests = sandbox().report().requests();
  for (const std::string& name : kNames) Resync(name);
  AwaitLoaded();
  ExpectEqual(kNames);
  ExpectExact();
  EXPECT_EQ(sandbox().report().requests(), requests) << "the store has it all";
}

TEST_F(Upkeep, ARowThatWasSetAsideIsTriedAgainByAResync) {
  config.destinations.erase("postgres");
  ASSERT_OK(destinations::sqlite::SqliteDestination(warehouse(), SystemClock()).EnsureTables());
  for (Endpoint endpoint : kAllEndpoints) {
    const std::string& table = destinations::GuideTable(endpoint).name;
    destinations::ExecuteSql(warehouse(),
                             absl::StrCat("CREATE TRIGGER refuse_", table, " BEFORE INSERT ON ", table,
                                          " WHEN NEW.PENSTOCK_SEQ = 7 BEGIN SELECT RAISE(ABORT, 'not "
                                          "the seventh'); END"));
  }
  RunToTheEnd();
  ASSERT_EQ(Status().destinations(0).set_aside(), 1u);
  uint64_t set_aside = 0;
  const v1::Verification found = Verify({"warehouse"}).at("warehouse");
  for (const v1::TableComparison& table : found.tables()) set_aside += table.set_aside();
  EXPECT_EQ(set_aside, 1u);
  for (Endpoint endpoint : kAllEndpoints) {
    destinations::ExecuteSql(warehouse(),
                             absl::StrCat("DROP TRIGGER refuse_", destinations::GuideTable(endpoint).name));
  }
  Resync("warehouse");
  AwaitLoaded();
  EXPECT_EQ(Status().destinations(0).set_aside(), 0u);
  ExpectExact();
}

TEST_F(Upkeep, AWarehouseWithTheVendorsTablesHoldsTheSame) {
  config.destinations["postgres"].tables = TableNames::kVendor;
  RunToTheEnd();
  ExpectEqual({"postgres"});
  EXPECT_EQ(server_.Query(absl::StrCat("SELECT id, email_addr, penstock_seq FROM ", schema_,
                                       ".moveworks_users ORDER BY id")),
            destinations::QuerySql(
                warehouse(),
                "SELECT USER_RECORD_ID, EMAIL_ADDR, PENSTOCK_SEQ FROM DATA_API_COPILOT_USERS ORDER BY 1"));
}

TEST_F(Upkeep, OneThatCannotBeReachedSaysSo) {
  RunToTheEnd();
  server_.Stop();
  const v1::Verification verification = Verify({"postgres"}).at("postgres");
  server_.Start();
  EXPECT_EQ(verification.state(), v1::Verification::FAILED);
  EXPECT_EQ(verification.failure_kind(), v1::LoadFailure::UNREACHABLE);
  EXPECT_THAT(verification.failure(), HasSubstr("start the server"));
}

TEST_F(Upkeep, AnOlderCopyOfTheStoreThatIsPutBackIsNoticedEverywhere) {
  StartSandbox();
  CopyAndStop({Endpoint::kUsers});
  Replace(config.state, File("copy"));
  CopyAndStop({Endpoint::kConversations, Endpoint::kPluginCalls});
  Replace(File("copy"), config.state);

  CopyAndStop({});
  StartCoordinator();
  StartWorker();
  ExpectEqual(kNames);
  ExpectExact();
}

// The dangerous one: when the destinations are looked at, the copy has gone beyond what they hold, with other changes
// under the same numbers.
TEST_F(Upkeep, AnOlderCopyThatHasGoneOnSinceSkipsNothing) {
  StartSandbox();
  CopyAndStop({Endpoint::kUsers});
  Replace(config.state, File("copy"));
  CopyAndStop({Endpoint::kConversations, Endpoint::kPluginCalls});
  const uint64_t known = head_;
  Replace(File("copy"), config.state);

  const std::map<std::string, DestinationConfig> all = config.destinations;
  config.destinations.clear();
  CopyAndStop({Endpoint::kInteractions, Endpoint::kPluginResources});
  ASSERT_GT(head_, known);
  config.destinations = all;

  StartCoordinator();
  StartWorker();
  AwaitLoaded();
  for (const auto& [name, verification] : Verify(kNames)) {
    for (const v1::Endpoint endpoint : {v1::USERS, v1::INTERACTIONS, v1::PLUGIN_RESOURCES}) {
      const v1::TableComparison table = Of(verification, endpoint);
      EXPECT_GT(table.rows(), 100u) << name;
      EXPECT_EQ(table.same(), table.rows()) << name << table.DebugString();
    }
    EXPECT_GT(Of(verification, v1::CONVERSATIONS).only_there(), 0u) << "nothing is deleted";
  }
  for (Endpoint endpoint : {Endpoint::kUsers, Endpoint::kInteractions, Endpoint::kPluginResources}) {
    ExpectSqliteEqualsStore(endpoint);
  }
}

TEST_F(Upkeep, EachWarehouseHoldsTheCoverageOfTheDaysThatItsRowsAreOf) {
  RunToTheEnd();
  const std::string rows =
      "SELECT STATE, sum(ROW_COUNT) FROM PENSTOCK_COVERAGE WHERE ROW_COUNT > 0 GROUP BY STATE";
  const auto expect_whole = [&](const std::vector<std::vector<std::string>>& states) {
    uint64_t sum = 0;
    for (const auto& state : states) {
      EXPECT_NE(state[0], "missing");
      sum += std::stoull(state[1]);
    }
    EXPECT_EQ(sum, Status().rows());
  };
  expect_whole(destinations::QuerySql(warehouse(), rows));
  expect_whole(server_.Query(absl::StrCat("SET search_path TO ", schema_, "; ", rows)));
  EXPECT_THAT(
      destinations::QuerySql(warehouse(), "SELECT STATE FROM PENSTOCK_COVERAGE WHERE ENDPOINT = 'users'"),
      ElementsAre(ElementsAre("settled")));
  EXPECT_THAT(destinations::QuerySql(warehouse(), "SELECT DISTINCT ENDPOINT FROM PENSTOCK_COVERAGE"),
              SizeIs(5));
}

}  // namespace
}  // namespace penstock
