// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/crash/child_process.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/await.h"
#include "tests/fakes/served_records.h"

namespace penstock {

// The real commands in a folder of their own, a sandbox with a key, and a second sandbox that serves the same
// data to the test alone.
class CrashTest : public ::testing::Test {
 protected:
  CrashTest();
  ~CrashTest() override;

  struct Ended {
    int code = -1;
    std::string output;
  };
  // Runs a command to its end; one that takes a minute fails the test.
  Ended Run(std::vector<std::string> words);
  // Starts one; its output is added to a file of this name.
  std::unique_ptr<ChildProcess> Start(std::vector<std::string> words, const std::string& output);
  std::string Output(const std::string& name) const;
  void AwaitOutput(const std::string& name, const std::string& text);

  // Serves `tenant` (synthetic words) at source_url() for whoever has the key.
  void StartSandbox(const std::vector<std::string>& flags);
  const std::string& source_url() const { return source_url_; }
  // penstock run .. against it, into state() and warehouse().
  std::vector<std::string> RunCommand(const std::vector<std::string>& flags = {}) const;

  struct Seen {
    uint64_t requests = 0;
    uint64_t most_in_60s = 0;
    uint64_t limited = 0;
  };
  Seen Report() const;

  struct Jobs {
    size_t count = 0;
    size_t running = 0;
    uint64_t requests = 0;  // whose answer is stored, over all jobs
  };
  // `where` is --state DIR or --coordinator HOST:PORT.
  Jobs ListJobs(const std::vector<std::string>& where);

  // The store and the SQLite file hold exactly what is served, and each record once.
  void ExpectExact(const std::vector<std::string>& where);
  // No output and no file of the state holds the key.
  void ExpectNoSecretAnywhere() const;

  std::string File(const std::string& name) const { return folder_ / name; }
  std::string state() const { return File("state"); }
  std::string warehouse() const { return File("warehouse.db"); }
  std::string key_file() const { return File("api-key"); }
  void WriteFile(const std::string& name, const std::string& text) const;

  std::string tenant = "days=4,users=120,conversations=30,seed=3";

 private:
  std::string StartOneSandbox(const std::string& output, const std::vector<std::string>& flags,
                              std::unique_ptr<ChildProcess>& process);

  destinations::TemporaryFolder folder_;
  std::string now_;  // of both sandboxes' tenant
  std::unique_ptr<ChildProcess> sandbox_;
  std::unique_ptr<ChildProcess> truth_;
  std::string source_url_;
  std::string truth_url_;
  int runs_ = 0;
  int sandboxes_ = 0;
};

// A port that was free a moment ago.
int FreePort();

// "PENSTOCK_CRASH_ROUNDS", else `otherwise`.
int CrashRounds(int otherwise);
bool IsLongForm();

}  // namespace penstock
