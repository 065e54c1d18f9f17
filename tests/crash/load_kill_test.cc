// SPDX-License-Identifier: Apache-2.0
// A load is killed at random instants, over and over, by kill -9. In the end the warehouse is the same as one that was
// filled without a disturbance, and `destinations verify` agrees. PENSTOCK_CRASH_ROUNDS=100 is the long form, with a
// million rows: ./dev crash. PENSTOCK_CRASH_SEED changes the instants.
#include <signal.h>

#include <algorithm>
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
    const std::string big = IsLongForm() ? "days=10,users=3000,conversations=4300,seed=5"
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
    for (Endpoint endpoint : kAllEndpoints) {
      const std::string& table = destinations::GuideTable(endpoint).name;
      rows_ += std::stoull(
          destinations::QuerySql(File("reference.db"), absl::StrCat("SELECT count(*) FROM ", table))[0][0]);
    }
    EXPECT_GT(rows_, IsLongForm() ? 1'000'000u : 20'000u);
  }

  // How long it took.
  absl::Duration EndWell(std::vector<std::string> words, const std::string& output) {
    const absl::Duration began = Now();
    const std::optional<int> code = Start(std::move(words), output)->Wait(absl::Minutes(20));
    EXPECT_EQ(code, 0) << Output(output);
    return Now() - began;
  }
  std::string Reference() const { return absl::StrCat("sqlite:", File("reference.db")); }
  std::vector<std::string> LoadCommand(const std::string& destination) const {
    return {"penstock", "load", "--state", state(), "--destination", destination};
  }

  // Kills as many loads as the form asks for, then lets one end. `loaded`: the destination's load cursor.
  void KillAndFill(const std::string& destination, const std::function<uint64_t()>& loaded) {
    SeededRandom random(Seed());
    const int rounds = CrashRounds(6);
    const int least = std::max(1, rounds / 4);  // that got to commit something
    int killed = 0, moved = 0;
    const absl::Duration began = Now();
    uint64_t at = loaded();
    for (int round = 0; round < 4 * rounds && (killed < rounds || moved < least); ++round) {
      // Some die at their start, others in the middle, and the last one before everything is loaded: a tenth is left
      // for it, because a load that is not ahead may go two steps.
      const bool ahead = at * rounds * 10 > rows_ * static_cast<uint64_t>(killed) * 9;
      const absl::Duration most =
          ahead ? nothing_to_do_ / 2 : 2 * nothing_to_do_ + 2 * reference_time_ / rounds;
      const auto load = Start(LoadCommand(destination), "load.out");
      if (!load->Wait(most * random.Fraction()).has_value()) load->Signal(SIGKILL);
      const std::optional<int> ended = load->Wait(absl::Seconds(10));
      if (ended == 0) continue;  // it was quicker
      ASSERT_EQ(ended, 128 + SIGKILL) << Output("load.out");
      ++killed;
      const uint64_t now = loaded();
      EXPECT_GE(now, at) << "nothing is forgotten";
      moved += now != at;
      at = now;
    }
    if (IsLongForm()) EXPECT_LT(at, rows_) << "there was no load left to kill";
    EndWell(LoadCommand(destination), "load.out");
    std::cerr << "killed " << killed << " loads of " << rows_ << " rows, " << moved
              << " of them after a commit, in "
              << absl::FormatDuration(absl::Trunc(Now() - began, absl::Seconds(1))) << "; undisturbed "
              << absl::FormatDuration(absl::Trunc(reference_time_, absl::Milliseconds(1))) << "; seed "
              << Seed() << std::endl;
    EXPECT_GE(killed, rounds);
    EXPECT_GE(moved, least);
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
        if (expected.size() < kCompared) break;
        last = expected.back().front();
      }
    }
    const auto verify =
        Start({"penstock", "destinations", "verify", "--state", state(), destination}, "verify.out");
    EXPECT_EQ(verify->Wait(absl::Minutes(20)), 0) << Output("verify.out");
  }

  std::unique_ptr<ChildProcess> sandbox_;
  absl::Duration reference_time_;
  absl::Duration nothing_to_do_;
  uint64_t rows_ = 0;
};

TEST_F(LoadKill, EachWarehouseIsTheSameInTheEnd) {
  SCOPED_TRACE(absl::StrCat("PENSTOCK_CRASH_SEED=", Seed()));
  const std::string file = absl::StrCat("sqlite:", warehouse());
  const auto query_file = [&](const std::string& sql) { return destinations::QuerySql(warehouse(), sql); };
  KillAndFill(file, [&]() -> uint64_t {
    if (query_file("SELECT 1 FROM sqlite_schema WHERE name = 'PENSTOCK_LOADS'").empty()) return 0;
    const Rows rows = query_file("SELECT CHANGE_NUMBER FROM PENSTOCK_LOADS");
    return rows.empty() ? 0 : std::stoull(rows[0][0]);
  });
  ExpectEqualsReference(file, query_file);

  destinations::PostgresServer& server = destinations::PostgresServer::Shared();
  const std::string schema = server.NewSchema();
  const std::string place = absl::StrCat("postgresql://loader@socket:", server.port(),
                                         "/postgres?host=", server.socket_folder(), "&schema=", schema);
  const auto query_server = [&](const std::string& sql) {
    return server.Query(absl::StrCat("SET search_path TO ", schema, "; ", sql));
  };
  KillAndFill(place, [&]() -> uint64_t {
    if (query_server("SELECT to_regclass('penstock_loads')")[0][0] == "<null>") return 0;
    const Rows rows = query_server("SELECT change_number FROM penstock_loads");
    return rows.empty() ? 0 : std::stoull(rows[0][0]);
  });
  ExpectEqualsReference(place, query_server);
}

}  // namespace
}  // namespace penstock
