// SPDX-License-Identifier: Apache-2.0
// penstock backup and restore: whom they ask, and what they tell.
#include <fstream>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class BackupCommand : public CliTest {
 protected:
  BackupCommand() {
    variables["USER"] = "alice";
    admin.backups.set_directory("/backup/penstock");
    admin.backups.set_keep(7);
    *admin.backups.mutable_every() = ToProto(absl::Hours(24));
    v1::Backup& backup = *admin.backups.add_backups();
    backup.set_number(11);
    *backup.mutable_taken() = Time("2026-03-30T06:02:00Z");
    backup.set_store_id("00ff00ff00ff00ff");
    backup.set_bytes(66'200'000);
    v1::Backup& damaged = *admin.backups.add_backups();
    damaged.set_number(12);
    damaged.set_damage("files of it are missing");
    Last(v1::BackupRun::RUNNING);
  }
  void Last(v1::BackupRun::State run_state) {
    v1::BackupRun& run = *admin.backups.mutable_last();
    run.set_number(4);
    run.set_state(run_state);
  }
  // The answer without its line breaks.
  std::string Told() {
    return absl::StrJoin(absl::StrSplit(out.str(), absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
  }
  std::string ConfigFile(const std::string& more) {
    const std::string file = absl::StrCat(state, "/penstock.yaml");
    std::ofstream(file) << "version: 1\nstate: " << state << "\n"
                        << more << "sources:\n  acme: {url: https://host/export/v1/records}\n";
    return file;
  }
};

TEST_F(BackupCommand, AsksForOneAndWaitsUntilItIsMade) {
  int asked = 0;
  admin.on_list_backups = [&] {
    if (++asked < 3) return;
    Last(v1::BackupRun::DONE);
    *admin.backups.mutable_last()->mutable_backup() = admin.backups.backups(0);
  };
  EXPECT_EQ(Run({"backup", "--to", "/backup/penstock", "--keep", "3"}), 0) << err.str();
  EXPECT_EQ(out.str(), "Backup 11 in /backup/penstock: the store of 2026-03-30 06:02 UTC, 66 MB.\n");
  EXPECT_EQ(admin.requests[0], "CreateBackup requested_by: \"alice\"");
  // Where no process holds the state, a coordinator in this one does it: without sources, loads and workers.
  ASSERT_THAT(hosted, SizeIs(1));
  EXPECT_EQ(hosted[0].first, Loads::kNo);
  const Config& config = hosted[0].second.config;
  EXPECT_EQ(config.state, state);
  EXPECT_EQ(config.backup->dir, "/backup/penstock");
  EXPECT_EQ(config.backup->keep, 3u);
  EXPECT_TRUE(config.sources.empty());
}

TEST_F(BackupCommand, OneThatFailsIsLocalTrouble) {
  Last(v1::BackupRun::FAILED);
  admin.backups.mutable_last()->set_failure("the disk is full");
  admin.backup_run = admin.backups.last();
  EXPECT_EQ(Run({"backup", "--to", "/backup/penstock"}), 6);
  EXPECT_EQ(err.str(), "penstock: no backup was made: the disk is full\n");
}

TEST_F(BackupCommand, TakesTheDirectoryFromTheConfiguration) {
  admin.on_list_backups = [&] { Last(v1::BackupRun::DONE); };
  const std::string file = ConfigFile("backup: {dir: /backup/of/the/file, every: 12h}\n");
  EXPECT_EQ(Run({"backup", "--config", file}), 0) << err.str();
  EXPECT_EQ(hosted[0].second.config.backup->dir, "/backup/of/the/file");
  EXPECT_EQ(hosted[0].second.config.backup->keep, 7u);
  EXPECT_EQ(Run({"backup", "--config", ConfigFile("")}), 2);
  EXPECT_THAT(err.str(), HasSubstr("give the configuration file a 'backup' with a 'dir'"));
}

TEST_F(BackupCommand, ACoordinatorThatRunsWritesOnlyWhereItsConfigurationSays) {
  EXPECT_EQ(RunBare({"backup", "--coordinator", "127.0.0.1:1", "--to", "/etc"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("the one that runs keeps backups as its configuration says"));
  EXPECT_TRUE(admin.requests.empty());
}

TEST_F(BackupCommand, TheListTellsAgeSizeAndDamage) {
  Last(v1::BackupRun::FAILED);
  admin.backups.mutable_last()->set_failure("cannot keep backups in /backup/penstock: Read-only file system");
  EXPECT_EQ(Run({"backup", "--list", "--to", "/backup/penstock"}), 0) << err.str();
  EXPECT_THAT(
      out.str(),
      AllOf(HasSubstr("11  2026-03-30 06:02"), HasSubstr("66 MB"),
            HasSubstr("24 h 0 min  66 MB  00ff00ff00ff00ff"), HasSubstr("DAMAGED: files of it are missing"),
            HasSubstr("The newest 7 are kept; one is made every"), HasSubstr("Read-only file system"),
            HasSubstr("penstock restore --from /backup/penstock --state NEW_DIRECTORY")));
  ExpectFits();
  admin.backups.clear_backups();
  EXPECT_EQ(Run({"backup", "--list", "--to", "/backup/penstock"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("There are no backups in /backup/penstock."));
}

class RestoreCommand : public CliTest {
 protected:
  // The answer without its line breaks.
  std::string Told() {
    return absl::StrJoin(absl::StrSplit(out.str(), absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
  }
};

TEST_F(RestoreCommand, TellsWhatIsNotHonouredAndWhatIsLost) {
  restored.backup.set_number(11);
  *restored.backup.mutable_taken() = Time("2026-03-30T06:02:00Z");
  restored.store_id = "00ff00ff00ff00ff";
  restored.erasures = 2;
  EXPECT_EQ(Run({"restore", "--from", "/backup/penstock", "--backup", "11"}), 0) << err.str();
  ASSERT_THAT(restores, SizeIs(1));
  EXPECT_EQ(restores[0].from, "/backup/penstock");
  EXPECT_EQ(restores[0].number, 11u);
  EXPECT_EQ(restores[0].state, state);
  EXPECT_THAT(out.str(),
              AllOf(HasSubstr("Restored backup 11 of 2026-03-30 06:02 UTC"),
                    HasSubstr("store 00ff00ff00ff00ff"), HasSubstr("No lease, permit or load cursor"),
                    HasSubstr("it knows of 2 erasures"), HasSubstr("forget --user ID")));
}

TEST_F(RestoreCommand, NeedsADirectoryOnThisMachine) {
  EXPECT_EQ(RunBare({"restore", "--from", "/b", "--coordinator", "127.0.0.1:7417"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--state DIR"));
  EXPECT_EQ(Run({"restore"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--from"));
  EXPECT_THAT(restores, SizeIs(0));
}

TEST(Sizes, AreRoundToTwoOrThreeDigits) {
  EXPECT_EQ(SizeWords(0), "0 bytes");
  EXPECT_EQ(SizeWords(999), "999 bytes");
  EXPECT_EQ(SizeWords(1'000), "1.0 kB");
  EXPECT_EQ(SizeWords(9'960), "10 kB");
  EXPECT_EQ(SizeWords(66'200'000), "66 MB");
  EXPECT_EQ(SizeWords(999'600'000), "1.0 GB");
}

}  // namespace
}  // namespace penstock::cli
