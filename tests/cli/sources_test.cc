// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class Sources : public CliTest {
 protected:
  v1::SourceStatus& AddSource(const std::string& name, uint64_t rows) {
    v1::SourceStatus& source = *admin.status.add_sources();
    source.set_name(name);
    source.set_url("https://api.moveworks.ai/export/v1/records");
    source.set_rows(rows);
    source.mutable_budget()->set_used(12);
    source.mutable_budget()->set_current_limit(60);
    source.set_workers(2);
    return source;
  }
  v1::EndpointPlan& AddPlan(v1::Endpoint endpoint) {
    v1::EndpointPlan& plan = *admin.plan.add_endpoints();
    plan.set_endpoint(endpoint);
    return plan;
  }
};

TEST_F(Sources, AreListedWithTheWorstOfEach) {
  AddSource("acme", 1'021'500).add_running_jobs();
  AddSource("beta", 10).set_blocked("401: the key is wrong");
  AddSource("gamma", 0).add_alarms();
  AddSource("delta", 7).add_blocked_endpoints();
  AddSource("epsilon", 7).set_trouble("connection refused");
  AddSource("zeta", 7);
  ASSERT_EQ(Run({"sources", "list"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "SOURCE   STATE                    ROWS  JOBS  BUDGET  WORKERS  URL\n"
            "acme     reading             1,021,500     1   12/60        2  https://api.mo...\n"
            "beta     BLOCKED                    10     0   12/60        2  https://api.mo...\n"
            "gamma    1 ALARM                     0     0   12/60        2  https://api.mo...\n"
            "delta    1 endpoint BLOCKED          7     0   12/60        2  https://api.mo...\n"
            "epsilon  TROUBLE                     7     0   12/60        2  https://api.mo...\n"
            "zeta     ok                          7     0   12/60        2  https://api.mo...\n"
            "penstock sources show beta\n");
  ExpectFits();
}

TEST_F(Sources, WithoutAnyHowToBeginIsSaid) {
  EXPECT_EQ(Run({"sources", "list"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("No source yet.\n  penstock run --help\n"));
}

TEST_F(Sources, OneIsShownAsStatusShowsIt) {
  AddSource("acme", 5);
  EXPECT_EQ(Run({"sources", "show", "acme"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("\n  budget        12 of 60 in use"));
  EXPECT_THAT(admin.requests, Contains("GetStatus source: \"acme\""));
}

TEST_F(Sources, ATestSaysWhatEachEndpointAnswers) {
  AddSource("acme", 5);
  AddPlan(v1::CONVERSATIONS).set_rows(1'021'500);
  AddPlan(v1::USERS).set_rows(1);
  EXPECT_EQ(Run({"sources", "test", "acme"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "ENDPOINT       ANSWERS\n"
            "conversations  yes, it has 1,021,500 records\n"
            "users          yes, it has 1 record\n");
  EXPECT_THAT(admin.requests, Contains("CreatePlan source: \"acme\""));
}

TEST_F(Sources, ATestNamesWhatIsRefused) {
  v1::BlockedEndpoint& blocked = *AddSource("acme", 5).add_blocked_endpoints();
  blocked.set_endpoint(v1::USERS);
  blocked.set_reason("403: the key may not read users");
  AddPlan(v1::CONVERSATIONS).set_rows(3);
  AddPlan(v1::USERS);
  AddPlan(v1::INTERACTIONS);
  admin.plan.set_partial(true);
  EXPECT_EQ(Run({"sources", "test", "acme"}), 3) << err.str();
  EXPECT_EQ(out.str(),
            "ENDPOINT       ANSWERS\n"
            "conversations  yes, it has 3 records\n"
            "users          NO: 403: the key may not read users\n"
            "interactions   it cannot be counted\n"
            "penstock sources show acme\n");
}

TEST_F(Sources, WhatAnswersWithoutCountingIsNotRefused) {
  AddSource("acme", 5);
  AddPlan(v1::CONVERSATIONS);
  admin.plan.set_partial(true);
  EXPECT_EQ(Run({"sources", "test", "acme"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "ENDPOINT       ANSWERS\n"
            "conversations  it cannot be counted\n");
}

TEST_F(Sources, ABlockedOneFailsItsTestWithTheReason) {
  AddSource("acme", 5).set_blocked("401: the key is wrong");
  admin.on_get_job = [this] { admin.jobs.rbegin()->second.set_state(v1::JOB_RUNNING); };
  EXPECT_EQ(Run({"sources", "test", "acme"}), 3);
  EXPECT_THAT(err.str(), HasSubstr("acme is blocked: 401: the key is wrong"));
}

TEST_F(Sources, WhatWasRefusedIsTriedAgain) {
  admin.unblocked.set_windows(3);
  EXPECT_EQ(Run({"sources", "unblock", "acme"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "What acme refused is tried again, and 3 windows with it.\n"
            "penstock sources show acme\n");
  EXPECT_THAT(admin.requests, Contains("Unblock source: \"acme\""));
  admin.unblocked.clear_windows();
  EXPECT_EQ(Run({"sources", "unblock", "acme"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("tried again; no window waits for it."));
}

TEST_F(Sources, ANameIsNeeded) {
  EXPECT_EQ(Run({"sources", "unblock"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("name is required"));
  EXPECT_THAT(admin.requests, Not(Contains(HasSubstr("Unblock"))));
}

}  // namespace
}  // namespace penstock::cli
