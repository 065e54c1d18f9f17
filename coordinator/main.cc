// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/open_files.h"
#include "base/private_memory.h"
#include "base/stop_signal.h"
#include "base/tls/certificate.h"
#include "base/tls/credentials.h"
#include "coordinator/server.h"

namespace {

constexpr absl::Duration kLookForSignal = absl::Milliseconds(100);
constexpr int kUsage = 2;
constexpr int kLocalTrouble = 6;

int Fail(const absl::Status& status, int code) {
  std::cerr << "penstock-coordinator: " << status.message() << "\n";
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace penstock;
  CLI::App app(
      "The owner of all state: plans, leases, keeps the budget, commits. Stops in good order on SIGTERM.");
  std::string config_file;
  coordinator::ServerOptions options;
  options.listen = "127.0.0.1:7417";
  options.version = PENSTOCK_VERSION;
  TlsConfig tls;
  bool json = false;
  app.add_option("--config", config_file, "The configuration file")->required();
  app.add_option("--state", options.state, "The state directory, instead of the file's");
  app.add_option("--listen", options.listen, "HOST:PORT for workers and the CLI; port 0: any")
      ->capture_default_str();
  app.add_option("--monitoring", options.monitoring,
                 "HOST:PORT for Prometheus (/metrics); port 0: any; left out: none");
  app.add_option("--tls-cert", tls.cert_file, "PEM; with it --listen takes certificates only");
  app.add_option("--tls-key", tls.key_file, "The certificate's key");
  app.add_option("--tls-ca", tls.ca_file, "Whose certificates of others are believed");
  app.add_flag("--log-json", json, "Log lines as JSON");
  app.footer("Example:\n  penstock-coordinator --config penstock.yaml --listen 127.0.0.1:7417");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  KeepMemoryPrivate();
  StopSignal();
  RaiseOpenFilesLimit();
  SetUpLog(LogLevel::kInfo, json ? LogFormat::kJson : LogFormat::kText);
  LogWhatGrpcSays();
  absl::StatusOr<Config> config = LoadConfig(config_file);
  if (!config.ok()) return Fail(config.status(), kUsage);
  if (config->sources.empty())
    return Fail(absl::InvalidArgumentError(absl::StrCat(config_file, " names no source")), kUsage);
  if (tls.given()) config->tls = tls;
  if (config->tls.given()) {
    const auto certificate = CheckTlsFiles(config->tls, SystemClock().Now().wall);
    if (!certificate.ok()) return Fail(certificate.status(), kUsage);
  }
  if (options.state.empty()) options.state = config->state;
  if (options.state.empty())
    return Fail(absl::InvalidArgumentError("say where the state is: --state, or 'state:' in the file"),
                kUsage);
  auto server = coordinator::Server::Start(*config, options, SystemClock(), SystemRandom());
  if (!server.ok())
    return Fail(server.status(), absl::IsInvalidArgument(server.status()) ? kUsage : kLocalTrouble);
  Log(LogLevel::kInfo, absl::StrCat("listening on port ", (*server)->port()), {{"state", options.state}});
  if (const int port = (*server)->monitoring_port(); port != 0) {
    Log(LogLevel::kInfo, absl::StrCat("monitoring on port ", port));
  }
  while (StopSignal() == 0) {
    if (absl::Status fatal = (*server)->Tick(); !fatal.ok()) return Fail(fatal, kLocalTrouble);
    SystemClock().Sleep(kLookForSignal);
  }
  (*server)->Stop();
  Log(LogLevel::kInfo, "stopped; the state is kept");
  return 0;
}
