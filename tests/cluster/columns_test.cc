// SPDX-License-Identifier: Apache-2.0
// Columns that a destination drops or hashes, changed while it holds rows; SQLite and a real PostgreSQL server.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "base/keyed_hash.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/destinations/postgres/postgres_server.h"

namespace penstock {
namespace {

constexpr char kUsers[] = "DATA_API_COPILOT_USERS";
const std::string kKey(kHashKeyBytes, 'k');

class ClusterColumns : public ClusterTest {
 protected:
  ClusterColumns() {
    DestinationConfig& postgres = config.destinations["postgres"];
    postgres.name = "postgres";
    postgres.source = "acme";
    postgres.type = DestinationType::kPostgres;
    postgres.postgres = server_.Config(schema_);
    WriteKey(kKey);
  }
  void WriteKey(const std::string& key) { WriteSecret(File("hash_key"), absl::BytesToHexString(key)); }
  // Of both: drop each user's address, hash the last names.
  void SetColumns() {
    for (auto& [name, destination] : config.destinations) {
      destination.columns.drop = {{Endpoint::kUsers, "EMAIL_ADDR", "p.yaml:1: key 'drop'"}};
      destination.columns.hash = {{Endpoint::kUsers, "LAST_NAME", "p.yaml:1: key 'hash'"}};
      destination.columns.hash_key_file = File("hash_key");
    }
  }
  void DropColumns() {
    for (auto& [name, destination] : config.destinations) destination.columns = {};
  }
  // A coordinator and a worker with the configuration of now, until both destinations are full.
  void LoadAndStop(bool fetch = false) {
    StartCoordinator();
    const uint64_t job = fetch ? Backfill() : 0;
    const size_t worker = StartWorker();
    if (fetch) AwaitJob(job);
    AwaitLoaded();
    for (const auto& [name, verification] : Verify({"postgres", "warehouse"})) {
      EXPECT_EQ(verification.state(), v1::Verification::DONE) << verification.DebugString();
      for (const v1::TableComparison& table : verification.tables())
        EXPECT_EQ(table.same(), table.rows()) << name << table.DebugString();
    }
    DrainWorker(worker);
    StopCoordinator();
  }
  // Everything that each warehouse holds of users, a row a line.
  std::vector<std::string> UsersIn(const std::string& name) {
    const auto rows = name == "postgres"
                          ? server_.Query(absl::StrCat("SELECT u::text FROM ", schema_, ".", kUsers, " u"))
                          : destinations::QuerySql(warehouse(), absl::StrCat("SELECT * FROM ", kUsers));
    std::vector<std::string> lines;
    for (const auto& row : rows) lines.push_back(absl::StrJoin(row, "|"));
    EXPECT_FALSE(lines.empty());
    return lines;
  }
  size_t UsersWith(const std::string& name, const std::string& text) {
    size_t found = 0;
    for (const std::string& line : UsersIn(name)) found += absl::StrContains(line, text);
    return found;
  }
  // In the bytes of the SQLite file and what lies beside it, free pages included.
  bool FileHolds(const std::string& text) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(warehouse()).parent_path())) {
      const std::string path = entry.path().string();
      if (!absl::StartsWith(path, warehouse())) continue;
      std::ifstream file(path, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      if (absl::StrContains(bytes, text)) return true;
    }
    return false;
  }
  std::vector<std::vector<std::string>> LastNames(const std::string& name) {
    const std::string select = "SELECT USER_RECORD_ID, LAST_NAME FROM ";
    return name == "postgres"
               ? server_.Query(absl::StrCat(select, schema_, ".", kUsers, " ORDER BY 1"))
               : destinations::QuerySql(warehouse(), absl::StrCat(select, kUsers, " ORDER BY 1"));
  }
  static std::vector<std::vector<std::string>> Hashed(std::vector<std::vector<std::string>> names,
                                                      const std::string& key) {
    for (auto& row : names) {
      if (row[1] != "<null>") row[1] = KeyedHash(key, row[1]);
    }
    return names;
  }

  destinations::PostgresServer& server_ = destinations::PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
};

TEST_F(ClusterColumns, WhatIsDroppedLaterIsGoneFromRowsThatWereThereAndNoRequestIsSpent) {
  StartSandbox();
  LoadAndStop(/*fetch=*/true);
  const uint64_t requests = sandbox().report().requests();
  const auto names = LastNames("warehouse");
  EXPECT_EQ(names, LastNames("postgres"));
  for (const char* name : {"warehouse", "postgres"}) EXPECT_GT(UsersWith(name, "@example.com"), 0u);
  EXPECT_TRUE(FileHolds("@example.com"));

  SetColumns();
  LoadAndStop();
  for (const char* name : {"warehouse", "postgres"}) {
    EXPECT_EQ(UsersWith(name, "@example.com"), 0u) << "the copies in the external ids are gone too";
    EXPECT_EQ(LastNames(name), Hashed(names, kKey));
  }
  EXPECT_FALSE(FileHolds("@example.com"));
  EXPECT_EQ(sandbox().report().requests(), requests);
}

TEST_F(ClusterColumns, AnotherKeyHashesEveryRowAnewAndWithoutRulesAllComesBack) {
  SetColumns();
  StartSandbox();
  LoadAndStop(/*fetch=*/true);
  const auto first = LastNames("warehouse");
  EXPECT_EQ(UsersWith("warehouse", "@example.com"), 0u);

  const std::string other(kHashKeyBytes, 'l');
  WriteKey(other);
  LoadAndStop();
  const auto second = LastNames("warehouse");
  EXPECT_EQ(second, LastNames("postgres"));

  DropColumns();
  LoadAndStop();
  const auto names = LastNames("warehouse");
  EXPECT_EQ(first, Hashed(names, kKey));
  EXPECT_EQ(second, Hashed(names, other));
  StartCoordinator();
  ExpectExact();
}

TEST_F(ClusterColumns, WithoutItsKeyADestinationIsGivenNothing) {
  SetColumns();
  ASSERT_EQ(unlink(File("hash_key").c_str()), 0);
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitJob(job);
  AwaitThat("both say what is missing", [](const v1::SourceStatus& status) {
    return std::all_of(
        status.destinations().begin(), status.destinations().end(),
        [](const auto& destination) { return absl::StrContains(destination.failure(), "hash_key"); });
  });
  const v1::SourceStatus status = Status();
  for (const v1::Destination& destination : status.destinations()) EXPECT_EQ(destination.loaded(), 0u);
}

}  // namespace
}  // namespace penstock
