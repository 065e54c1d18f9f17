// SPDX-License-Identifier: Apache-2.0
// penstock verify: of a state, and of backups.
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class VerifyCommand : public CliTest {
 protected:
  VerifyCommand() {
    admin.store_check.set_state(v1::StoreCheck::DONE);
    admin.store_check.set_rows(50'793);
    admin.store_check.set_bytes(21'000'000);
  }
  // The answer without its line breaks.
  std::string Told() {
    return absl::StrJoin(absl::StrSplit(out.str(), absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
  }
};

TEST_F(VerifyCommand, AStoreThatIsWholeIsSaidToBe) {
  EXPECT_EQ(Run({"verify"}), 0) << err.str();
  EXPECT_THAT(Told(), AllOf(HasSubstr("The store is whole: 21 MB of files"), HasSubstr("50,793 rows")));
  ExpectFits();
}

TEST_F(VerifyCommand, WhatDiffersIsNamedWithWhatToDo) {
  admin.store_check.set_differing(25);
  admin.store_check.add_differences("change 12 of source 1 (users) is not where its id points to");
  EXPECT_EQ(Run({"verify"}), 5);
  EXPECT_THAT(Told(), AllOf(HasSubstr("DIFFERS: change 12 of source 1 (users)"), HasSubstr("25 differences"),
                            HasSubstr("penstock verify --from BACKUP_DIRECTORY")));
  ExpectFits();
}

TEST_F(VerifyCommand, ACheckThatDidNotEndIsLocalTrouble) {
  admin.store_check.set_state(v1::StoreCheck::FAILED);
  admin.store_check.set_failure("the check was stopped");
  EXPECT_EQ(Run({"verify"}), 6);
  EXPECT_THAT(err.str(), HasSubstr("not checked to the end: the check was stopped"));
}

TEST_F(VerifyCommand, EveryBackupIsLookedAt) {
  v1::Backup& backup = *admin.backups.add_backups();
  backup.set_number(11);
  *backup.mutable_taken() = Time("2026-03-30T06:02:00Z");
  backup.set_bytes(66'200'000);
  EXPECT_EQ(RunBare({"verify", "--from", "/backup/penstock"}), 0) << err.str();
  EXPECT_THAT(verified, ElementsAre("/backup/penstock"));
  EXPECT_THAT(Told(), HasSubstr("backup 11 of 2026-03-30 06:02 UTC: every file agrees with its checksum"));
  admin.backups.mutable_backups(0)->set_damage("a byte is another one");
  EXPECT_EQ(RunBare({"verify", "--from", "/backup/penstock"}), 5);
  EXPECT_THAT(Told(),
              AllOf(HasSubstr("backup 11 is DAMAGED: a byte is another one"), HasSubstr("penstock backup")));
  ExpectFits();
}

}  // namespace
}  // namespace penstock::cli
