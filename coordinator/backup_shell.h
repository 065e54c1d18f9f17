// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/core.h"

namespace penstock::coordinator {

// Keeps the backups of a coordinator's store, on a thread of its own: lists them after the start, makes one when
// somebody asked (BackupBook::run) and by the schedule, one at a time. A backup holds what a restored state directory
// needs: the store and the key of forget_key.h; neither configuration nor secrets.
class BackupShell {
 public:
  explicit BackupShell(Core& core) : core_(core) {}
  // A backup that is under way is given up.
  ~BackupShell();

  // Takes what came of the last work and begins the next. Never waits for it.
  void Tick();

 private:
  struct Outcome {
    std::optional<absl::StatusOr<store::Backup>> made;  // empty: none was to be made
    absl::StatusOr<std::vector<store::Backup>> listed;
    uint64_t bytes = 0;
  };
  Outcome Work(bool make, const Moment& now);
  absl::StatusOr<store::Backup> Make(const Moment& now);
  void TakeOutcome();

  Core& core_;
  std::atomic<bool> stop_ = false;
  std::future<Outcome> outcome_;  // valid while something is under way
};

// A directory of backups belongs to one state directory, and to copies of it: it holds the same key. Durable when it
// returns. FAILED_PRECONDITION: it holds another one.
absl::Status KeepKeyWithBackups(const std::string& directory, const std::string& key);

}  // namespace penstock::coordinator
