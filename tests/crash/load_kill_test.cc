// SPDX-License-Identifier: Apache-2.0
// A load is killed at random instants, over and over, by kill -9. In the end the warehouse is the same as one that was
// filled without a disturbance, and `destinations verify` agrees. PENSTOCK_CRASH_ROUNDS=100 is the long form, with a
// million rows: ./dev crash. PENSTOCK_CRASH_SEED changes the instants.
#include <signal.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "base/random.h"
#include "tests/crash/crash_fixture.h"
#include "tests/destinations/postgres/postgres_server.h"

namespace penstock {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr uint64_t kSeed = 20261122;
constexpr size_t kCompared = 20'000;  // rows at a time

uint64_t Seed() {
  const char* seed = std::getenv("PENSTOCK_CRASH_SEED");
  return seed == nullptr ? kSeed : std::strtoull(seed, nullptr, 10);
}

absl::Duration Now() { return SystemClock().Now().boot; }

// The columns whose values both systems print alike, the key first; JSON is left to `destinations verify`.
std::string Columns(const destinations::Table& table) {
  std::vector<std::string> names;
  for (const destinations::Column& column : table.columns) {
    if (column.type != destinations::ColumnType::kJson) names.push_back(column.name);
  }
  names.push_back(destinations::kSequenceColumn);
  return absl::StrJoin(names, ", ");
}

class LoadKill : public CrashTest {
 protected:
  void SetUp() override {
    SCOPED_TRACE("filling the store");
    const std::string big = IsLongForm() ? "days=10,users=3000,conversations=3500,seed=5"
                                         : "days=5,users=200,conversations=200,seed=5";
    sandbox_ =
        Start({"penstock-sandbox", "--synthetic", big, "--rpm", "0", "--page-size", "5000"}, "big.out");
    AwaitOutput("big.out", "/export/v1/records\n");
    const std::vector<std::string> lines = absl::StrSplit(Output("big.out"), '\n');
    const std::string url = lines[0].substr(std::string("listening on ").size());
    EndWell({"penstock", "run", "--source-url", url, "--rpm", "60000", "--state", state()}, "run.out");
    sandbox_->Signal(SIGTERM);
    sandbox_->Wait(absl::Seconds(10));
    // From here on there is no source any more.
    reference_time_ = EndWell(LoadCommand(Reference()), "reference.out");
    nothing_to_do_ = EndWell(LoadCommand(Reference()), "reference.out");
  }

  // How long it took.
  absl::Duration EndWell(std::vector<std::string> words, const std::string& output) {
    const absl::Duration began = Now();
    const std::optional<int> code = Start(std::move(words), output)->Wait(absl::Minutes(10));
    EXPECT_EQ(code, 0) << Output(output);
    return Now() - began;
  }
  std::string Reference() const { return absl::StrCat("sqlite:", File("reference.db")); }
  std::vector<std::string> LoadCommand(const std::string& destination) const {
    return {"penstock", "load", "--state", state(), "--destination", destination};
  }

  // Kills as many loads as the form asks for, then lets one end.
  void KillAndFill(const std::string& destination, const std::function<std::string()>& cursor) {
    SeededRandom random(Seed());
    const int rounds = CrashRounds(6);
    // A life does nothing at first; all of them together stay short of the whole load.
    const absl::Duration most = 2 * nothing_to_do_ + 1.2 * reference_time_ / rounds;
    int killed = 0, moved = 0;
    const absl::Duration began = Now();
    std::string at = cursor();
    for (int round = 0; round < rounds; ++round) {
      const auto load = Start(LoadCommand(destination), "load.out");
      const std::optional<int> ended = load->Wait(most * random.Fraction());
      if (ended.has_value()) {
        ASSERT_EQ(*ended, 0) << Output("load.out");
        continue;
      }
      load->Signal(SIGKILL);
      ASSERT_EQ(load->Wait(absl::Seconds(10)), 128 + SIGKILL);
      ++killed;
      const std::string now = cursor();
      moved += now != at;
      at = now;
    }
    EndWell(LoadCommand(destination), "load.out");
    std::cerr << "killed " << killed << " of " << rounds << " loads of " << rows_ << " rows, " << moved
              << " of them after a commit, in "
              << absl::FormatDuration(absl::Trunc(Now() - began, absl::Seconds(1))) << "; undisturbed "
              << absl::FormatDuration(absl::Trunc(reference_time_, absl::Milliseconds(1))) << "; seed "
              << Seed() << std::endl;
    EXPECT_GE(killed, rounds * 9 / 10);
    EXPECT_GT(moved, 0);
  }

