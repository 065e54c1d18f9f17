// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "tests/crash/child_process.h"

namespace penstock {

// One of the processes that the storm kills, stops and starts again, and how often it did.
class Daemon {
 public:
  Daemon(std::string name, std::function<std::unique_ptr<ChildProcess>()> start)
      : name_(std::move(name)), start_(std::move(start)) {}

  void Start();
  // kill -9, also of a stopped one; it stays down until Start.
  void Kill();
  // Stops it; Resume lets it go on. On one that is stopped it has no effect.
  void Stop();
  void Resume();
  bool stopped() const { return stopped_; }
  // Waits; false as soon as it ends by itself.
  bool Lives(absl::Duration duration) { return !process_->Wait(duration).has_value(); }
  // SIGTERM, and its exit code.
  int Drain();

  const std::string& name() const { return name_; }
  int kills() const { return kills_; }
  int stops() const { return stops_; }
  int long_stops() const { return long_stops_; }  // longer than a lease

 private:
  const std::string name_;
  const std::function<std::unique_ptr<ChildProcess>()> start_;
  std::unique_ptr<ChildProcess> process_;
  bool stopped_ = false;
  absl::Duration stopped_at_;
  int kills_ = 0;
  int stops_ = 0;
  int long_stops_ = 0;
};

}  // namespace penstock
