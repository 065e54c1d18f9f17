// SPDX-License-Identifier: Apache-2.0
#include "coordinator/eraser.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "coordinator/limits.h"

namespace penstock::coordinator {

Eraser::~Eraser() {
  stop_ = true;
  if (under_way_.has_value()) outcome_.wait();
}

void Eraser::Tick() {
  if (under_way_.has_value()) {
    if (outcome_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return;
    TakeOutcome();
  }
  const Core::Turn turn = core_.Enter();
  if (turn.now.boot < next_try_) return;
  under_way_ = DueErasure(core_);
  if (!under_way_.has_value()) return;
  outcome_ = std::async(std::launch::async, [this, work = *under_way_] {
    return work.sweep ? SweepStore(core_, work.source, work.number, stop_)
                      : FinishErasure(core_, work.source, work.number, stop_);
  });
}

void Eraser::TakeOutcome() {
  const absl::Status status = outcome_.get();
  const ErasureWork work = *std::exchange(under_way_, std::nullopt);
  const Core::Turn turn = core_.Enter();
  core_.erasure_trouble(work.source) = std::string(status.message());
  LogFields fields = {{"source", core_.state().sources().at(work.source).name()},
                      {"erasure", absl::StrCat(work.number)}};
  if (status.ok()) {
    next_try_ = turn.now.boot;
    return Log(
        LogLevel::kInfo,
        work.sweep ? "a person was erased from the store" : "a person was erased from every destination",
        fields);
  }
  next_try_ = turn.now.boot + kEraseAgain;
  fields.push_back({"error", std::string(status.message())});
  Log(LogLevel::kWarning, "a person is not erased yet; it is tried again", fields);
}

}  // namespace penstock::coordinator
