// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/config.h"
#include "coordinator/server.h"
#include "proto/admin_service.grpc.pb.h"
#include "sandbox/sandbox_server.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/await.h"
#include "tests/fakes/served_records.h"
#include "tests/fakes/shifted_clock.h"
#include "tests/fakes/status_matchers.h"
#include "worker/worker.h"

namespace penstock {

// A whole Penstock in this process: sandbox, coordinator on a real store, workers with real HTTP, a SQLite
// file; joined by the unix socket that separate processes would use. A test sets `serve` and `config`, starts
// the parts in the order it likes, and compares the outcome with what a second, untroubled sandbox of the
// same data serves.
//
//   serve.faults = {"500=3"};
//   RunToTheEnd();
//   ExpectExact();
class ClusterTest : public ::testing::Test {
 protected:
  ClusterTest();
  ~ClusterTest() override;

  // --- the parts, each to be started and stopped at will ---
  void StartSandbox();  // on the same port again after StopSandbox
  void StopSandbox();
  void StartCoordinator();
  void StopCoordinator();
  // Its index. Drained workers keep theirs.
  size_t StartWorker();
  // Waits until it gave everything back.
  void DrainWorker(size_t index);
  // Waits until it ends by itself.
  absl::Status EndOfWorker(size_t index);

  // --- what is asked of them ---
  uint64_t Backfill(const std::vector<Endpoint>& endpoints = {});
  uint64_t SyncNow();
  v1::Job Job(uint64_t number);
  v1::SourceStatus Status();
  std::vector<v1::Window> Windows(v1::WindowState state);
  void Control(uint64_t job, v1::ControlJobRequest::Action action);
  void Resync(const std::string& destination);
  // By a user's id.
  v1::Erasure Forget(const std::string& user);
  // Goes on with erasures, as the process does, until this one is as wanted.
  v1::Erasure AwaitErasure(uint64_t number, const std::function<bool(const v1::Erasure&)>& condition);
  // Of a worker, through the coordinator; the whole answer in pieces.
  absl::StatusOr<std::vector<v1::QueryAnswer>> Ask(const v1::Query& query);
  // As the process makes one, until that has ended.
  v1::BackupRun BackUp();
  // Of these destinations, when all have ended.
  std::map<std::string, v1::Verification> Verify(const std::vector<std::string>& destinations);

  // --- waiting; each fails the test with the source's status when it takes too long ---
  void AwaitThat(const std::string& what, const std::function<bool(const v1::SourceStatus&)>& condition);
  v1::Job AwaitJob(uint64_t number);
  void AwaitLoaded();
  // Sandbox, coordinator, a backfill of everything, a worker; until the job is done and loaded.
  v1::Job RunToTheEnd();

  // --- the outcome ---
  Records Stored(Endpoint endpoint);  // each record's raw bytes
  std::vector<v1::QuarantineEntry> Quarantine();
  Records Truth(Endpoint endpoint);
  // Store and SQLite hold exactly what is served.
  void ExpectExact(const std::vector<Endpoint>& endpoints);
  void ExpectExact();
  // SQLite holds exactly what the store holds.
  void ExpectSqliteEqualsStore(Endpoint endpoint);
  // Everything in the file, Penstock's own columns and cursor too.
  std::vector<std::vector<std::string>> Dump();

  ShiftedClock clock;               // of coordinator and workers
  std::string coordinator_address;  // for workers; empty: the socket in the state directory
  sandbox::SandboxOptions serve;
  Config config;  // one source "acme", one destination "warehouse"
  SourceConfig& source() { return config.sources["acme"]; }
  sandbox::SandboxServer& sandbox() { return *sandbox_; }
  std::string warehouse() const { return config.destinations.at("warehouse").path; }
  std::string File(const std::string& name) const { return folder_ / name; }
  // Readable for its owner alone.
  void WriteSecret(const std::string& path, const std::string& text);

 private:
  struct RunningWorker {
    std::unique_ptr<worker::Worker> worker;
    std::unique_ptr<absl::Status> end = std::make_unique<absl::Status>();
    std::thread thread;
  };

  destinations::TemporaryFolder folder_;
  std::unique_ptr<sandbox::SandboxServer> sandbox_;
  std::unique_ptr<sandbox::SandboxServer> truth_;
  std::unique_ptr<coordinator::Server> coordinator_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::vector<RunningWorker> workers_;
};

}  // namespace penstock
