// SPDX-License-Identifier: Apache-2.0
// penstock destinations resync, verify and ddl.
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

// A process that holds the state answers.
class UpkeepTest : public CliTest {
 protected:
  UpkeepTest() {
    v1::Destination& destination = *service_.destinations.add_destinations();
    destination.set_name("pg");
    destination.set_loaded(1'200);
  }
  int RunServed(std::vector<std::string> words) {
    words.insert(words.begin(), {"--coordinator", absl::StrCat("127.0.0.1:", service_.port)});
    return RunBare(std::move(words));
  }
  v1::Verification& Add(v1::Verification::State verification_state, uint64_t number = 1) {
    v1::Verification& verification = service_.verifications.emplace_back();
    verification.set_number(number);
    verification.set_state(verification_state);
    verification.set_loaded(1'200);
    return verification;
  }
  static v1::TableComparison& AddTable(v1::Verification& verification, v1::Endpoint endpoint, uint64_t rows) {
    v1::TableComparison& table = *verification.add_tables();
    table.set_endpoint(endpoint);
    table.set_rows(rows);
    table.set_same(rows);
    return table;
  }
  FakeAdminService service_{"127.0.0.1:0"};
};

TEST_F(UpkeepTest, WhereNoProcessHoldsTheStateThisOneDoesIt) {
  v1::Destination& mine = *admin.destinations.add_destinations();
  mine.set_name("sqlite:a.db");
  admin.on_list_destinations = [&] {
    mine.set_resync(false);
    mine.set_checked(true);
  };
  admin.verifications.emplace_back().set_state(v1::Verification::DONE);
  EXPECT_EQ(Run({"destinations", "resync", "sqlite:a.db"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("sqlite:a.db holds every row")) << "nobody else would do it";
  EXPECT_EQ(Run({"destinations", "verify", "sqlite:a.db"}), 0) << err.str();
  ASSERT_EQ(hosted.size(), 2u);
  EXPECT_EQ(hosted[0].first, Loads::kYes);
  EXPECT_EQ(hosted[1].second.config.state, state);
  EXPECT_THAT(hosted[1].second.config.destinations, ElementsAre(Key("sqlite:a.db")));
  EXPECT_EQ(Run({"destinations", "verify", "oracle:x"}), 2);
}

TEST_F(UpkeepTest, TwoPlacesToAskAreAMistakeAndNotThisProcesssWork) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"destinations", "verify", "sqlite:a.db"},
        {"destinations", "pause", "sqlite:a.db"},
        {"forget", "--user", "7", "--yes"}}) {
    std::vector<std::string> both = words;
    both.insert(both.begin(), {"--coordinator", "127.0.0.1:1", "--state", state});
    EXPECT_EQ(RunBare(both), 2);
    EXPECT_THAT(err.str(), HasSubstr("give --coordinator or --state, not both"));
  }
  EXPECT_THAT(hosted, IsEmpty());
}

TEST_F(UpkeepTest, AResyncIsAskedForAndGoesOnByItself) {
  EXPECT_EQ(RunServed({"destinations", "resync", "pg"}), 0) << err.str();
  EXPECT_THAT(service_.requests, ElementsAre("ResyncDestination name: \"pg\""));
  EXPECT_THAT(out.str(), HasSubstr("loaded again from the first change"));
  EXPECT_EQ(RunServed({"destinations", "resync", "elsewhere"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("no destination 'elsewhere'"));
}

TEST_F(UpkeepTest, AResyncThatIsWaitedForEndsAsItsLoadDid) {
  v1::Destination& pg = *service_.destinations.mutable_destinations(0);
  service_.on_list_destinations = [&] {
    pg.set_resync(false);
    pg.set_checked(true);
    pg.set_set_aside(1);
    pg.add_set_aside_rows("users \"u7\": too long");
  };
  EXPECT_EQ(RunServed({"destinations", "resync", "pg", "--wait"}), 1) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("pg holds every row but 1, up to change 1,200."));
  service_.on_list_destinations = [&] {
    pg.set_tried(true);
    pg.set_behind(7);
    pg.set_failure("wrong password");
    pg.set_failure_kind(v1::LoadFailure::REFUSED);
  };
  EXPECT_EQ(RunServed({"destinations", "resync", "pg", "--wait"}), 7);
  EXPECT_THAT(err.str(), HasSubstr("wrong password"));
}

TEST_F(UpkeepTest, AWarehouseThatHoldsTheStoreIsVerified) {
  Add(v1::Verification::WAITING);
  Add(v1::Verification::RUNNING);
  v1::Verification& done = Add(v1::Verification::DONE);
  AddTable(done, v1::USERS, 300).set_only_there(2);
  AddTable(done, v1::PLUGIN_RESOURCES, 1'234'567);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("1,234,567"));
  EXPECT_THAT(out.str(), HasSubstr("pg holds what the store holds, up to change 1,200."));
  EXPECT_THAT(service_.requests.front(), HasSubstr("VerifyDestination"));
  ExpectFits();
}

