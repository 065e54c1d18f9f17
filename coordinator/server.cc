// SPDX-License-Identifier: Apache-2.0
#include "coordinator/server.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/log.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "base/tls/credentials.h"
#include "coordinator/access_guard.h"
#include "coordinator/admin_service.h"
#include "coordinator/alarm_watch.h"
#include "coordinator/audit.h"
#include "coordinator/backup_shell.h"
#include "coordinator/check_shell.h"
#include "coordinator/eraser.h"
#include "coordinator/forget_key.h"
#include "coordinator/heartbeat_shell.h"
#include "coordinator/limits.h"
#include "coordinator/monitoring_port.h"
#include "coordinator/worker_service.h"
#include "store/rocks_store.h"

namespace penstock::coordinator {
namespace {

// Larger than the largest record that the transport lets through (64 MiB), as a record is never split.
constexpr int kMessageBytesMax = 72 << 20;
constexpr auto kDrain = std::chrono::seconds(3);
constexpr size_t kSocketPathMax = 107;  // unix(7)

// "127.0.0.1:7417", "[::1]:0".
bool IsOnLoopback(absl::string_view address) {
  absl::string_view host = address.substr(0, address.rfind(':'));
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) return false;
  return IsLoopback(host);
}

absl::Status CheckAddresses(const Config& config, const ServerOptions& options) {
  if (!options.monitoring.empty() && !IsOnLoopback(options.monitoring)) {
    return absl::InvalidArgumentError(
        absl::StrCat("will not listen on ", options.monitoring,
                     " for monitoring: it is plain text, and stays on loopback, for example 127.0.0.1:9464"));
  }
  if (options.listen.empty()) return absl::OkStatus();
  if (config.tls.given() && config.access.empty()) {
    return absl::InvalidArgumentError(
        "there are certificates ('tls'), and 'access' of the configuration file gives nobody a role; add it "
        "(`penstock config example` shows how)");
  }
  if (config.tls.given() || IsOnLoopback(options.listen)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "will not listen on ", options.listen, " without certificates: only loopback is allowed, for example ",
      "127.0.0.1:7417; or give --tls-cert, --tls-key and --tls-ca, or 'tls:' in the configuration file"));
}

// How much one that may connect, or only reaches the port, can take from the others.
void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.SetResourceQuota(grpc::ResourceQuota("coordinator").SetMaxThreads(kThreadsMax));
  const auto milliseconds = [](absl::Duration duration) {
    return static_cast<int>(absl::ToInt64Milliseconds(duration));
  };
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds(kHandshakeTimeout));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, milliseconds(kConnectionIdleMax));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, milliseconds(kConnectionAgeMax));
  // Workers ping; gRPC's own patience of 5 minutes would end their connections (too_many_pings).
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, milliseconds(kPingMin));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

bool IsWithin(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  const std::filesystem::path way = inner.lexically_relative(outer);
  return !way.empty() && *way.begin() != "..";
}

// What is lost with the state directory is no backup of it.
absl::Status CheckApart(const std::string& backups, const std::string& state) {
  std::error_code error;
  const std::filesystem::path one = std::filesystem::weakly_canonical(backups, error);
  const std::filesystem::path other = std::filesystem::weakly_canonical(state, error);
  if (!IsWithin(one, other) && !IsWithin(other, one)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the backups' directory ", backups,
                                                 " and the state directory ", state,
                                                 " must lie apart, best on two volumes"));
}

absl::StatusOr<CoreOptions> OptionsFrom(const Config& config, const ServerOptions& server) {
  CoreOptions options;
  options.report_coverage = true;
  for (const auto& [name, source] : config.sources) {
    SourceSettings settings;
    settings.name = name;
    settings.url = source.url;
    settings.budget = {source.budget.per_minute, source.budget.users_per_minute};
    settings.backfill_share = source.budget.backfill_share;
    settings.retention = source.retention;
    settings.publication_lag = source.publication_lag;
    if (source.sync.has_value()) {
      ASSIGN_OR_RETURN(Schedule schedule, Schedule::Parse(source.sync->schedule, source.sync->time_zone));
      settings.sync = SyncSettings{std::move(schedule)};
      if (!source.sync_endpoints.empty()) settings.sync->endpoints = source.sync_endpoints;
    }
    settings.alarms = {source.alarms.forgotten_within, source.alarms.no_batch_within};
    settings.heartbeat = {source.heartbeat_url, source.http};
    options.sources.push_back(std::move(settings));
  }
  for (const auto& [name, destination] : config.destinations) {
    options.destinations[name] = destination.source;
    if (destination.interval > absl::ZeroDuration()) options.load_intervals[name] = destination.interval;
  }
  if (config.backup.has_value()) {
    RETURN_IF_ERROR(CheckApart(config.backup->dir, server.state));
    options.backup = {config.backup->dir, config.backup->keep, config.backup->every, config.backup->max_age,
                      server.scheduled_backups};
  }
  options.read_only = server.read_only;
  options.workers_died_with_us = server.workers_died_with_us;
  return options;
}

}  // namespace

struct Server::Parts {
  explicit Parts(const std::map<std::string, AccessConfig>& entries) : access(entries) {}

