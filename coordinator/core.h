// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "coordinator/backup_book.h"
#include "coordinator/lateness.h"
#include "coordinator/lease_book.h"
#include "coordinator/permit_desk.h"
#include "coordinator/query_book.h"
#include "coordinator/state.h"
#include "coordinator/window_decider.h"
#include "store/store.h"

namespace penstock::coordinator {

struct CoreOptions {
  std::vector<SourceSettings> sources;
  std::map<std::string, std::string> destinations;  // name -> name of its source; empty: the only one
  // How long a destination's loads keep apart while a job of its source runs; left out: not at all.
  std::map<std::string, absl::Duration> load_intervals;
  // `penstock run`: whoever held a lease died with the last process, so leases need not run out first.
  bool workers_died_with_us = false;
  bool read_only = false;
  // Of STATE/forget-key, kHashKeyBytes: who is forgotten is recognised by it. Empty: nobody can be forgotten.
  std::string forget_key;
  BackupSettings backup;
  // Loads put the coverage of the source's days into each destination.
  bool report_coverage = false;
};

// What a worker last said of itself. Not durable.
struct WorkerSeen {
  v1::SyncRequest request;
  absl::Duration at;   // boot clock
  std::string caller;  // whom its certificate names
};

// The coordinator's one door: a lock, one reading of the clock per call, and one way to change facts
// (Commit). All durable facts are in State; leases' deadlines, the permit queue and the workers seen live as
// long as the process.
class Core {
 public:
  // Recovers the facts from the store, binds the configured sources to it, and keeps what it found
  // consistent. INVALID_ARGUMENT: the state belongs to another source URL, or a
  // destination names no known source. FAILED_PRECONDITION: somebody is forgotten here under another key.
  static absl::StatusOr<std::unique_ptr<Core>> Open(std::unique_ptr<store::Store> store, const Clock& clock,
                                                    Random& random, CoreOptions options);

  // A call's stay behind the door. The core may be used only while one exists.
  class Turn {
   public:
    Moment now;

   private:
    friend class Core;
    Turn(std::unique_lock<std::mutex> lock, Moment now) : now(now), lock_(std::move(lock)) {}
    std::unique_lock<std::mutex> lock_;
  };
  // Blocks for the lock; then ends leases that have expired.
  Turn Enter();
  // Every source of the configuration, each as it is at one moment. Others are let in between, so that no permit waits
  // for a thousand of them. To be called without a turn. Errors of `visit`.
  absl::Status VisitSources(
      const std::function<absl::Status(const Turn& turn, const storage::SourceRecord& source)>& visit);
  // Leaves until something changed or `until` (boot clock) has come, and enters again.
  Turn WaitForNews(Turn turn, absl::Duration until);

  // Those who wait look again: something changed that no commit tells of.
  void Tell(const Turn&) { news_.notify_all(); }

  // From now on every wait ends at once: the process is about to stop.
  void Close();
  bool closed(const Turn&) const { return closed_; }

  // Not OK once the store failed for good: nothing can be committed any more, and the process must end.
  absl::Status fatal(const Turn&) const { return fatal_; }

  // Store first, then Apply. The one mutator. FAILED_PRECONDITION when read-only.
  absl::StatusOr<store::Committed> Commit(const Turn& turn, store::Batch batch);
  absl::Status Commit(const Turn& turn, Records records);

  const State& state() const { return state_; }
  const store::Store& store() const { return *store_; }
  // These need no turn, and take as long as they take.
  absl::Status Scour(uint32_t source, std::atomic<bool>& stop) { return store_->Scour(source, stop); }
  absl::StatusOr<store::Backup> BackUp(const store::BackupOrder& order, std::atomic<bool>& stop) {
    return store_->BackUp(order, stop);
  }
  LeaseBook& leases() { return leases_; }
  PermitDesk& desk() { return desk_; }
  // From the moment at which a permit could be given to the one at which it was.
  Lateness& permit_lateness() { return permit_lateness_; }
  QueryBook& queries() { return queries_; }
  Budget& budget(uint32_t source) { return state_.MutableBudget(source); }
  Pace& pace(uint32_t source) { return state_.MutablePace(source); }
  std::map<std::string, WorkerSeen>& workers() { return workers_; }
  const CoreOptions& options() const { return options_; }
  Random& random() { return random_; }
  v1::StorePosition Position() const;

  // The source's id from its configured name; empty name: the only one. INVALID_ARGUMENT lists them.
  absl::StatusOr<uint32_t> SourceId(const std::string& name) const;

  // The credentials that a source was served with since the start.
  bool KnowsCredentials(uint32_t source, const std::string& generation) const {
    return credentials_.contains({source, generation});
  }
  void RememberCredentials(uint32_t source, const std::string& generation) {
    credentials_.insert({source, generation});
  }

  // Loads that were checked against their destination since the start, and when a failed one is tried again.
  struct LoadTry {
    bool checked = false;                              // its load cursor was read
    bool tried = false;                                // a load was reported, done or failed
    absl::Duration ended = -absl::InfiniteDuration();  // the last one that was done
    absl::Duration next_try = -absl::InfiniteDuration();
    absl::Duration backoff;
    std::string coverage_offered;  // version of the coverage that the load that runs is to put there
    std::string coverage;          // version of the last one that a load ended with; empty: none
  };
  LoadTry& load_try(uint32_t source, const std::string& destination) {
    return load_tries_[{source, destination}];
  }

  // The last verification of each destination that somebody asked for. Not durable: it can be asked for again.
  std::map<std::pair<uint32_t, std::string>, v1::Verification>& verifications() { return verifications_; }

  // Why the erasures of a source do not go on; empty: they do.
  std::string& erasure_trouble(uint32_t source) { return erasure_troubles_[source]; }

  // The last one that somebody asked for; number 0: nobody did. Not durable.
  v1::StoreCheck& store_check() { return store_check_; }
  BackupBook& backups() { return backups_; }
  const BackupBook& backups() const { return backups_; }

  // Of each source, as it was worked out last.
  struct CoverageKnown {
    absl::Duration at = -absl::InfiniteDuration();
    v1::CoverageReport report;
    bool stale = true;  // a window was read or counted since
  };
  CoverageKnown& coverage(uint32_t source) { return coverage_[source]; }

 private:
  Core(std::unique_ptr<store::Store> store, const Clock& clock, Random& random, CoreOptions options);
  absl::Status Recover(const Turn& turn);
  absl::Status CheckForgetKey() const;
  absl::Status BindSources(const Turn& turn);
  absl::Status UseAllSlots(const Turn& turn);
  void EndExpiredLeases(const Turn& turn);
  void Apply(const Turn& turn, const std::vector<store::Record>& records);

  const std::unique_ptr<store::Store> store_;
  const Clock& clock_;
  Random& random_;
  CoreOptions options_;
  std::mutex mutex_;
  std::condition_variable news_;
  bool closed_ = false;
  absl::Status fatal_;
  State state_;
  LeaseBook leases_;
  PermitDesk desk_;
  Lateness permit_lateness_;
  QueryBook queries_;
  std::map<std::string, WorkerSeen> workers_;
  std::map<std::pair<uint32_t, std::string>, LoadTry> load_tries_;
  std::map<std::pair<uint32_t, std::string>, v1::Verification> verifications_;
  std::map<uint32_t, CoverageKnown> coverage_;
  std::map<uint32_t, std::string> erasure_troubles_;
  BackupBook backups_;
  v1::StoreCheck store_check_;
  std::set<std::pair<uint32_t, std::string>> credentials_;
};

}  // namespace penstock::coordinator
