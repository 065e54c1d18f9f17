// SPDX-License-Identifier: Apache-2.0
#include "cli/coverage_picture.h"
#include "proto/gaps.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

v1::DayState State(char mark) {
  const std::string marks = " -.p?#x";
  return static_cast<v1::DayState>(marks.find(mark));
}

class Coverage : public CliTest {
 protected:
  void Add(v1::Endpoint endpoint, const std::string& days) {
    v1::EndpointCoverage* coverage = admin.coverage.add_endpoints();
    coverage->set_endpoint(endpoint);
    for (char mark : days) coverage->add_days()->set_state(State(mark));
  }
  void AddUsers(const std::string& read) {
    v1::EndpointCoverage* users = admin.coverage.add_endpoints();
    users->set_endpoint(v1::USERS);
    if (!read.empty()) *users->mutable_roster_read() = Time(read);
  }
  void Frame(const std::string& first) {
    *admin.coverage.mutable_first_day() = Time(first);
    *admin.coverage.mutable_retention() = ToProto(absl::Hours(720));
    *admin.coverage.mutable_now() = ToProto(clock.Now().wall);
  }
};

TEST_F(Coverage, IsThePictureOfTheDesign) {
  Frame("2026-03-01");
  Add(v1::CONVERSATIONS, "###########################?ppp");
  Add(v1::PLUGIN_RESOURCES, "####..#####################?ppp");
  AddUsers("2026-03-31T06:02:00Z");
  ASSERT_EQ(Run({"coverage"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "                  1   5    10   15   20   25   30   March 2026\n"
            "conversations     ###########################?ppp   # settled  p provisional\n"
            "plugin-resources  ####..#####################?ppp   . missing  ? suspect\n"
            "users             roster of 2026-03-31 06:02 UTC    x lost     - before\n"
            "5 to 6 March: forgotten in 4 days.\n"
            "  penstock backfill create --from 2026-03-05 --to 2026-03-07 \\\n"
            "    --endpoints plugin-resources\n");
}

TEST_F(Coverage, OfTwoMonthsKeepsTheFirstOfTheMonthReadable) {
  Frame("2026-01-30");
  Add(v1::INTERACTIONS, std::string(31, '#'));
  ASSERT_EQ(Run({"coverage"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("                    1   5    10   15   20   25  1   Jan to Mar 2026\n"));
}

TEST_F(Coverage, OfManyDaysShowsTheLastAndPutsTheLegendBelow) {
  Frame("2026-01-01");
  Add(v1::CONVERSATIONS, std::string(34, 'x') + std::string(56, '#'));
  AddUsers("");
  ASSERT_EQ(Run({"coverage"}), 0);
  EXPECT_EQ(out.str(),
            "                  Feb to Mar 2026\n"
            "                   5    10   15   20   25  1   5    10   15   20   25   30\n"
            "conversations     ########################################################\n"
            "users             never read\n"
            "# settled  p provisional  . missing  ? suspect  x lost     - before\n"
            "users: never read. penstock backfill create --endpoints users\n");
  ExpectFits();
}

TEST_F(Coverage, NamesFiveGapsAndCountsTheRest) {
  Frame("2026-03-01");
  Add(v1::CONVERSATIONS, ".#.#.#.#.#.#.#");
  ASSERT_EQ(Run({"coverage"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("1 March: past retention, perhaps forgotten."));
  EXPECT_THAT(out.str(), HasSubstr("3 March: forgotten in 41 h 58 min."));
  EXPECT_THAT(out.str(), HasSubstr("And 2 more gaps. All at once:\n  penstock backfill create\n"));
  ExpectFits();
}

TEST_F(Coverage, AGapOfAllEndpointsNeedsNoListOfThem) {
  Frame("2026-03-30");
  for (v1::Endpoint endpoint :
       {v1::CONVERSATIONS, v1::INTERACTIONS, v1::PLUGIN_CALLS, v1::PLUGIN_RESOURCES}) {
    Add(endpoint, "#.");
  }
  ASSERT_EQ(Run({"coverage"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("31 March: forgotten in 30 days.\n"
                                   "  penstock backfill create --from 2026-03-31 --to 2026-04-01\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("--endpoints")));
}

TEST_F(Coverage, GapsOfDifferentEndpointsStayApart) {
  Frame("2026-03-30");
  Add(v1::CONVERSATIONS, "..");
  Add(v1::INTERACTIONS, "#.");
  const std::vector<Gap> gaps = FindGaps(admin.coverage);
  ASSERT_THAT(gaps, SizeIs(2));
  EXPECT_THAT(gaps[0].endpoints, ::testing::ElementsAre(v1::CONVERSATIONS));
  EXPECT_THAT(gaps[1].endpoints, SizeIs(2));
}

TEST_F(Coverage, ADayThatIsOnlyThinFailsNoCheck) {
  Frame("2026-03-31");
  Add(v1::CONVERSATIONS, "#?");
  admin.coverage.mutable_endpoints(0)->mutable_days(1)->set_thin(true);
  EXPECT_EQ(Run({"coverage", "--check"}), 0);
  admin.coverage.mutable_endpoints(0)->mutable_days(1)->set_thin(false);
  EXPECT_EQ(Run({"coverage", "--check"}), 5);
}

TEST_F(Coverage, AGapAcrossMonthsNamesBoth) {
  const Gap gap{*ParseDate("2026-02-27"), *ParseDate("2026-03-02"), {v1::CONVERSATIONS}};
  EXPECT_EQ(GapWords(gap, absl::Hours(720), *ParseDate("2026-03-10")),
            "27 February to 1 March: forgotten in 19 days.");
}

TEST_F(Coverage, CheckAnswersByExitCode) {
  Frame("2026-03-30");
  Add(v1::CONVERSATIONS, "#p");
  EXPECT_EQ(Run({"coverage", "--check"}), 0);
  Add(v1::INTERACTIONS, "#?");
  EXPECT_EQ(Run({"coverage", "--check"}), 5);
  EXPECT_EQ(Run({"coverage"}), 0);
}

TEST_F(Coverage, CheckMindsAProvisionalDayThatTheSourceForgetsSoon) {
  Frame("2026-03-10");  // it is the 31st: forgotten in 8 days and 18 hours
  Add(v1::CONVERSATIONS, "p#");
  EXPECT_EQ(Run({"coverage", "--check"}), 0);
  *admin.coverage.mutable_forgotten_within() = ToProto(absl::Hours(24 * 10));
  EXPECT_EQ(Run({"coverage", "--check"}), 5);
  *admin.coverage.mutable_forgotten_within() = ToProto(absl::Hours(24 * 8));
  EXPECT_EQ(Run({"coverage", "--check"}), 0);
}

TEST_F(Coverage, AnEmptyStoreIsShownWithoutDays) {
  EXPECT_EQ(Run({"coverage"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("# settled"));
}

TEST_F(Coverage, PassesItsRangeOn) {
  EXPECT_EQ(Run({"coverage", "--from", "2026-03-01", "--to", "2026-03-08", "--output", "json"}), 0);
  EXPECT_THAT(admin.requests.back(), HasSubstr("from { seconds: 1772323200 } to { seconds: 1772928000 }"));
  EXPECT_EQ(Run({"coverage", "--from", "monday"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--from: 'monday'"));
}

}  // namespace
}  // namespace penstock::cli
