// SPDX-License-Identifier: Apache-2.0
#include "coordinator/worker_scope.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace penstock::coordinator {
namespace {

absl::Status NotTheirs(const Caller& caller, absl::string_view what) {
  return absl::PermissionDeniedError(
      absl::StrCat(caller.name, " is for ", absl::StrJoin(caller.access.sources, ", "), " and not for ", what,
                   "; 'access' of the coordinator's configuration says so"));
}

}  // namespace

absl::StatusOr<v1::SyncRequest> WithinScope(const CoreOptions& options, const Caller& caller,
                                            const v1::SyncRequest& request) {
  v1::SyncRequest within = request;
  if (caller.local) return within;
  within.clear_sources();
  within.clear_destinations();
  for (const v1::SourceCredentials& credentials : request.sources()) {
    if (caller.MayWorkFor(credentials.source())) *within.add_sources() = credentials;
  }
  for (const std::string& destination : request.destinations()) {
    const auto source = options.destinations.find(destination);
    if (source != options.destinations.end() && caller.MayWorkFor(source->second))
      within.add_destinations(destination);
  }
  if (within.sources().empty() && !request.sources().empty())
    return NotTheirs(caller, request.sources(0).source());
  return within;
}

absl::Status CheckSource(const Caller& caller, const std::string& source) {
  return caller.MayWorkFor(source) ? absl::OkStatus() : NotTheirs(caller, source);
}

absl::Status CheckLease(Core& core, const Caller& caller, const v1::LeaseToken& token) {
  if (caller.local) return absl::OkStatus();
  const Core::Turn turn = core.Enter();
  const Lease* lease = core.leases().Find(token, turn.now.boot);
  if (lease == nullptr) return absl::OkStatus();
  return CheckSource(caller, core.state().sources().at(lease->source).name());
}

}  // namespace penstock::coordinator
