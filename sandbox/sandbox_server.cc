// SPDX-License-Identifier: Apache-2.0
#include "sandbox/sandbox_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock::sandbox {

SandboxServer::SandboxServer(const SandboxOptions& options, std::unique_ptr<Service> service)
    : host_(options.host), clock_(*options.clock), service_(std::move(service)) {}

SandboxServer::~SandboxServer() = default;

absl::StatusOr<std::unique_ptr<SandboxServer>> SandboxServer::Start(const SandboxOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Service> service, Service::Open(options, options.clock->Now()));
  std::unique_ptr<SandboxServer> server(new SandboxServer(options, std::move(service)));
  SandboxServer* const self = server.get();
  ASSIGN_OR_RETURN(server->shell_,
                   HttpShell::Listen(options.host, options.port, [self](const HttpRequest& request) {
                     return self->service_->Handle(request, self->clock_.Now());
                   }));
  return server;
}

std::string SandboxServer::origin() const { return absl::StrCat("http://", host_, ":", shell_->port()); }

std::string SandboxServer::base_url() const { return absl::StrCat(origin(), "/export/v1/records"); }

absl::Status SandboxServer::SetFaults(const std::vector<std::string>& faults) {
  return service_->SetFaults(faults, clock_.Now());
}

}  // namespace penstock::sandbox