  const Access access;
  std::unique_ptr<Core> core;
  AlarmWatch alarms;
  std::unique_ptr<HeartbeatShell> heartbeats;  // null: the store is open for reading only
  std::unique_ptr<Eraser> eraser;              // likewise
  std::unique_ptr<BackupShell> backups;        // likewise
  std::unique_ptr<CheckShell> checks;          // likewise
  std::unique_ptr<MonitoringPort> monitoring;  // null: nobody asked for it
  std::unique_ptr<grpc::Service> workers;
  std::unique_ptr<grpc::Service> admin;
  std::unique_ptr<grpc::Server> server;
  std::string socket_path;
  int port = 0;
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { Stop(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config, const ServerOptions& options,
                                                      const Clock& clock, Random& random) {
  RETURN_IF_ERROR(CheckAddresses(config, options));
  const std::string socket_path = absl::StrCat(options.state, "/penstock.sock");
  if (options.socket && !options.read_only && socket_path.size() > kSocketPathMax) {
    return absl::FailedPreconditionError(
        absl::StrCat("the path ", socket_path, " is longer than ", kSocketPathMax,
                     " bytes, the most for a socket; use a shorter --state"));
  }
  ASSIGN_OR_RETURN(CoreOptions core_options, OptionsFrom(config, options));
  store::RocksStoreOptions store_options;
  store_options.directory = options.state;
  store_options.read_only = options.read_only;
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store, store::OpenRocksStore(store_options, clock, random));
  ForgetKey forget_key;
  if (!options.read_only) {
    ASSIGN_OR_RETURN(forget_key, OpenForgetKey(options.state));
    core_options.forget_key = forget_key.bytes;
  }
  auto parts = std::make_unique<Parts>(config.access);
  ASSIGN_OR_RETURN(parts->core, Core::Open(std::move(store), clock, random, std::move(core_options)));
  if (!options.read_only) {
    if (forget_key.made) RETURN_IF_ERROR(SaveForgetKey(options.state, forget_key));
    parts->eraser = std::make_unique<Eraser>(*parts->core);
    parts->backups = std::make_unique<BackupShell>(*parts->core);
    parts->checks = std::make_unique<CheckShell>(*parts->core);
    parts->heartbeats =
        std::make_unique<HeartbeatShell>(*parts->core, NewCurlHeartbeatClient(kHeartbeatTimeout));
  }
  if (!options.monitoring.empty()) {
    ASSIGN_OR_RETURN(parts->monitoring,
                     MonitoringPort::Listen(options.monitoring, *parts->core, options.version));
  }
  parts->workers = NewWorkerService(*parts->core, &parts->access);
  parts->admin = NewAdminService(*parts->core, options.version);

  grpc::ServerBuilder builder;
  SetLimits(builder);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(NewAuditTrail(parts->access));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  if (!options.read_only) builder.RegisterService(parts->workers.get());
  builder.RegisterService(parts->admin.get());
  if (!options.listen.empty()) {
    // Another coordinator on the same port must be an error, not a silent sharing of connections.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    if (config.tls.given()) {
      ASSIGN_OR_RETURN(credentials, NewServerCredentials(config.tls, clock.Now().wall));
      credentials->SetAuthMetadataProcessor(NewAccessGuard(parts->access, clock));
    }
    builder.AddListeningPort(options.listen, credentials, &parts->port);
  }
  int socket_bound = 1;
  if (options.socket && !options.read_only) {
    parts->socket_path = socket_path;
    // Left over by a process that was killed: the store's lock says that none runs now.
    unlink(parts->socket_path.c_str());
    builder.AddListeningPort(absl::StrCat("unix:", parts->socket_path), grpc::InsecureServerCredentials(),
                             &socket_bound);
  }
  // Nobody else may talk to the socket, not even between its creation and a later chmod.
  const mode_t mask = umask(0177);
  parts->server = builder.BuildAndStart();
  umask(mask);
  if (parts->server == nullptr || (!options.listen.empty() && parts->port == 0)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot listen on ", options.listen.empty() ? parts->socket_path : options.listen,
                     "; is the address in use?"));
  }
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

void Server::Stop() {
  if (parts_ == nullptr) return;
  parts_->core->Close();
  parts_->server->Shutdown(std::chrono::system_clock::now() + kDrain);
  parts_->server->Wait();
  parts_->monitoring.reset();
  if (!parts_->socket_path.empty()) unlink(parts_->socket_path.c_str());
  parts_.reset();
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  return parts_->server->InProcessChannel(arguments);
}

absl::Status Server::Tick() {
  Core& core = *parts_->core;
  if (parts_->heartbeats != nullptr) parts_->heartbeats->Tick();
  if (parts_->eraser != nullptr) parts_->eraser->Tick();
  if (parts_->backups != nullptr) parts_->backups->Tick();
  if (parts_->checks != nullptr) parts_->checks->Tick();
  RETURN_IF_ERROR(core.fatal(core.Enter()));
  const absl::StatusOr<std::vector<AlarmWatch::Change>> changes = parts_->alarms.Look(core);
  if (changes.ok()) {
    LogAlarms(*changes);
  } else {
    Log(LogLevel::kError, "cannot look for alarms", {{"error", std::string(changes.status().message())}});
  }
  return absl::OkStatus();
}

int Server::port() const { return parts_->port; }

int Server::monitoring_port() const { return parts_->monitoring == nullptr ? 0 : parts_->monitoring->port(); }

}  // namespace penstock::coordinator
