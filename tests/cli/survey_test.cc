// SPDX-License-Identifier: Apache-2.0
#include "base/instant.h"
#include "proto/convert.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

// A process that holds the state answers.
class SurveyTest : public CliTest {
 protected:
  int RunServed(std::vector<std::string> words) {
    words.insert(words.begin(), {"--coordinator", absl::StrCat("127.0.0.1:", service_.port)});
    return RunBare(std::move(words));
  }
  FakeAdminService service_{"127.0.0.1:0"};
};

TEST_F(SurveyTest, WhereNoProcessHoldsTheStateThisOneCounts) {
  EXPECT_EQ(Run({"plan", "--source-url", "http://127.0.0.1:8080/records", "--endpoints", "users"}), 0);
  ASSERT_EQ(surveyed.size(), 1u);
  EXPECT_EQ(surveyed[0].first, Survey::kPlan);
  EXPECT_EQ(surveyed[0].second.config.state, state);
  EXPECT_EQ(surveyed[0].second.range.endpoints, std::vector<Endpoint>{Endpoint::kUsers});
}

TEST_F(SurveyTest, APlanSaysRowsRequestsAndTimeOfEachEndpoint) {
  v1::EndpointPlan& resources = *service_.plan.add_endpoints();
  resources.set_endpoint(v1::PLUGIN_RESOURCES);
  resources.set_rows(1'230'894);
  resources.set_requests(2'470);
  resources.set_windows(4);
  *resources.mutable_takes() = ToProto(absl::Minutes(58));
  service_.plan.add_endpoints()->set_endpoint(v1::USERS);
  service_.plan.set_partial(true);
  service_.plan.set_requests(2'470);
  EXPECT_EQ(RunServed({"plan", "--from", "2026-03-01"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("1,230,894"));
  EXPECT_THAT(out.str(), HasSubstr("2,470"));
  EXPECT_THAT(out.str(), HasSubstr("cannot be counted"));
  ExpectFits();
  EXPECT_THAT(service_.requests.front(), HasSubstr("CreatePlan from { seconds: 1772323200 }"));
}

TEST_F(SurveyTest, AnAuditThatFindsMoreAtTheSourceEndsWithFive) {
  service_.audit.set_counts(120);
  v1::AuditCount& fewer = *service_.audit.add_differences();
  fewer.set_endpoint(v1::CONVERSATIONS);
  fewer.set_counted(3);
  fewer.set_stored(5);
  EXPECT_EQ(RunServed({"audit"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("more in 0, fewer in 1"));
  v1::AuditCount& more = *service_.audit.add_differences();
  more.set_endpoint(v1::INTERACTIONS);
  *more.mutable_from() = ToProto(*ParseDate("2026-03-05"));
  *more.mutable_to() = ToProto(*ParseDate("2026-03-06"));
  more.set_counted(500);
  more.set_stored(499);
  EXPECT_EQ(RunServed({"audit"}), 5);
  EXPECT_THAT(out.str(), HasSubstr("2026-03-05 to 2026-03-06"));
}

TEST_F(SurveyTest, ACoordinatorThatIsGoneIsNamedAndNoneIsWaitedForWithoutEnd) {
  EXPECT_EQ(RunServed({"plan"}), 0) << err.str();
  EXPECT_EQ(RunServed({"audit"}), 0) << err.str();
  EXPECT_EQ(service_.without_deadline, 0);
  service_.Stop();
  for (const char* verb : {"plan", "audit"}) {
    EXPECT_EQ(RunServed({verb}), 4);
    EXPECT_THAT(err.str(), HasSubstr(absl::StrCat("the coordinator at 127.0.0.1:", service_.port,
                                                  " does not answer: ")));
  }
}

}  // namespace
}  // namespace penstock::cli
