// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/config.h"
#include "cli/environment.h"
#include "proto/admin_service.grpc.pb.h"

namespace penstock::cli {

// The flags that every command takes.
struct GlobalFlags {
  std::string coordinator;  // HOST:PORT
  std::string state;        // a directory
  std::string source;       // empty: the only one
  std::string config;       // a file
  TlsConfig tls;            // empty: the configuration's
  std::string reason;       // for the coordinator's audit
  bool json = false;
  bool yes = false;
};

// Fills what the command line left open: --coordinator or --state from PENSTOCK_COORDINATOR, PENSTOCK_STATE, then from
// the configuration's `coordinator` or else its `state`; --config from PENSTOCK_CONFIG. Flags win over variables,
// variables over the file. INVALID_ARGUMENT when both were given on the command line, NOT_FOUND when nothing says where
// the coordinator is.
struct Address {
  std::string coordinator;  // one of the two is set
  std::string state;
  TlsConfig tls;  // for a coordinator on the network
};
absl::StatusOr<Address> FindAddress(const GlobalFlags& flags, const CliEnvironment& env);

// Whether a process answers there, or where FindAddress leads (whose errors it has). Looks at the state directory's
// socket; a --coordinator is taken at its word.
absl::StatusOr<bool> IsServed(const Address& address);
absl::StatusOr<bool> IsServed(const GlobalFlags& flags, const CliEnvironment& env);
// For a command that can do without one: no where nothing says where.
absl::StatusOr<bool> IsAnyServed(const GlobalFlags& flags, const CliEnvironment& env);

// NOT_FOUND when there is no such directory: only `penstock run`, `plan` and the coordinator make one, so that a
// mistyped path is not taken for a state that holds nothing.
absl::Status CheckStateExists(const std::string& state);

// A way to one coordinator's AdminService. One thread.
//
// A coordinator on the network is reached with certificates; without them in plain text, and therefore only on this
// machine. A state directory is reached through its socket, which only its owner may open, while
// `penstock run` or a coordinator holds it; otherwise its store is opened for reading in this process.
class AdminConnection {
 public:
  // Errors: INVALID_ARGUMENT; NOT_FOUND: no such directory; UNAVAILABLE; those of `open_read_only`.
  static absl::StatusOr<std::unique_ptr<AdminConnection>> Open(const Address& address,
                                                               const CliEnvironment& env);
  // To a coordinator in this process; `name` is for people.
  static std::unique_ptr<AdminConnection> Inside(const std::shared_ptr<grpc::Channel>& channel,
                                                 const std::string& name, const CliEnvironment& env);

  // No coordinator runs: nothing can change.
  bool read_only() const { return read_only_; }
  // In this process, and gone with it.
  bool inside() const { return inside_; }
  // For people: "127.0.0.1:7070" or the state directory.
  const std::string& name() const { return name_; }

  // Of each call from now on, for the coordinator's audit; empty: none.
  void GiveReason(const std::string& reason) { reason_ = reason; }

  // Looks again who serves the state directory: the process that did may have ended.
  absl::Status Reopen();

  // One call, given up after 30 s. The status is the coordinator's; UNAVAILABLE and DEADLINE_EXCEEDED also
  // say where, or whose certificate is refused and why.
  //   ASSIGN_OR_RETURN(v1::Job job, admin.Call(&AdminStub::GetJob, request));
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (v1::AdminService::StubInterface::*rpc)(grpc::ClientContext*,
                                                                                     const Request&,
                                                                                     Response*),
                                const Request& request) {
    grpc::ClientContext context;
    Response response;
    SetDeadline(context);
    AddReason(context);
    const absl::Status status = Explain(((*stub_).*rpc)(&context, request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // All rows of an endpoint in order of id, until `visit` fails. Takes as long as it takes.
  absl::Status ExportRows(const v1::ExportRowsRequest& request,
                          const std::function<absl::Status(const v1::Row&)>& visit);

  // The whole answer, in its pieces. Waits as long as the request says.
  absl::StatusOr<std::vector<v1::QueryAnswer>> RunQuery(const v1::RunQueryRequest& request);

 private:
  AdminConnection(Address address, const CliEnvironment& env) : address_(std::move(address)), env_(env) {}
  static void SetDeadline(grpc::ClientContext& context, absl::Duration beyond = absl::ZeroDuration());
  void AddReason(grpc::ClientContext& context) const;
  absl::Status Explain(const grpc::Status& status) const;

  const Address address_;
  const CliEnvironment& env_;
  std::string name_;
  std::string reason_;
  bool read_only_ = false;
  bool inside_ = false;
  std::unique_ptr<v1::AdminService::StubInterface> stub_;
};
using AdminStub = v1::AdminService::StubInterface;

}  // namespace penstock::cli
