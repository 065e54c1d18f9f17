// SPDX-License-Identifier: Apache-2.0
// Trouble that only a person can end: it is named, everything else goes on, and nothing is lost.
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/worker/raw_server.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRightKey[] = "the-right-key-of-acme";

class NeedsAPerson : public ClusterTest {};

TEST_F(NeedsAPerson, AWrongKeyBlocksTheSourceUntilTheFileIsCorrected) {
  serve.door.api_key = kRightKey;
  source().auth.type = AuthType::kApiKey;
  source().auth.api_key_file = File("key");
  WriteSecret(File("key"), "quite-another-key");
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("the source is blocked", [](const auto& status) { return !status.blocked().empty(); });
  EXPECT_THAT(Status().blocked(), HasSubstr("401"));
  AwaitThat("nothing is under way", [&](const auto&) { return Windows(v1::WINDOW_LEASED).empty(); });
  EXPECT_EQ(Job(job).parked_windows(), 0u);

  WriteSecret(File("key"), kRightKey);
  AwaitJob(job);
  AwaitLoaded();
  EXPECT_EQ(Status().blocked(), "");
  ExpectExact();
}

TEST_F(NeedsAPerson, AMissingScopeParksThatEndpointAndTheOthersFinish) {
  serve.faults = {"403@plugin-calls"};
  const v1::Job job = RunToTheEnd();
  EXPECT_GT(job.parked_windows(), 0u);
  for (const v1::Window& window : Windows(v1::WINDOW_PARKED)) {
    EXPECT_EQ(window.endpoint(), v1::PLUGIN_CALLS);
    EXPECT_THAT(window.reason(), HasSubstr("scope for plugin-calls"));
  }
  const v1::SourceStatus status = Status();
  ASSERT_EQ(status.blocked_endpoints_size(), 1);
  EXPECT_EQ(status.blocked_endpoints(0).endpoint(), v1::PLUGIN_CALLS);
  ExpectExact(
      {Endpoint::kUsers, Endpoint::kConversations, Endpoint::kInteractions, Endpoint::kPluginResources});

  ASSERT_OK(sandbox().SetFaults({}));
  Control(job.number(), v1::ControlJobRequest::RETRY);
  EXPECT_EQ(AwaitJob(job.number()).parked_windows(), 0u);
  AwaitLoaded();
  ExpectExact();
}

TEST_F(NeedsAPerson, AForeignNextLinkIsParkedAndNotAByteGoesThere) {
  RawServer elsewhere([](RawConnection& connection) { connection.WaitForClose(); });
  serve.faults = {absl::StrCat("foreign-link=", elsewhere.Url(), "@interactions")};
  const v1::Job job = RunToTheEnd();
  EXPECT_GT(job.parked_windows(), 0u);
  for (const v1::Window& window : Windows(v1::WINDOW_PARKED)) {
    EXPECT_EQ(window.endpoint(), v1::INTERACTIONS);
    EXPECT_THAT(window.reason(), HasSubstr(absl::StrCat("http://127.0.0.1:", elsewhere.port())));
  }
  ExpectExact(
      {Endpoint::kUsers, Endpoint::kConversations, Endpoint::kPluginCalls, Endpoint::kPluginResources});
  EXPECT_EQ(elsewhere.connections(), 0);

  ASSERT_OK(sandbox().SetFaults({}));
  Control(job.number(), v1::ControlJobRequest::RETRY);
  AwaitJob(job.number());
  AwaitLoaded();
  ExpectExact();
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST_F(NeedsAPerson, ALoopOfLinksIsParked) {
  serve.faults = {"loop-link@plugin-resources"};
  RunToTheEnd();
  ASSERT_FALSE(Windows(v1::WINDOW_PARKED).empty());
  EXPECT_THAT(Windows(v1::WINDOW_PARKED)[0].reason(), HasSubstr("read before"));
  ExpectExact({Endpoint::kUsers, Endpoint::kConversations, Endpoint::kInteractions, Endpoint::kPluginCalls});
}

TEST_F(NeedsAPerson, ARecordWithoutAnIdIsQuarantinedAndEverythingElseStored) {
  serve.faults = {"no-id=1@interactions"};
  const v1::Job job = RunToTheEnd();
  EXPECT_EQ(job.counts().quarantined(), 1u);
  const std::vector<v1::QuarantineEntry> quarantine = Quarantine();
  ASSERT_THAT(quarantine, SizeIs(1));
  EXPECT_EQ(quarantine[0].endpoint(), v1::INTERACTIONS);
  EXPECT_THAT(quarantine[0].reason(), HasSubstr("id"));
  EXPECT_THAT(quarantine[0].name(), SizeIs(16));

  Records truth = Truth(Endpoint::kInteractions);
  const Records stored = MinifiedAll(Stored(Endpoint::kInteractions));
  std::string missing;
  for (const auto& [id, record] : truth) {
    if (!stored.contains(id)) missing = id;
  }
  const std::string with_id = truth.at(missing);
  const std::string id_member = absl::StrCat("\"id\":\"", missing, "\",");
  const size_t at = with_id.find(id_member);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(Minified(quarantine[0].raw()), with_id.substr(0, at) + with_id.substr(at + id_member.size()));
  truth.erase(missing);
  EXPECT_THAT(Differences(stored, truth), IsEmpty());
  ExpectSqliteEqualsStore(Endpoint::kInteractions);
  ExpectExact(
      {Endpoint::kUsers, Endpoint::kConversations, Endpoint::kPluginCalls, Endpoint::kPluginResources});
}

}  // namespace
}  // namespace penstock
