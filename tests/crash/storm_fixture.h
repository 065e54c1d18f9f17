// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "proto/admin_service.grpc.pb.h"
#include "tests/crash/crash_fixture.h"
#include "tests/crash/daemon.h"
#include "tests/crash/endless_source.h"
#include "tests/crash/expected_rows.h"
#include "tests/crash/recording_client.h"
#include "worker/worker.h"

namespace penstock {

// One coordinator for two sources. "made-up" is fetched by a worker inside the test, whose every promise is
// recorded, and loaded into mirror.db by a worker process; "acme" is a sandbox, fetched and loaded into
// warehouse.db by two worker processes.
class Storm : public CrashTest {
 protected:
  Storm();
  ~Storm() override;

  void StartEverything();
  // Strikes until the time is over or something is not true any more.
  void Rage();
  // What is stopped goes on, the made-up source is drained, both warehouses catch up.
  void LetEverythingEnd();
  void CompareStore();
  void CompareWarehouses();
  void PrintTable() const;

  uint64_t seed() const { return seed_; }
  bool IsLongForm() const { return length_ >= absl::Minutes(2); }
  int Kills() const;
  double KillsPerSecond() const { return Kills() / absl::ToDoubleSeconds(raged_); }
  std::vector<std::string> Violations() const { return expected_.violations(); }
  // From the kill of the coordinator to the next permit that a worker got. `quantile` 1: the worst.
  absl::Duration RecoveryTime(double quantile) const;

 private:
  // Kills or stops one of the processes after a random while, and looks whether everything is still true.
  void Strike();
  absl::Duration Elapsed() const;
  void WriteConfigs();
  void StartRecordedWorker();
  void DrainRecordedWorker();
  void KillCoordinator();
  void StopFor(Daemon& daemon, absl::Duration duration);
  void ChangeLongStop();
  // Until this much was acknowledged since the last start: then the log that a start reads is full.
  void FillLog();
  void Elapse(absl::Duration duration);
  absl::Duration Between(absl::Duration least, absl::Duration most);
  void Backfill(const std::string& source);
  bool JobsAreDone(const std::string& source);
  bool IsLoaded(const std::string& destination);

  const uint64_t seed_;
  const absl::Duration length_;
  SeededRandom random_;
  absl::Duration began_;
  absl::Duration raged_;
  std::string address_;
  ExpectedRows expected_;
  std::vector<absl::Duration> recoveries_;
  uint64_t compared_ = 0;  // how often the whole store was

  std::unique_ptr<Daemon> coordinator_;
  std::vector<std::unique_ptr<Daemon>> workers_;  // two that fetch, then the loader
  Daemon* long_stopped_ = nullptr;
  absl::Duration long_stop_ends_;
  bool coordinator_stopped_long_ = false;

  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::shared_ptr<RecordingClient> client_;
  EndlessSource* source_ = nullptr;  // the worker's
  std::unique_ptr<worker::Worker> worker_;
  std::thread worker_thread_;
};

}  // namespace penstock
