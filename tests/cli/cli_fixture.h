// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "cli/app.h"
#include "cli/flags.h"
#include "cli/survey.h"
#include "cli/terminal.h"
#include "cli/upkeep.h"
#include "proto/convert.h"
#include "tests/fakes/fake_admin_service.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::cli {

// Types commands: Run({"jobs", "list"}) with a state directory that no process holds, so that the store is
// "opened for reading" by handing out a channel to `admin`.
class CliTest : public ::testing::Test {
 protected:
  CliTest();
  ~CliTest() override;

  CliEnvironment Environment();

  // As typed, and with --state in front.
  int RunBare(std::vector<std::string> words);
  int Run(std::vector<std::string> words);

  void ExpectFits() const;

  static google::protobuf::Timestamp Time(const std::string& text);

  v1::Job& AddJob(uint64_t number, v1::JobState job_state);
  v1::Window& AddWindow(uint64_t number, uint64_t job, v1::Endpoint endpoint, v1::WindowState window_state);

  std::string state;
  FakeAdminService admin;
  FakeClock clock{*ParseDate("2026-03-31T06:02:11Z")};
  std::ostringstream out, err;
  std::istringstream in;
  Terminal terminal;
  absl::Status open_failure, destination_status, reach_status, config_status;
  std::vector<std::string> tested, reached;
  std::vector<std::pair<std::string, v1::Query>> asked;  // by this process itself
  std::vector<RunOptions> ran;
  std::vector<LoadOptions> loaded;
  std::vector<std::pair<Survey, RunOptions>> surveyed;
  std::vector<std::pair<Loads, LoadOptions>> hosted;
  std::vector<FoundTable> found_tables;
  std::vector<std::pair<std::string, AdoptOptions>> adopted;
  std::vector<RestoreOptions> restores;
  RestoredState restored;
  std::vector<std::string> verified;
  int signal = 0;
  std::map<std::string, std::string> variables;
};

}  // namespace penstock::cli
