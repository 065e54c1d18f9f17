// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "sandbox/command_line.h"
#include "sandbox/sandbox_server.h"

using penstock::sandbox::CommandLine;
using penstock::sandbox::Report;
using penstock::sandbox::SandboxServer;

namespace {

// Exit codes are those of penstock: 2 usage, 4 the address is taken, 6 the report cannot be written.
int Fail(const absl::Status& status) {
  std::fprintf(stderr, "penstock-sandbox: %s\n", std::string(status.message()).c_str());
  return status.code() == absl::StatusCode::kUnavailable ? 4 : 2;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::StatusOr<CommandLine> line =
      penstock::sandbox::ParseCommandLine(std::vector<std::string>(argv + 1, argv + argc));
  if (!line.ok()) return Fail(line.status());
  if (!line->help.empty()) {
    std::fputs(line->help.c_str(), stdout);
    return 0;
  }
  // Blocked in every thread, so that the one below is the only one to hear them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto server = SandboxServer::Start(line->options);
  if (!server.ok()) return Fail(server.status());
  std::printf("listening on %s\n", (*server)->base_url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);

  (*server)->Stop();
  const Report report = (*server)->report();
  std::fputs(penstock::sandbox::ReportText(report).c_str(), stderr);
  if (line->report_file.empty()) return 0;
  std::ofstream file(line->report_file);
  file << penstock::sandbox::ReportJson(report) << "\n";
  file.close();
  if (!file) std::fprintf(stderr, "penstock-sandbox: cannot write %s\n", line->report_file.c_str());
  return file ? 0 : 6;
}
