// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/erase_sweep.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {

inline constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";
inline constexpr char kLater[] = "2026-02-22T06:00:00.000Z";
inline constexpr Endpoint kConversations = Endpoint::kConversations;
inline constexpr Endpoint kInteractions = Endpoint::kInteractions;
inline constexpr Endpoint kUsers = Endpoint::kUsers;

// Ann is user 77, Bob is user 88.
class Forget : public CoordinatorFixture {
 protected:
  static v1::Row User(const std::string& id, const std::string& address) {
    return Row(id, kStamp, absl::StrCat(",\"email_addr\":\"", address, "\""));
  }
  static v1::Row Of(const std::string& user, const std::string& id, const char* stamp = kStamp) {
    return Row(id, stamp, absl::StrCat(",\"user_id\":\"", user, "\""));
  }
  // Without a user_id.
  static v1::Row In(const std::string& conversation, const std::string& id) {
    return Row(id, kStamp, absl::StrCat(",\"conversation_id\":\"", conversation, "\""));
  }
  static v1::QuarantinedRecord Broken(const std::string& raw) {
    v1::QuarantinedRecord record;
    record.set_raw(raw);
    record.set_reason("it has no id");
    return record;
  }

  // A job that reads one page of the endpoint. What came of it.
  v1::PageCounts Fetch(Endpoint endpoint, std::vector<v1::Row> rows,
                       std::vector<v1::QuarantinedRecord> quarantined = {}) {
    Backfill({endpoint});
    const std::vector<v1::FetchAssignment> leases = Lease("fetcher");
    EXPECT_FALSE(leases.empty());
    const absl::StatusOr<v1::CommitPageResponse> response =
        workers_->CommitPage(Header(leases[0], 0, ""), std::move(rows), std::move(quarantined));
    EXPECT_OK(response);
    FinishAll("fetcher");
    return response->counts();
  }
  void FetchEverything() {
    Fetch(kUsers, {User("77", "Ann@Example.com"), User("88", "bob@example.com")});
    Fetch(kConversations, {Of("77", "anns"), Of("88", "bobs")});
    Fetch(kInteractions, {Of("77", "i1"), Of("88", "i2")});
  }

  v1::Erasure ForgetAnn() {
    v1::ForgetRequest request;
    request.add_users("77");
    request.add_addresses("ann@example.com");
    request.set_requested_by("carol");
    absl::StatusOr<v1::Erasure> erasure = admin_->Forget(request);
    EXPECT_OK(erasure);
    return erasure.value_or(v1::Erasure());
  }
  // What the coordinator does behind the answer, once. False: nothing is due.
  absl::StatusOr<bool> TryWork() {
    std::optional<ErasureWork> work;
    {
      const Core::Turn turn = core_->Enter();
      work = DueErasure(*core_);
    }
    if (!work.has_value()) return false;
    RETURN_IF_ERROR(work->sweep ? SweepStore(*core_, work->source, work->number, stop_)
                                : FinishErasure(*core_, work->source, work->number, stop_));
    return true;
  }
  bool Work() {
    const absl::StatusOr<bool> worked = TryWork();
    EXPECT_OK(worked);
    return worked.value_or(false);
  }
  v1::Erasure Erasure(uint64_t number) {
    v1::GetErasureRequest request;
    request.set_number(number);
    return *admin_->GetErasure(request);
  }
  // As if a worker had told that the destination holds everything.
  void Loaded(const std::string& destination) {
    const Core::Turn turn = core_->Enter();
    storage::LoadRecord load;
    load.set_source(1);
    load.set_destination(destination);
    load.set_loaded(core_->state().sources().at(1).last_change());
    ASSERT_OK(core_->Commit(turn, {load}));
    core_->load_try(1, destination).checked = true;
  }

  std::vector<std::string> Ids(Endpoint endpoint) {
    std::vector<std::string> ids;
    EXPECT_OK(store_->ScanRows(1, endpoint, [&](const v1::Row& row) {
      ids.push_back(row.id());
      return true;
    }));
    return ids;
  }
  uint64_t Counted(Endpoint endpoint) {
    return store_->CountRows(1, endpoint, std::nullopt, std::nullopt).value_or(999);
  }
  std::vector<std::string> Words() {
    std::vector<std::string> ids;
    const store::Changes changes = *store_->ReadChanges(1, 0, 1 << 20);
    for (const v1::Change& change : changes.changes) {
      if (change.erased()) ids.push_back(change.row().id());
    }
    return ids;
  }
  std::atomic<bool> stop_ = false;
};

}  // namespace penstock::coordinator
