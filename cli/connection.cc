// SPDX-License-Identifier: Apache-2.0
#include "cli/connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tls/credentials.h"
#include "base/tls/probe.h"
#include "cli/exit_code.h"
#include "proto/call_metadata.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"

namespace penstock::cli {
namespace {

constexpr std::chrono::seconds kPatience(30);
constexpr absl::Duration kProbePatience = absl::Seconds(3);

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);         // a list of windows may be long
  arguments.SetInt("grpc.enable_http_proxy", 0);  // https_proxy is for the source, never for the coordinator
  arguments.SetInt("grpc.initial_reconnect_backoff_ms", 200);
  arguments.SetInt("grpc.max_reconnect_backoff_ms", 2000);
  return arguments;
}

// Whether a process accepts connections there. Errors other than "nobody" are told: opening the store behind
// the back of a process that merely cannot be asked would show a stale picture.
absl::StatusOr<bool> SomeoneListens(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path ", socket_path, " is too long for a socket; a state directory may have ",
                     sizeof(address.sun_path) - sizeof("/penstock.sock"), " characters"));
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int failed =
      fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ? errno : 0;
  if (fd >= 0) close(fd);
  if (failed == 0) return true;
  if (failed == ENOENT || failed == ECONNREFUSED) return false;
  return WithExitCode(absl::PermissionDeniedError(absl::StrCat(socket_path, ": ", std::strerror(failed),
                                                               "; run this as the user that runs Penstock")),
                      ExitCode::kLocalTrouble);
}

}  // namespace

absl::StatusOr<Address> FindAddress(const GlobalFlags& flags, const CliEnvironment& env) {
  if (!flags.coordinator.empty() && !flags.state.empty()) {
    return absl::InvalidArgumentError("give --coordinator or --state, not both");
  }
  Address address{flags.coordinator, flags.state, flags.tls};
  if (address.coordinator.empty() && address.state.empty()) {
    address.coordinator = env.variable("PENSTOCK_COORDINATOR");
    address.state = env.variable("PENSTOCK_STATE");
    if (!address.coordinator.empty() && !address.state.empty()) {
      return absl::InvalidArgumentError(
          "PENSTOCK_COORDINATOR and PENSTOCK_STATE are both set; unset one, or give --state");
    }
  }
  if (!address.state.empty()) return address;
  const std::string file = flags.config.empty() ? env.variable("PENSTOCK_CONFIG") : flags.config;
  if (!file.empty()) {
    ASSIGN_OR_RETURN(Config config, LoadConfig(file));
    if (address.coordinator.empty()) address.coordinator = config.coordinator;
    if (address.coordinator.empty()) address.state = config.state;
    if (!address.tls.given()) address.tls = config.tls;
  }
  if (address.coordinator.empty() && address.state.empty()) {
    return absl::NotFoundError(
        "nothing says where the coordinator is; add --state DIR, --coordinator HOST:PORT or --config FILE");
  }
  return address;
}

absl::StatusOr<bool> IsServed(const Address& address) {
  if (!address.coordinator.empty()) return true;
  return SomeoneListens(absl::StrCat(address.state, "/penstock.sock"));
}

absl::StatusOr<bool> IsServed(const GlobalFlags& flags, const CliEnvironment& env) {
  ASSIGN_OR_RETURN(const Address address, FindAddress(flags, env));
  return IsServed(address);
}

absl::StatusOr<bool> IsAnyServed(const GlobalFlags& flags, const CliEnvironment& env) {
  const absl::StatusOr<bool> served = IsServed(flags, env);
  if (absl::IsNotFound(served.status())) return false;
  return served;
}

absl::StatusOr<std::unique_ptr<AdminConnection>> AdminConnection::Open(const Address& address,
                                                                       const CliEnvironment& env) {
  std::unique_ptr<AdminConnection> connection(new AdminConnection(address, env));
  if (address.coordinator.empty()) {
    RETURN_IF_ERROR(connection->Reopen());
    return connection;
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials,
                   NewChannelCredentials(address.coordinator, address.tls, env.clock.Now().wall));
  connection->name_ = address.coordinator;
  connection->stub_ =
      v1::AdminService::NewStub(grpc::CreateCustomChannel(address.coordinator, credentials, Arguments()));
  return connection;
}

