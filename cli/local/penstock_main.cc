// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/private_memory.h"
#include "base/random.h"
#include "base/tls/credentials.h"
#include "cli/app.h"
#include "cli/exit_code.h"
#include "cli/local/care.h"
#include "cli/local/reach.h"
#include "cli/local/run.h"
#include "coordinator/server.h"
#include "destinations/ddl.h"
#include "destinations/registry.h"
#include "worker/check_config.h"
#include "worker/column_rules.h"

namespace penstock {
namespace {

// Servers that only serve this process's own reading commands.
std::vector<std::unique_ptr<coordinator::Server>>& ReadOnlyServers() {
  static auto* const servers = new std::vector<std::unique_ptr<coordinator::Server>>;
  return *servers;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenReadOnly(const std::string& state) {
  coordinator::ServerOptions options;
  options.state = state;
  options.read_only = true;
  options.version = PENSTOCK_VERSION;
  auto server = coordinator::Server::Start({}, options, SystemClock(), SystemRandom());
  if (!server.ok()) return cli::WithExitCode(server.status(), cli::ExitCode::kLocalTrouble);
  ReadOnlyServers().push_back(*std::move(server));
  return ReadOnlyServers().back()->InProcessChannel();
}

absl::Status TestDestination(const DestinationConfig& config) {
  const auto columns = worker::ColumnRules::Open(config);
  if (!columns.ok()) return columns.status();
  auto destination = destinations::OpenDestination(config);
  if (!destination.ok()) return destination.status();
  return (*destination)->Check();
}

absl::StatusOr<std::vector<FoundTable>> Adopt(const DestinationConfig& config, const AdoptOptions& options) {
  auto destination = destinations::OpenDestination(config);
  if (!destination.ok()) return destination.status();
  return (*destination)->Adopt(options);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  using namespace penstock;
  KeepMemoryPrivate();
  SetUpLog(LogLevel::kError, LogFormat::kText);
  LogWhatGrpcSays();
  cli::CliEnvironment environment{std::cout, std::cerr, std::cin, SystemClock(), cli::StandardOutput()};
  environment.open_read_only = OpenReadOnly;
  environment.test_destination = TestDestination;
  environment.reach = cli::Reach;
  environment.run = cli::RunHere;
  environment.load = cli::LoadHere;
  environment.survey = cli::SurveyHere;
  environment.host = cli::HostHere;
  environment.adopt = Adopt;
  environment.ask = cli::AskHere;
  environment.ddl = destinations::Ddl;
  environment.check_config = [](const Config& config) { return worker::CheckConfig(config); };
  environment.list_backups = cli::ListBackupsHere;
  environment.restore = cli::RestoreHere;
  environment.check_store = cli::CheckStoreHere;
  environment.verify_backups = cli::VerifyBackupsHere;
  const int code = cli::RunCli(argc, argv, std::move(environment));
  ReadOnlyServers().clear();
  return code;
}
