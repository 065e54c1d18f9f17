// SPDX-License-Identifier: Apache-2.0
#include "coordinator/heartbeat_shell.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/log.h"

namespace penstock::coordinator {

HeartbeatShell::HeartbeatShell(Core& core, std::unique_ptr<HeartbeatClient> client)
    : core_(core), client_(std::move(client)) {}

HeartbeatShell::~HeartbeatShell() {
  client_->Abort();
  if (called_.has_value()) outcome_.wait();
}

void HeartbeatShell::Tick() {
  if (called_.has_value()) {
    if (outcome_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    TakeOutcome();
  }
  const Core::Turn turn = core_.Enter();
  called_ = book_.Due(core_.state(), turn.now);
  if (!called_.has_value()) return;
  outcome_ =
      std::async(std::launch::async, [client = client_.get(), to = called_->to] { return client->Call(to); });
}

void HeartbeatShell::TakeOutcome() {
  const absl::Status status = outcome_.get();
  const Heartbeat called = *std::exchange(called_, std::nullopt);
  const Core::Turn turn = core_.Enter();
  LogFields fields = {{"source", core_.state().sources().at(called.source).name()},
                      {"job", JobName(called.job)}};
  // Unrecorded it is called again after a restart, which does no harm.
  const absl::Status kept = core_.Commit(turn, book_.Ended(core_.state(), called, status, turn.now));
  if (status.ok() && kept.ok()) return Log(LogLevel::kInfo, "the heartbeat was taken", fields);
  fields.push_back({"error", std::string(status.ok() ? kept.message() : status.message())});
  if (const auto next = book_.NextTry(called))
    fields.push_back({"again in", FormatSpan(*next - turn.now.boot)});
  Log(LogLevel::kWarning, "the heartbeat failed", fields);
}

}  // namespace penstock::coordinator
