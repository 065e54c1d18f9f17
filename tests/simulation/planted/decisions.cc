// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted/decisions.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "proto/convert.h"
#include "tests/fakes/forwarding_store.h"

namespace penstock::simulation::planted {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

class Decisions final : public ForwardingStore {
 public:
  Decisions(World& world, std::unique_ptr<store::Store> store)
      : ForwardingStore(std::move(store)), world_(world) {}

  uint64_t epoch() const override {
    return world_.bug == Bug::kTokensStartAgain ? 1 : ForwardingStore::epoch();
  }

  absl::StatusOr<store::Committed> Commit(store::Batch batch) override {
    std::vector<store::Record> unwritten;
    if (world_.bug == Bug::kGrantNotDurable) {
      const auto slots = std::stable_partition(batch.records.begin(), batch.records.end(), IsNoSlot);
      unwritten.assign(slots, batch.records.end());
      batch.records.erase(slots, batch.records.end());
    }
    if (batch.page.has_value()) SpoilPage(batch);
    Spoil(batch.records);
    absl::StatusOr<store::Committed> committed = ForwardingStore::Commit(std::move(batch));
    if (!committed.ok()) return committed;
    committed->records.insert(committed->records.end(), unwritten.begin(), unwritten.end());
    for (const store::Record& record : committed->records) Remember(record);
    return committed;
  }

  absl::Status ForEachRecord(const std::function<void(store::Record)>& visit) const override {
    return ForwardingStore::ForEachRecord([&](store::Record record) {
      Remember(record);
      if (world_.bug == Bug::kBudgetForgotten && !IsNoSlot(record)) return;
      auto* budget = std::get_if<storage::BudgetRecord>(&record);
      if (world_.bug == Bug::kPauseForgotten && budget != nullptr) budget->clear_paused_until();
      const auto* window = std::get_if<WindowRecord>(&record);
      if (world_.bug == Bug::kWindowForgotten && window != nullptr && window->number() % 4 == 3) return;
      visit(std::move(record));
    });
  }

 private:
  static bool IsNoSlot(const store::Record& record) {
    return !std::holds_alternative<storage::SlotRecord>(record);
  }

  void Remember(const store::Record& record) const {
    if (const auto* window = std::get_if<WindowRecord>(&record)) windows_[window->number()] = *window;
    if (const auto* job = std::get_if<JobRecord>(&record)) jobs_[job->number()] = *job;
  }

  void SpoilPage(store::Batch& batch) {
    if (world_.bug == Bug::kProgressWithoutRows && ++pages_ % 10 == 0) batch.page->rows.clear();
    batch.finish = [this, finish = std::move(batch.finish),
                    page_window = batch.page->window](const v1::PageCounts& counts) {
      std::vector<store::Record> records = finish(counts);
      if (world_.bug == Bug::kRowsWithoutProgress) {
        std::erase_if(records, [&](const store::Record& record) {
          const auto* window = std::get_if<WindowRecord>(&record);
          return window != nullptr && window->number() == page_window;
        });
      }
      for (store::Record& record : records) {
        auto* window = std::get_if<WindowRecord>(&record);
        if (window != nullptr && window->number() == page_window) SpoilProgress(*window);
      }
      if (world_.bug == Bug::kJobDoneTooEarly) EndJob(windows_[page_window].job(), records);
      Spoil(records);
      return records;
    };
  }

  void SpoilProgress(WindowRecord& window) {
    const WindowRecord& known = windows_[window.number()];
    if (window.next_link().empty()) return;
    if (world_.bug == Bug::kOldNextLink && !known.next_link().empty()) {
      window.set_next_link(known.next_link());
    }
    if (world_.bug == Bug::kDoneTooEarly && window.next_page() > 2) {
      window.set_state(WindowRecord::DONE);
      window.clear_next_link();
      window.clear_worker();
    }
  }

  void EndJob(uint64_t number, std::vector<store::Record>& records) {
    JobRecord job = jobs_[number];
    for (const store::Record& record : records) {
      if (std::holds_alternative<JobRecord>(record)) return;
      const auto* window = std::get_if<WindowRecord>(&record);
      if (window != nullptr && window->state() != WindowRecord::DONE) return;
    }
    if (job.state() != JobRecord::RUNNING) return;
    job.set_state(JobRecord::DONE);
    records.push_back(job);
  }

  void Spoil(std::vector<store::Record>& records) {
    for (store::Record& record : records) {
      auto* window = std::get_if<WindowRecord>(&record);
      if (window == nullptr) continue;
      const auto known = windows_.find(window->number());
      if (world_.bug == Bug::kParkedAsDone && window->state() == WindowRecord::PARKED &&
          known != windows_.end() && known->second.state() == WindowRecord::LEASED) {
        window->set_state(WindowRecord::DONE);
      }
      if (world_.bug == Bug::kGapBetweenWindows && known == windows_.end() && window->has_from() &&
          window->purpose() == WindowRecord::RANGE) {
        *window->mutable_from() = ToProto(FromProto(window->from()) + absl::Seconds(1));
      }
    }
  }

  World& world_;
  // As the coordinator believes them.
  mutable std::map<uint64_t, WindowRecord> windows_;
  mutable std::map<uint64_t, JobRecord> jobs_;
  uint64_t pages_ = 0;
};

}  // namespace

std::unique_ptr<store::Store> WithSpoiledDecisions(World& world, std::unique_ptr<store::Store> store) {
  if (world.bug == Bug::kNone) return store;
  return std::make_unique<Decisions>(world, std::move(store));
}

}  // namespace penstock::simulation::planted
