// SPDX-License-Identifier: Apache-2.0
#include "coordinator/state.h"

#include <iterator>

#include "base/status_macros.h"
#include "coordinator/window_state.h"

namespace penstock::coordinator {
namespace {

// Jobs count from 1 and windows from 1001, so that a number in the wrong place of a log line stands out.
constexpr uint64_t kFirstWindow = 1001;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key) -> const typename Map::mapped_type* {
  auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

void State::Apply(const store::Record& record, const Moment& now) {
  std::visit(Overloaded{
                 [&](const storage::SourceRecord& source) {
                   sources_[source.id()] = source;
                   source_ids_[source.name()] = source.id();
                 },
                 [&](const storage::JobRecord& job) { ApplyJob(job); },
                 [&](const storage::WindowRecord& window) { ApplyWindow(window); },
                 [&](const storage::SlotRecord& slot) { BudgetFor(slot.source()).Apply(slot); },
                 [&](const storage::BudgetRecord& budget) { BudgetFor(budget.source()).Apply(budget, now); },
                 [&](const storage::LoadRecord& load) {
                   loads_[{load.source(), load.destination()}] = load;
                 },
                 [&](const storage::SuppressionRecord& suppression) {
                   suppressed_[suppression.source()][suppression.hash()] = suppression.erasure();
                   key_check_ = suppression.key_check();
                 },
                 [&](const storage::ErasureRecord& erasure) {
                   erasures_[{erasure.source(), erasure.number()}] = erasure;
                 },
             },
             record);
}

void State::ApplyJob(const storage::JobRecord& job) {
  auto it = jobs_.find(job.number());
  if (it != jobs_.end() && it->second.state() != job.state()) CHECK(CanMove(it->second.state(), job.state()));
  storage::JobRecord& kept = jobs_[job.number()];
  kept = job;
  source_jobs_[job.source()][job.number()] = &kept;
}

void State::ApplyWindow(const storage::WindowRecord& window) {
  auto it = windows_.find(window.number());
  if (it != windows_.end() && it->second.state() != window.state()) {
    CHECK(CanMove(it->second.state(), window.state()));
  }
  storage::WindowRecord& kept = windows_[window.number()];
  kept = window;
  source_windows_[window.source()][window.number()] = &kept;
  windows_of_[window.job()].insert(window.number());
  if (IsSettled(window.state())) {
    open_windows_.erase(window.number());
  } else {
    open_windows_.insert(window.number());
  }
}

Budget& State::BudgetFor(uint32_t source) {
  std::unique_ptr<Budget>& budget = budgets_[source];
  if (budget == nullptr) budget = std::make_unique<Budget>(source, BudgetLimits{}, boot_id_, started_);
  return *budget;
}

void State::Configure(uint32_t source, const SourceSettings& settings) {
  settings_[source] = settings;
  BudgetFor(source).SetLimits(settings.budget);
}

const std::set<uint64_t>& State::WindowsOf(uint64_t job) const {
  static const std::set<uint64_t>* const kNone = new std::set<uint64_t>;
  const std::set<uint64_t>* windows = Find(windows_of_, job);
  return windows == nullptr ? *kNone : *windows;
}

const State::SourceJobs& State::JobsOfSource(uint32_t source) const {
  static const auto* const kNone = new SourceJobs;
  const SourceJobs* jobs = Find(source_jobs_, source);
  return jobs == nullptr ? *kNone : *jobs;
}

const State::SourceWindows& State::WindowsOfSource(uint32_t source) const {
  static const auto* const kNone = new SourceWindows;
  const SourceWindows* windows = Find(source_windows_, source);
  return windows == nullptr ? *kNone : *windows;
}

const storage::SourceRecord* State::FindSource(absl::string_view name) const {
  const uint32_t* id = Find(source_ids_, std::string(name));
  return id == nullptr ? nullptr : &sources_.at(*id);
}

const storage::JobRecord* State::FindJob(uint64_t number) const { return Find(jobs_, number); }
const storage::WindowRecord* State::FindWindow(uint64_t number) const { return Find(windows_, number); }
const storage::LoadRecord* State::FindLoad(uint32_t source, const std::string& destination) const {
  return Find(loads_, std::pair(source, destination));
}
const SourceSettings* State::SettingsOf(uint32_t source) const { return Find(settings_, source); }

const Suppressed& State::SuppressedIn(uint32_t source) const {
  static const Suppressed* const kNobody = new Suppressed;
  const Suppressed* suppressed = Find(suppressed_, source);
  return suppressed == nullptr ? *kNobody : *suppressed;
}

const Budget& State::BudgetOf(uint32_t source) const {
  auto it = budgets_.find(source);
  CHECK(it != budgets_.end());
  return *it->second;
}
Budget& State::MutableBudget(uint32_t source) { return BudgetFor(source); }

const Pace& State::PaceOf(uint32_t source) const {
  static const Pace* const kUnmeasured = new Pace;
  const Pace* pace = Find(paces_, source);
  return pace == nullptr ? *kUnmeasured : *pace;
}

uint64_t State::NextJobNumber() const { return jobs_.empty() ? 1 : jobs_.rbegin()->first + 1; }
uint64_t State::NextWindowNumber() const {
  return windows_.empty() ? kFirstWindow : windows_.rbegin()->first + 1;
}
uint64_t State::NextErasureNumber(uint32_t source) const {
  const auto after = erasures_.upper_bound({source, UINT64_MAX});
  if (after == erasures_.begin() || std::prev(after)->first.first != source) return 1;
  return std::prev(after)->first.second + 1;
}
uint32_t State::NextSourceId() const { return sources_.empty() ? 1 : sources_.rbegin()->first + 1; }

}  // namespace penstock::coordinator
