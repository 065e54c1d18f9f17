// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/source_url.h"
#include "base/stop_signal.h"
#include "worker/column_rules.h"
#include "worker/curl_transport.h"
#include "worker/grpc_coordinator_client.h"
#include "worker/worker.h"

namespace {

constexpr absl::Duration kLookForSignal = absl::Milliseconds(100);
constexpr int kUsage = 2;
constexpr int kUnreachable = 4;

int Fail(const absl::Status& status, int code) {
  std::cerr << "penstock-worker: " << status.message() << "\n";
  return code;
}

// Plain text stays on this machine.
absl::Status CheckCoordinator(const std::string& address) {
  auto target = penstock::ParseHostPort(address);
  if (!target.ok()) return target.status();
  if (penstock::IsLoopback(target->host)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--coordinator ", address, " is another machine: without TLS only loopback is allowed"));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace penstock;
  CLI::App app("Fetches windows and loads destinations for a coordinator. Owns no state; drains on SIGTERM.");
  std::string config_file;
  std::string coordinator = "127.0.0.1:7417";
  worker::WorkerOptions options;
  options.version = PENSTOCK_VERSION;
  bool json = false;
  app.add_option("--config", config_file, "The configuration file; its secret files are read here")
      ->required();
  app.add_option("--coordinator", coordinator, "HOST:PORT")->capture_default_str();
  app.add_option("--fetch", options.fetch_capacity,
                 "Windows at once; 0: none. A kill costs each at most one page that is fetched again")
      ->capture_default_str();
  app.add_option("--load", options.load_capacity, "Loads at once; 0: none")->capture_default_str();
  app.add_flag("--log-json", json, "Log lines as JSON");
  app.footer(
      "Example:\n  penstock-worker --config penstock.yaml --coordinator 127.0.0.1:7417 --fetch 2 --load 2");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  StopSignal();
  SetUpLog(LogLevel::kInfo, json ? LogFormat::kJson : LogFormat::kText);
  absl::StatusOr<Config> config = LoadConfig(config_file);
  if (!config.ok()) return Fail(config.status(), kUsage);
  if (absl::Status status = worker::CheckColumns(*config); !status.ok()) return Fail(status, kUsage);
  if (absl::Status status = CheckCoordinator(coordinator); !status.ok()) return Fail(status, kUsage);

  auto sources = worker::OpenSources(
      *config, [](const HttpConfig& http) { return worker::NewCurlTransport(http, {}, SystemClock()); },
      SystemClock());
  if (!sources.ok()) return Fail(sources.status(), kUsage);
  worker::Worker worker(*config, options, worker::ConnectToCoordinator(coordinator), *sources, SystemClock(),
                        SystemRandom());
  std::atomic<bool> over = false;
  absl::Status result;
  std::thread thread([&] {
    result = worker.Run();
    over = true;
  });
  while (StopSignal() == 0 && !over) SystemClock().Sleep(kLookForSignal);
  worker.Drain();
  thread.join();
  if (!result.ok()) return Fail(result, kUnreachable);
  Log(LogLevel::kInfo, "drained");
  return 0;
}
