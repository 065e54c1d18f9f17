// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "sandbox/http_shell.h"
#include "sandbox/options.h"
#include "sandbox/report.h"
#include "sandbox/service.h"

namespace penstock::sandbox {

// A running sandbox: the same thing behind the command `penstock-sandbox` and inside a test's process.
//
//   ASSERT_OK_AND_ASSIGN(auto sandbox, SandboxServer::Start({.synthetic = SyntheticOptions{}}));
//   Fetch(sandbox->base_url() + "/users");
//
// Thread-safe. Stops when destroyed.
class SandboxServer {
 public:
  // INVALID_ARGUMENT: data or faults that cannot be read. UNAVAILABLE: the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<SandboxServer>> Start(const SandboxOptions& options);
  ~SandboxServer();

  // http://HOST:PORT/export/v1/records
  std::string base_url() const;
  // http://HOST:PORT
  std::string origin() const;
  Report report() const { return service_->Snapshot(); }

  // Replaces all faults, as --fault words; an empty list switches them off. A day that was held back and is
  // no longer appears with the tenant's present as its new last_updated_time. INVALID_ARGUMENT leaves
  // everything as it was.
  absl::Status SetFaults(const std::vector<std::string>& faults);
  // Moves the tenant's present, and with it what is published and forgotten; empty: back to the clock.
  void SetNow(std::optional<absl::Time> now) { service_->SetNow(now); }

  // Ends all connections. Safe to repeat; report() still answers.
  void Stop() { shell_->Stop(); }

 private:
  SandboxServer(const SandboxOptions& options, std::unique_ptr<Service> service);

  const std::string host_;
  const Clock& clock_;
  const std::unique_ptr<Service> service_;
  std::unique_ptr<HttpShell> shell_;
};

}  // namespace penstock::sandbox
