// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/keyed_hash.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "coordinator/admin_desk.h"
#include "coordinator/core.h"
#include "coordinator/load_desk.h"
#include "coordinator/worker_desk.h"
#include "proto/convert.h"
#include "store/memory_store.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/kept_store.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::coordinator {

inline constexpr char kSource[] = "acme";

// A coordinator on a memory store and a clock that stands still, spoken to as a worker and a CLI would.
class CoordinatorFixture : public ::testing::Test {
 protected:
  CoordinatorFixture();
  ~CoordinatorFixture() override;

  static CoreOptions Options();

  void Start(CoreOptions options = Options());

  // Two endpoints, so that there are two windows. The source cannot count, unless `counted` says what; of
  // 10,000 or more records the oldest are a window of their own.
  v1::Job Backfill(std::vector<Endpoint> endpoints = {Endpoint::kConversations, Endpoint::kInteractions},
                   bool reuse = false, std::optional<uint64_t> counted = std::nullopt);

  // Answers the counts that wait, as a worker would.
  void AnswerCounts(std::optional<uint64_t> counted = std::nullopt);

  absl::StatusOr<v1::CommitPageResponse> CommitCount(const v1::FetchAssignment& lease,
                                                     std::optional<uint64_t> counted);

  v1::SyncRequest SyncRequest(const std::string& worker, std::vector<v1::FetchAssignment> held = {});

  std::vector<v1::FetchAssignment> Lease(const std::string& worker,
                                         std::vector<v1::FetchAssignment> held = {});

  absl::StatusOr<v1::AcquirePermitResponse> AskPermit(const v1::FetchAssignment& lease,
                                                      const std::string& request_id);

  static v1::Row Row(const std::string& id, const std::string& stamp, const std::string& extra = "");

  v1::PageHeader Header(const v1::FetchAssignment& lease, uint32_t page, const std::string& next_link);

  absl::StatusOr<v1::CommitPageResponse> CommitPage(const v1::FetchAssignment& lease, uint32_t page,
                                                    const std::string& next_link,
                                                    std::vector<v1::Row> rows = {});

  absl::Status Release(const v1::FetchAssignment& lease, v1::ReleaseWindowRequest::Reason reason);

  absl::StatusOr<v1::Job> Control(const v1::Job& job, v1::ControlJobRequest::Action action);

  v1::Window Window(uint64_t number);
  v1::Job Job(const v1::Job& job);

  // Reads every window that is leased to the end, with one empty page each, until there is no more work.
  void FinishAll(const std::string& worker);

  FakeClock clock_;
  SeededRandom random_{1};
  std::shared_ptr<store::Store> store_ = store::NewMemoryStore("store", 1);
  uint64_t epoch_ = 0;
  uint64_t permits_ = 0;
  std::unique_ptr<Core> core_;
  std::unique_ptr<WorkerDesk> workers_;
  std::unique_ptr<AdminDesk> admin_;
};

}  // namespace penstock::coordinator
