// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/nearest_word.h"
#include "base/private_memory.h"
#include "base/stop_signal.h"
#include "base/tls/credentials.h"
#include "worker/check_config.h"
#include "worker/curl_transport.h"
#include "worker/grpc_coordinator_client.h"
#include "worker/worker.h"

namespace {

constexpr absl::Duration kLookForSignal = absl::Milliseconds(100);
constexpr char kCoordinator[] = "127.0.0.1:7417";
constexpr int kUsage = 2;
constexpr int kUnreachable = 4;

int Fail(const absl::Status& status, int code) {
  std::cerr << "penstock-worker: " << status.message() << "\n";
  return code;
}

// "fetch,load,query": what is not among them it does not do.
absl::Status TakeRoles(const std::string& text, penstock::worker::WorkerOptions* options) {
  const std::vector<std::string> known = {"fetch", "load", "query"};
  std::set<std::string> roles;
  for (const std::string& role : std::vector<std::string>(absl::StrSplit(text, ','))) {
    if (std::count(known.begin(), known.end(), role) == 0) {
      return absl::InvalidArgumentError(absl::StrCat("--roles: '", role, "' is none of fetch, load, query",
                                                     penstock::DidYouMean(role, known)));
    }
    roles.insert(role);
  }
  if (roles.count("fetch") == 0) options->fetch_capacity = 0;
  if (roles.count("load") == 0) options->load_capacity = 0;
  options->queries = roles.count("query") > 0;
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace penstock;
  CLI::App app(
      "Fetches windows, loads destinations and asks them for a coordinator. Owns no state; drains on "
      "SIGTERM.");
  std::string config_file;
  std::string coordinator;
  TlsConfig tls;
  worker::WorkerOptions options;
  options.version = PENSTOCK_VERSION;
  std::string roles = "fetch,load,query";
  bool json = false;
  app.add_option("--config", config_file, "The configuration file; its secret files are read here")
      ->required();
  app.add_option("--coordinator", coordinator, "HOST:PORT, instead of the file's [127.0.0.1:7417]");
  app.add_option("--fetch", options.fetch_capacity,
                 "Windows at once; 0: none. A kill costs each at most one page that is fetched again")
      ->capture_default_str();
  app.add_option("--load", options.load_capacity, "Loads at once; 0: none")->capture_default_str();
  app.add_option("--roles", roles, "What it does; query: asks its destinations for metrics, one at a time")
      ->capture_default_str();
  app.add_option("--tls-cert", tls.cert_file, "This worker's certificate (PEM)");
  app.add_option("--tls-key", tls.key_file, "The certificate's key");
  app.add_option("--tls-ca", tls.ca_file, "Whose certificate the coordinator must have");
  app.add_flag("--log-json", json, "Log lines as JSON");
  app.footer(
      "Example:\n  penstock-worker --config penstock.yaml --coordinator 127.0.0.1:7417 --fetch 2 --load 2");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  KeepMemoryPrivate();
  StopSignal();
  SetUpLog(LogLevel::kInfo, json ? LogFormat::kJson : LogFormat::kText);
  LogWhatGrpcSays();
  if (absl::Status status = TakeRoles(roles, &options); !status.ok()) return Fail(status, kUsage);
  absl::StatusOr<Config> config = LoadConfig(config_file);
  if (!config.ok()) return Fail(config.status(), kUsage);
  if (absl::Status status = worker::CheckConfig(*config); !status.ok()) return Fail(status, kUsage);
  if (config->sources.empty())
    return Fail(absl::InvalidArgumentError(absl::StrCat(config_file, " names no source")), kUsage);
  if (tls.given()) config->tls = tls;
  if (coordinator.empty()) coordinator = config->coordinator;
  if (coordinator.empty()) coordinator = kCoordinator;
  const auto credentials = NewChannelCredentials(coordinator, config->tls, SystemClock().Now().wall);
  if (!credentials.ok()) return Fail(credentials.status(), kUsage);

  auto sources = worker::OpenSources(
      *config, [](const HttpConfig& http) { return worker::NewCurlTransport(http, {}, SystemClock()); },
      SystemClock());
  if (!sources.ok()) return Fail(sources.status(), kUsage);
  worker::Worker worker(*config, options, worker::ConnectToCoordinator(coordinator, *credentials), *sources,
                        SystemClock(), SystemRandom());
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
