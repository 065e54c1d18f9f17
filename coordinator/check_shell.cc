// SPDX-License-Identifier: Apache-2.0
#include "coordinator/check_shell.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "proto/convert.h"

namespace penstock::coordinator {

void PutFound(const absl::StatusOr<store::StoreCheck>& found, v1::StoreCheck& view) {
  if (!found.ok()) {
    view.set_state(v1::StoreCheck::FAILED);
    view.set_failure(std::string(found.status().message()));
    return;
  }
  view.set_state(v1::StoreCheck::DONE);
  view.set_rows(found->rows);
  view.set_changes(found->changes);
  view.set_bytes(found->bytes);
  view.set_differing(found->differing);
  for (const std::string& difference : found->differences) view.add_differences(difference);
}

CheckShell::~CheckShell() {
  stop_ = true;
  if (found_.valid()) found_.wait();
}

void CheckShell::Tick() {
  if (!found_.valid()) {
    const Core::Turn turn = core_.Enter();
    if (core_.store_check().state() != v1::StoreCheck::RUNNING) return;
    found_ = std::async(std::launch::async, [this] { return core_.store().Check(stop_); });
    return;
  }
  if (found_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
  const absl::StatusOr<store::StoreCheck> found = found_.get();
  const Core::Turn turn = core_.Enter();
  v1::StoreCheck& check = core_.store_check();
  PutFound(found, check);
  *check.mutable_ended() = ToProto(turn.now.wall);
  if (check.state() == v1::StoreCheck::DONE && check.differing() == 0) {
    return Log(LogLevel::kInfo, "the store was checked and is whole", {{"rows", absl::StrCat(check.rows())}});
  }
  Log(LogLevel::kError, "the store is not whole, or could not be checked",
      {{"differing", absl::StrCat(check.differing())},
       {"first", check.differences().empty() ? check.failure() : check.differences(0)}});
}

}  // namespace penstock::coordinator