TEST_F(UpkeepTest, DifferencesAreNamedAndEndWithFive) {
  v1::Verification& done = Add(v1::Verification::DONE);
  v1::TableComparison& table = AddTable(done, v1::USERS, 300);
  table.set_missing(12);
  table.set_newer(1);
  for (int i = 0; i < 12; ++i) {
    v1::RowDifference& difference = *table.add_differences();
    difference.set_kind(i == 0 ? v1::RowDifference::NEWER : v1::RowDifference::MISSING);
    difference.set_id(absl::StrCat("u", i));
    difference.set_change(static_cast<uint64_t>(i) + 1);
  }
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 5) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("users \"u0\": newer at the warehouse, change 1\n"));
  EXPECT_THAT(out.str(), HasSubstr("users \"u1\": missing, change 2\n"));
  EXPECT_THAT(out.str(), HasSubstr("and 3 more of users"));
  EXPECT_THAT(out.str(), HasSubstr("destinations resync pg\n"));
  ExpectFits();
  EXPECT_EQ(RunServed({"destinations", "verify", "pg", "--output", "json"}), 5);
  EXPECT_THAT(out.str(), HasSubstr("\"state\":\"done\""));
  EXPECT_THAT(out.str(), HasSubstr("\"kind\":\"newer\",\"id\":\"u0\",\"change\":1,\"day\":null"));
}

TEST_F(UpkeepTest, TheDaysThatDifferAreNamed) {
  v1::Verification& done = Add(v1::Verification::DONE);
  v1::TableComparison& table = AddTable(done, v1::PLUGIN_RESOURCES, 300'000);
  table.set_missing(12);
  for (int i = 0; i < 12; ++i) {
    v1::DayDifference& day = *table.add_days();
    *day.mutable_day() = ToProto(*ParseDate("2026-03-01") + absl::Hours(24) * i);
    day.set_rows(25'000);
    day.set_missing(1);
  }
  v1::DayDifference& users = *AddTable(done, v1::USERS, 20).add_days();
  users.set_rows(20);
  users.set_differ(1);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 5) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("DIFFERENCES OF    DAY           ROWS  MISSING  DIFFER  NEWER\n"
                                   "plugin-resources  2026-03-01  25,000        1       0      0\n"));
  EXPECT_THAT(out.str(), HasSubstr("users             -               20        0       1      0\n"));
  EXPECT_THAT(out.str(), HasSubstr("and 2 more days of plugin-resources"));
  ExpectFits();
  EXPECT_EQ(RunServed({"destinations", "verify", "pg", "--output", "json"}), 5);
  EXPECT_THAT(out.str(), HasSubstr("{\"day\":\"2026-03-12T00:00:00.000Z\",\"rows\":25000,\"missing\":1"));
}

TEST_F(UpkeepTest, RowsSetAsideNeedALook) {
  AddTable(Add(v1::Verification::DONE), v1::USERS, 300).set_set_aside(1);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 1);
  EXPECT_THAT(out.str(), HasSubstr("1 row refused and set aside"));
}

TEST_F(UpkeepTest, OneThatCannotBeComparedSaysWhyByItsCode) {
  v1::Verification& failed = Add(v1::Verification::FAILED);
  failed.set_failure("the server is down");
  failed.set_failure_kind(v1::LoadFailure::UNREACHABLE);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 4);
  EXPECT_THAT(err.str(), HasSubstr("pg: the server is down"));
  service_.verifications.back().set_failure_kind(v1::LoadFailure::REFUSED);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 7);
}

TEST_F(UpkeepTest, ACoordinatorThatForgotTheQuestionIsToldApart) {
  Add(v1::Verification::WAITING, 7);
  Add(v1::Verification::DONE, 1);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 4);
  EXPECT_THAT(err.str(), HasSubstr("verify again"));
}

TEST_F(UpkeepTest, ACoordinatorThatIsGoneIsNamedAndNoneIsWaitedForWithoutEnd) {
  Add(v1::Verification::DONE);
  EXPECT_EQ(RunServed({"destinations", "verify", "pg"}), 0);
  EXPECT_EQ(RunServed({"destinations", "resync", "pg"}), 0);
  EXPECT_EQ(service_.without_deadline, 0);
  service_.Stop();
  for (const char* verb : {"verify", "resync"}) {
    EXPECT_EQ(RunServed({"destinations", verb, "pg"}), 4);
    EXPECT_THAT(err.str(), HasSubstr(absl::StrCat("the coordinator at 127.0.0.1:", service_.port,
                                                  " does not answer: ")));
    EXPECT_THAT(err.str(), HasSubstr("is it running?"));
  }
}

TEST_F(UpkeepTest, DdlIsPrintedForTheReaderThatIsNamed) {
  EXPECT_EQ(RunBare({"destinations", "ddl", "sqlite:a.db"}), 0) << err.str();
  EXPECT_EQ(out.str(), "GRANT SELECT ON a.db TO penstock_reader;\n");
  EXPECT_EQ(RunBare({"destinations", "ddl", "sqlite:a.db", "--reader", "bi", "--output", "json"}), 0);
  EXPECT_EQ(out.str(), "{\"name\":\"sqlite:a.db\",\"sql\":\"GRANT SELECT ON a.db TO bi;\\n\"}\n");
}

}  // namespace
}  // namespace penstock::cli
