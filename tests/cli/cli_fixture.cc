// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::cli {

CliTest::CliTest() {
  state = absl::StrCat(::testing::TempDir(), "/cli_test.", getpid());
  std::filesystem::create_directories(state);
}

CliTest::~CliTest() { std::filesystem::remove_all(state); }

CliEnvironment CliTest::Environment() {
  return CliEnvironment{
      out,
      err,
      in,
      clock,
      terminal,
      [this](const std::string&) -> absl::StatusOr<std::shared_ptr<grpc::Channel>> {
        if (!open_failure.ok()) return open_failure;
        return admin.Channel();
      },
      [this](const DestinationConfig& destination) {
        tested.push_back(destination.path);
        return destination_status;
      },
      [this](const HostPort& target) {
        reached.push_back(absl::StrCat(target.host, ":", target.port));
        return reach_status;
      },
      [this](Session&, const RunOptions& options) {
        ran.push_back(options);
        return ExitCode::kDone;
      },
      [this](Session&, const LoadOptions& options) {
        loaded.push_back(options);
        return ExitCode::kDone;
      },
      [this](Session&, Survey survey, const RunOptions& options) {
        surveyed.emplace_back(survey, options);
        return ExitCode::kDone;
      },
      [this](Session& session, const LoadOptions& options, Loads loads, const UseCoordinator& use) {
        hosted.emplace_back(loads, options);
        return use(*AdminConnection::Inside(admin.Channel(), state, session.env()),
                   [] { return absl::OkStatus(); });
      },
      [this](const DestinationConfig& destination,
             const AdoptOptions& options) -> absl::StatusOr<std::vector<FoundTable>> {
        adopted.emplace_back(destination.path, options);
        if (!destination_status.ok()) return destination_status;
        return found_tables;
      },
      [this](const Config&, const DestinationConfig& destination, const v1::Query& query,
             absl::Duration) -> absl::StatusOr<std::vector<v1::QueryAnswer>> {
        asked.emplace_back(destination.name, query);
        if (!destination_status.ok()) return destination_status;
        return admin.answer_pieces;
      },
      [this](const DestinationConfig& destination, const std::string& reader) {
        return absl::StrCat("GRANT SELECT ON ", destination.path, " TO ", reader, ";\n");
      },
      [this](const Config&) { return config_status; },
      [this](const BackupConfig&) { return admin.backups; },
      [this](const RestoreOptions& options) {
        restores.push_back(options);
        return restored;
      },
      [this](const std::string&) { return admin.store_check; },
      [this](const std::string& directory) {
        verified.push_back(directory);
        return admin.backups;
      },
      [this] { return signal; },
      [this](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
      }};
}

int CliTest::RunBare(std::vector<std::string> words) {
  out.str("");
  err.str("");
  words.insert(words.begin(), "penstock");
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  return RunCli(static_cast<int>(argv.size()), argv.data(), Environment());
}

int CliTest::Run(std::vector<std::string> words) {
  variables["PENSTOCK_STATE"] = state;
  return RunBare(std::move(words));
}

void CliTest::ExpectFits() const {
  for (absl::string_view line : absl::StrSplit(out.str(), '\n')) EXPECT_LE(Columns(line), 80u) << line;
}

google::protobuf::Timestamp CliTest::Time(const std::string& text) { return ToProto(*ParseDate(text)); }

v1::Job& CliTest::AddJob(uint64_t number, v1::JobState job_state) {
  v1::Job& job = admin.jobs[number];
  job.set_number(number);
  job.set_source("acme");
  job.set_kind("backfill");
  job.set_state(job_state);
  *job.mutable_created() = Time("2026-03-30T06:02:00Z");
  return job;
}

v1::Window& CliTest::AddWindow(uint64_t number, uint64_t job, v1::Endpoint endpoint,
                               v1::WindowState window_state) {
  v1::Window& window = admin.windows[number];
  window.set_number(number);
  window.set_job(job);
  window.set_endpoint(endpoint);
  window.set_state(window_state);
  window.set_axis(v1::CREATED_TIME);
  *window.mutable_from() = Time("2026-03-18");
  *window.mutable_to() = Time("2026-03-19");
  return window;
}

}  // namespace penstock::cli
