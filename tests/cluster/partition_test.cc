// SPDX-License-Identifier: Apache-2.0
// A network between worker and coordinator that swallows without a word: a half-open connection, one-way loss.
#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/fakes/relay.h"

namespace penstock {
namespace {

struct Loss {
  std::string name;
  bool requests;
  bool answers;
};

class Partition : public ClusterTest, public ::testing::WithParamInterface<Loss> {};

// gRPC's calls have deadlines; without pings it would still keep the dead connection for ever.
TEST_P(Partition, AConnectionThatSwallowsIsGivenUpAndTheWorkGoesOn) {
  serve.page_size = 20;
  serve.first_byte = absl::Milliseconds(15);
  StartSandbox();
  StartCoordinator();
  Relay relay(File("state") + "/penstock.sock");
  coordinator_address = relay.address();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("300 rows", [](const auto& status) { return status.rows() >= 300; });
  ASSERT_EQ(Job(job).state(), v1::JOB_RUNNING);
  relay.Swallow(GetParam().requests, GetParam().answers);
  EXPECT_EQ(AwaitJob(job).parked_windows(), 0u);
  AwaitLoaded();
  ExpectExact();
  DrainWorker(0);
}

INSTANTIATE_TEST_SUITE_P(Ways, Partition,
                         ::testing::Values(Loss{"Both", true, true}, Loss{"AnswersOnly", false, true},
                                           Loss{"RequestsOnly", true, false}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace penstock
