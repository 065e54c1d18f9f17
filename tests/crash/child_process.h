// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace penstock {

// One of the project's commands, running. What it says on both of its outputs goes to a file.
class ChildProcess {
 public:
  // `words[0]` is a binary's name. `output` is appended to.
  ChildProcess(std::vector<std::string> words, const std::string& output);
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal);
  // Its exit code, or 128 + the signal that ended it; empty when it still runs after `limit`. Wakes at once
  // when it ends.
  std::optional<int> Wait(absl::Duration limit);
  // The most memory that it ever held, once it has ended.
  int64_t peak_bytes() const { return peak_bytes_; }

 private:
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<int> code_;
  int64_t peak_bytes_ = 0;
};

}  // namespace penstock