  // Row by row with the reference, and by the command.
  void ExpectEqualsReference(const std::string& destination,
                             const std::function<Rows(const std::string&)>& query) {
    for (Endpoint endpoint : kAllEndpoints) {
      const destinations::Table& table = destinations::GuideTable(endpoint);
      const std::string& key = table.columns.front().name;
      std::string last;
      while (true) {
        const std::string sql = absl::StrCat("SELECT ", Columns(table), " FROM ", table.name, " WHERE ", key,
                                             " > '", last, "' ORDER BY 1 LIMIT ", kCompared);
        const Rows expected = destinations::QuerySql(File("reference.db"), sql);
        const Rows found = query(sql);
        ASSERT_TRUE(found == expected) << table.name << " after '" << last << "': " << found.size()
                                       << " rows, " << expected.size() << " are expected";
        rows_ += expected.size();
        if (expected.size() < kCompared) break;
        last = expected.back().front();
      }
    }
    EXPECT_GT(rows_, IsLongForm() ? 1'000'000u : 20'000u);
    const auto verify =
        Start({"penstock", "destinations", "verify", "--state", state(), destination}, "verify.out");
    EXPECT_EQ(verify->Wait(absl::Minutes(10)), 0) << Output("verify.out");
  }

  std::unique_ptr<ChildProcess> sandbox_;
  absl::Duration reference_time_;
  absl::Duration nothing_to_do_;
  uint64_t rows_ = 0;
};

TEST_F(LoadKill, ASqliteFileIsTheSameInTheEnd) {
  SCOPED_TRACE(absl::StrCat("PENSTOCK_CRASH_SEED=", Seed()));
  const std::string destination = absl::StrCat("sqlite:", warehouse());
  const auto cursor = [&] {
    if (destinations::QuerySql(warehouse(), "SELECT 1 FROM sqlite_schema WHERE name = 'PENSTOCK_LOADS'")
            .empty())
      return std::string("none");
    const Rows rows = destinations::QuerySql(warehouse(), "SELECT CHANGE_NUMBER FROM PENSTOCK_LOADS");
    return rows.empty() ? "none" : rows[0][0];
  };
  KillAndFill(destination, cursor);
  ExpectEqualsReference(destination,
                        [&](const std::string& sql) { return destinations::QuerySql(warehouse(), sql); });
}

TEST_F(LoadKill, APostgresSchemaIsTheSameInTheEnd) {
  SCOPED_TRACE(absl::StrCat("PENSTOCK_CRASH_SEED=", Seed()));
  destinations::PostgresServer& server = destinations::PostgresServer::Shared();
  const std::string schema = server.NewSchema();
  const std::string destination = absl::StrCat("postgresql://loader@socket:", server.port(),
                                               "/postgres?host=", server.socket_folder(), "&schema=", schema);
  const std::string search = absl::StrCat("SET search_path TO ", schema, "; ");
  const auto cursor = [&] {
    if (server.Query(absl::StrCat("SELECT to_regclass('", schema, ".penstock_loads')"))[0][0] == "<null>")
      return std::string("none");
    const Rows rows = server.Query(search + "SELECT change_number FROM penstock_loads");
    return rows.empty() ? "none" : rows[0][0];
  };
  KillAndFill(destination, cursor);
  ExpectEqualsReference(destination, [&](const std::string& sql) { return server.Query(search + sql); });
}

}  // namespace
}  // namespace penstock
