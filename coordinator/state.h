// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/endpoint.h"
#include "base/schedule.h"
#include "coordinator/budget/budget.h"
#include "coordinator/limits.h"
#include "coordinator/pace.h"
#include "proto/storage.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// When sync rounds begin by themselves, and of which endpoints.
struct SyncSettings {
  Schedule schedule;
  std::vector<Endpoint> endpoints{kAllEndpoints.begin(), kAllEndpoints.end()};
};

struct AlarmSettings {
  absl::Duration forgotten_within = absl::Hours(24 * 10);  // a day that is not covered has less left
  absl::Duration no_batch_within = absl::Hours(72);        // nothing newer was published, or asked for
};

// Whom to call after each complete sync.
struct HeartbeatSettings {
  std::string url;  // empty: nobody
  HttpConfig http;
};

// What the coordinator was told about a source by its configuration.
struct SourceSettings {
  std::string name;
  std::string url;
  BudgetLimits budget;
  double backfill_share = kBackfillShare;  // of the permits that it and others wait for
  absl::Duration retention = absl::Hours(24 * 30);
  absl::Duration publication_lag = absl::Hours(48);
  std::optional<SyncSettings> sync;  // empty: only when somebody asks
  AlarmSettings alarms;
  HeartbeatSettings heartbeat;
};

// Who is forgotten: keyed hashes (forgotten.h), each with the number of the erasure that asked for it last.
using Suppressed = std::map<std::string, uint64_t>;

// The durable facts: sources, jobs, windows, budgets, loads, erasures. All changes go through Apply, after the record
// is on disk; recovery feeds Apply with what the store holds. So a live change and a restart end in the same
// state. A record that breaks the rules of a state machine is a bug of whoever decided it: CHECK. Not
// thread-safe: the Coordinator's lock guards it.
class State {
 public:
  State(std::string boot_id, absl::Duration started) : boot_id_(std::move(boot_id)), started_(started) {}

  void Apply(const store::Record& record, const Moment& now);

  // Settings come from the configuration, not from the store. Called after recovery, for each configured
  // source.
  void Configure(uint32_t source, const SourceSettings& settings);

  using Jobs = std::map<uint64_t, storage::JobRecord>;
  using Windows = std::map<uint64_t, storage::WindowRecord>;
  using Sources = std::map<uint32_t, storage::SourceRecord>;
  using Loads = std::map<std::pair<uint32_t, std::string>, storage::LoadRecord>;

  using Erasures = std::map<std::pair<uint32_t, uint64_t>, storage::ErasureRecord>;

  const Sources& sources() const { return sources_; }
  const Jobs& jobs() const { return jobs_; }
  const Windows& windows() const { return windows_; }
  const Loads& loads() const { return loads_; }
  // By source and number.
  const Erasures& erasures() const { return erasures_; }
  const Suppressed& SuppressedIn(uint32_t source) const;
  // What tells a hash of another key; empty: nobody is forgotten.
  const std::string& key_check() const { return key_check_; }
  // Of one source, by number: with many sources nobody walks over all.
  using SourceJobs = std::map<uint64_t, const storage::JobRecord*>;
  using SourceWindows = std::map<uint64_t, const storage::WindowRecord*>;
  const SourceJobs& JobsOfSource(uint32_t source) const;
  const SourceWindows& WindowsOfSource(uint32_t source) const;
  // The windows of a job, by number.
  const std::set<uint64_t>& WindowsOf(uint64_t job) const;
  // Windows in state PENDING or LEASED, over all jobs.
  const std::set<uint64_t>& open_windows() const { return open_windows_; }

  const storage::SourceRecord* FindSource(absl::string_view name) const;
  const storage::JobRecord* FindJob(uint64_t number) const;
  const storage::WindowRecord* FindWindow(uint64_t number) const;
  const storage::LoadRecord* FindLoad(uint32_t source, const std::string& destination) const;
  // Null for a source that the configuration no longer names.
  const SourceSettings* SettingsOf(uint32_t source) const;
  // CHECKs that the source is configured.
  const Budget& BudgetOf(uint32_t source) const;
  // For its pace, which is no durable fact.
  Budget& MutableBudget(uint32_t source);
  // How long the source takes to answer: no durable fact either.
  const Pace& PaceOf(uint32_t source) const;
  Pace& MutablePace(uint32_t source) { return paces_[source]; }

  uint64_t NextJobNumber() const;
  uint64_t NextWindowNumber() const;
  uint32_t NextSourceId() const;
  uint64_t NextErasureNumber(uint32_t source) const;

 private:
  void ApplyJob(const storage::JobRecord& job);
  void ApplyWindow(const storage::WindowRecord& window);
  Budget& BudgetFor(uint32_t source);

  const std::string boot_id_;
  const absl::Duration started_;
  Sources sources_;
  Jobs jobs_;
  Windows windows_;
  Loads loads_;
  Erasures erasures_;
  std::map<uint32_t, Suppressed> suppressed_;
  std::string key_check_;
  std::map<std::string, uint32_t, std::less<>> source_ids_;  // by name
  std::map<uint32_t, SourceJobs> source_jobs_;
  std::map<uint32_t, SourceWindows> source_windows_;
  std::map<uint64_t, std::set<uint64_t>> windows_of_;
  std::set<uint64_t> open_windows_;
  std::map<uint32_t, std::unique_ptr<Budget>> budgets_;
  std::map<uint32_t, SourceSettings> settings_;
  std::map<uint32_t, Pace> paces_;
};

}  // namespace penstock::coordinator
