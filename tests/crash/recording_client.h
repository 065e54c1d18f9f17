// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tests/crash/expected_rows.h"
#include "worker/coordinator_client.h"

namespace penstock {

// Stands between a real worker and the real connection to its coordinator, and keeps what was promised: pages
// for the oracle, permits, lease tokens and commit numbers, none of which may come twice. Thread-safe.
class RecordingClient final : public worker::CoordinatorClient {
 public:
  RecordingClient(std::unique_ptr<worker::CoordinatorClient> real, ExpectedRows& expected)
      : real_(std::move(real)), expected_(expected) {}

  absl::StatusOr<v1::SyncResponse> Sync(const v1::SyncRequest& request) override;
  absl::StatusOr<v1::AcquirePermitResponse> AcquirePermit(const v1::AcquirePermitRequest& request) override;
  absl::StatusOr<v1::CommitPageResponse> CommitPage(const worker::PageToCommit& page,
                                                    const v1::PermitReport& permit) override;
  absl::Status ReportPermit(const v1::ReportPermitRequest& request) override;
  absl::Status ReleaseWindow(const v1::ReleaseWindowRequest& request) override;
  absl::StatusOr<Changes> ReadChanges(const v1::ReadChangesRequest& request) override;
  absl::StatusOr<v1::ReportLoadResponse> ReportLoad(const v1::ReportLoadRequest& request) override;
  absl::StatusOr<v1::TakeQueryResponse> TakeQuery(const v1::TakeQueryRequest& request) override;
  absl::StatusOr<v1::ReportQueryResponse> ReportQuery(
      const std::vector<v1::ReportQueryRequest>& messages) override;

  // The coordinator is dead: from now on a permit counts that was asked for later than this.
  void CoordinatorDied();
  // Until such a permit came: when, on the boot clock. Empty: not within `limit`.
  std::optional<absl::Duration> AwaitPermit(absl::Duration limit);

  // While this is held no page is on its way.
  class [[nodiscard]] Pause {
   public:
    explicit Pause(RecordingClient& client);
    ~Pause();
    Pause(const Pause&) = delete;

   private:
    RecordingClient& client_;
  };

 private:
  uint64_t last_commit();
  void TakePosition(const v1::StorePosition& position, uint64_t at_least);
  void TakeToken(const v1::LeaseToken& token);

  const std::unique_ptr<worker::CoordinatorClient> real_;
  ExpectedRows& expected_;
  std::mutex mutex_;
  std::condition_variable news_;
  std::string store_id_;
  uint64_t last_commit_ = 0;
  std::set<std::pair<uint64_t, uint64_t>> tokens_;
  std::map<uint64_t, std::string> permits_;  // number -> the request that got it
  absl::Duration died_ = absl::InfiniteDuration();
  std::optional<absl::Duration> permit_at_;
  bool paused_ = false;
  int committing_ = 0;
};

}  // namespace penstock