std::unique_ptr<AdminConnection> AdminConnection::Inside(const std::shared_ptr<grpc::Channel>& channel,
                                                         const std::string& name, const CliEnvironment& env) {
  std::unique_ptr<AdminConnection> connection(new AdminConnection({}, env));
  connection->name_ = name;
  connection->inside_ = true;
  connection->stub_ = v1::AdminService::NewStub(channel);
  return connection;
}

absl::Status CheckStateExists(const std::string& state) {
  std::error_code unreadable;
  if (std::filesystem::is_directory(state, unreadable)) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("state directory ", state, " does not exist; `penstock run` makes it"));
}

absl::Status AdminConnection::Reopen() {
  if (address_.state.empty()) return absl::OkStatus();  // gRPC finds a restarted coordinator by itself
  name_ = address_.state;
  RETURN_IF_ERROR(CheckStateExists(address_.state));
  const std::string socket_path = absl::StrCat(address_.state, "/penstock.sock");
  ASSIGN_OR_RETURN(const bool served, SomeoneListens(socket_path));
  read_only_ = !served;
  if (served) {
    stub_ = v1::AdminService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("unix:", socket_path), grpc::InsecureChannelCredentials(), Arguments()));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::Channel> channel, env_.open_read_only(address_.state));
  stub_ = v1::AdminService::NewStub(channel);
  return absl::OkStatus();
}

absl::Status AdminConnection::ExportRows(const v1::ExportRowsRequest& request,
                                         const std::function<absl::Status(const v1::Row&)>& visit) {
  grpc::ClientContext context;
  AddReason(context);
  std::unique_ptr<grpc::ClientReaderInterface<v1::ExportRowsResponse>> reader =
      stub_->ExportRows(&context, request);
  v1::ExportRowsResponse response;
  absl::Status visited;
  while (visited.ok() && reader->Read(&response)) {
    for (const v1::Row& row : response.rows()) {
      visited = visit(row);
      if (!visited.ok()) break;
    }
  }
  if (!visited.ok()) context.TryCancel();
  const grpc::Status finished = reader->Finish();
  return visited.ok() ? Explain(finished) : visited;
}

absl::StatusOr<std::vector<v1::QueryAnswer>> AdminConnection::RunQuery(const v1::RunQueryRequest& request) {
  grpc::ClientContext context;
  SetDeadline(context, FromProto(request.timeout()));
  AddReason(context);
  const std::unique_ptr<grpc::ClientReaderInterface<v1::QueryAnswer>> reader =
      stub_->RunQuery(&context, request);
  std::vector<v1::QueryAnswer> pieces;
  v1::QueryAnswer piece;
  while (reader->Read(&piece)) pieces.push_back(std::move(piece));
  const grpc::Status finished = reader->Finish();
  // Of the query itself, and not of the way to the coordinator.
  if (!finished.ok() && !finished.error_details().empty()) {
    const absl::Status failed = FromGrpc(finished);
    return absl::IsPermissionDenied(failed) ? WithExitCode(failed, ExitCode::kDestinationRefused) : failed;
  }
  RETURN_IF_ERROR(Explain(finished));
  return pieces;
}

void AdminConnection::SetDeadline(grpc::ClientContext& context, absl::Duration beyond) {
  // gRPC takes deadlines as a time of the system's clock; this is the one place that must read it.
  context.set_deadline(std::chrono::system_clock::now() + kPatience + absl::ToChronoMilliseconds(beyond));
}

void AdminConnection::AddReason(grpc::ClientContext& context) const {
  if (!reason_.empty()) context.AddMetadata(kReasonMetadata, reason_);
}

absl::Status AdminConnection::Explain(const grpc::Status& status) const {
  const absl::Status answer = FromGrpc(status);
  switch (answer.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      if (address_.tls.given() && !address_.coordinator.empty()) {
        const absl::Status refused = ProbeTls(address_.coordinator, address_.tls, kProbePatience);
        if (!refused.ok()) return WithExitCode(refused, ExitCode::kUnreachable);
      }
      return absl::Status(answer.code(), absl::StrCat("the coordinator at ", name_, " does not answer: ",
                                                      answer.message(), "; is it running?"));
    case absl::StatusCode::kPermissionDenied:
      return WithExitCode(answer, ExitCode::kUsage);  // our certificate's role, not what a source refused
    case absl::StatusCode::kUnimplemented:
      return absl::Status(answer.code(),
                          absl::StrCat("the coordinator at ", name_,
                                       " is of another version and does not know this command"));
    default:
      return answer;
  }
}

}  // namespace penstock::cli
