// SPDX-License-Identifier: Apache-2.0
// penstock forget: who, the question, what is told of it, and the list.
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ForgetCommand : public CliTest {
 protected:
  ForgetCommand() {
    admin.person.add_users("77");
    admin.person.add_addresses("ann@example.com");
    admin.person.set_stored(1);
    v1::Erasure& erasure = *admin.erasures.add_erasures();
    erasure.set_number(3);
    erasure.set_source("acme");
    *erasure.mutable_requested() = Time("2026-03-30T06:02:00Z");
    erasure.set_requested_by("alice");
    erasure.add_rows()->set_endpoint(v1::CONVERSATIONS);
    erasure.mutable_rows(0)->set_rows(1'024);
    erasure.add_rows()->set_endpoint(v1::USERS);
    erasure.mutable_rows(1)->set_rows(1);
    erasure.set_quarantined(2);
    erasure.add_destinations()->set_destination("pg");
    erasure.mutable_destinations(0)->set_why("the store is still looked through");
    variables["USER"] = "alice";
  }
  v1::Erasure& erasure() { return *admin.erasures.mutable_erasures(0); }
  void ErasedHere() { *erasure().mutable_erased_here() = Time("2026-03-31T06:02:11Z"); }
  void Finish() {
    ErasedHere();
    *erasure().mutable_finished() = Time("2026-03-31T06:03:00Z");
    erasure().clear_destinations();
  }
  // Which calls were made, by name.
  std::vector<std::string> Calls() {
    std::vector<std::string> calls;
    for (const std::string& request : admin.requests) calls.push_back(request.substr(0, request.find(' ')));
    return calls;
  }
  // The answer without its line breaks.
  std::string Told() {
    return absl::StrJoin(absl::StrSplit(out.str(), absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
  }
};

TEST_F(ForgetCommand, LooksWhoItIsAsksForItAndWaitsUntilItIsDone) {
  int asked = 0;
  admin.on_get_erasure = [&] {
    if (++asked == 2) ErasedHere();
    if (asked == 3) Finish();
  };
  EXPECT_EQ(Run({"forget", "--email", "Ann@example.com", "--yes"}), 0) << err.str();
  EXPECT_THAT(Calls(),
              ElementsAre("FindPerson", "Forget", "GetErasure", "GetErasure", "GetErasure", "ListBackups"));
  EXPECT_EQ(admin.requests[0], "FindPerson address: \"Ann@example.com\"");
  EXPECT_EQ(admin.requests[1], "Forget users: \"77\" addresses: \"ann@example.com\" requested_by: \"alice\"");
  EXPECT_THAT(Told(), AllOf(HasSubstr("Erased from the store of acme: conversations 1,024, users 1, "
                                      "quarantined 2. No destination holds any of it."),
                            HasSubstr("No backup of Penstock's holds any of it. Copies that somebody else"),
                            Not(HasSubstr("--list"))));
  ExpectFits();
  ASSERT_THAT(hosted, SizeIs(1));
  EXPECT_EQ(hosted[0].first, Loads::kNo) << "no destination is configured";
  EXPECT_EQ(admin.without_deadline, 0);
}

TEST_F(ForgetCommand, ADestinationThatIsDownIsNamedAndNotWaitedForForLong) {
  ErasedHere();
  erasure().mutable_destinations(0)->set_why("cannot connect: connection refused");
  erasure().add_destinations()->set_destination("warehouse");
  EXPECT_EQ(Run({"forget", "--user", "77", "--yes"}), 1) << err.str();
  EXPECT_THAT(Told(), AllOf(HasSubstr("pg may still hold rows: cannot connect: connection refused."),
                            HasSubstr("warehouse holds nothing of it any more."),
                            HasSubstr("deleted there with the next load, without another command"),
                            HasSubstr("forget --list")));
  ExpectFits();
}

TEST_F(ForgetCommand, SaysHowManyBackupsMayHoldThemAndUntilWhen) {
  Finish();
  erasure().set_backups(7);
  *erasure().mutable_backups_gone() = Time("2026-04-07T06:02:00Z");
  admin.backups.set_directory("/backup/penstock");
  admin.backups.set_keep(7);
  EXPECT_EQ(Run({"forget", "--user", "77", "--yes"}), 0) << err.str();
  EXPECT_THAT(Told(),
              HasSubstr("7 backups in /backup/penstock may hold them still; the last of them goes by the "
                        "schedule on 2026-04-07."));
  erasure().clear_backups_gone();
  EXPECT_EQ(Run({"forget", "--user", "77", "--yes"}), 0);
  EXPECT_THAT(Told(), HasSubstr("they go when 7 newer ones were made (penstock backup)."));
}

TEST_F(ForgetCommand, TroubleOfTheStoreIsToldAndAnErrorOfThisMachine) {
  erasure().set_trouble("the disk is full");
  EXPECT_EQ(Run({"forget", "--user", "77", "--yes"}), 6);
  EXPECT_THAT(Told(), HasSubstr("More may be there: the disk is full. It goes on by itself"));
}

TEST_F(ForgetCommand, AsksBeforeAndNothingHappensWithoutAYes) {
  EXPECT_EQ(Run({"forget", "--user", "77"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("forgetting a person cannot be undone; add --yes"));
  terminal.is_terminal = true;
  in.str("n\n");
  EXPECT_EQ(Run({"forget", "--user", "77"}), 0);
  EXPECT_THAT(Told(), AllOf(HasSubstr("User 77 (ann@example.com) and every record of theirs will be erased"),
                            HasSubstr("Nobody was forgotten.")));
  EXPECT_THAT(Calls(), Not(::testing::Contains("Forget")));
  in.clear();
  in.str("y\n");
  Finish();
  EXPECT_EQ(Run({"forget", "--user", "77"}), 0);
  EXPECT_THAT(Calls(), ::testing::Contains("Forget"));
}

TEST_F(ForgetCommand, SaysWhenNobodyIsStoredUnderThatId) {
  admin.person.set_stored(0);
  admin.person.clear_addresses();
  terminal.is_terminal = true;
  in.str("n\n");
  Run({"forget", "--user", "77"});
  EXPECT_THAT(Told(), HasSubstr("User 77, who is not stored now, and every record"));
}

TEST_F(ForgetCommand, WantsOneWayToSayWho) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"forget"}, {"forget", "--user", "7", "--email", "a@b"}, {"forget", "--list", "--user", "7"}}) {
    EXPECT_EQ(Run(words), 2);
    EXPECT_THAT(err.str(), HasSubstr("by one of --user ID and --email ADDRESS"));
  }
  EXPECT_THAT(admin.requests, IsEmpty());
}

TEST_F(ForgetCommand, TheListSaysWhenWhoAskedAndWhatItWaitsFor) {
  ErasedHere();
  EXPECT_EQ(Run({"forget", "--list"}), 0) << err.str();
  EXPECT_THAT(out.str(), AllOf(HasSubstr("3"), HasSubstr("2026-03-30"), HasSubstr("alice"),
                               HasSubstr("waits for pg"), HasSubstr("1,027")));
  ExpectFits();
  erasure().set_trouble("no coordinator runs now");
  Run({"forget", "--list"});
  EXPECT_THAT(out.str(), HasSubstr("\n3 stands still: no coordinator runs now\n"));
  ExpectFits();
  Finish();
  Run({"forget", "--list"});
  EXPECT_THAT(out.str(), HasSubstr("done 2026-03-31"));
  admin.erasures.clear_erasures();
  Run({"forget", "--list"});
  EXPECT_EQ(out.str(), "Nobody was forgotten here.\n");
}

TEST_F(ForgetCommand, JsonIsTheErasure) {
  Finish();
  EXPECT_EQ(Run({"forget", "--user", "77", "--yes", "--output", "json"}), 0);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("\"number\""), HasSubstr("\"finished\"")));
}

}  // namespace
}  // namespace penstock::cli
