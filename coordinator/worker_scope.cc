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

bool MayReach(const CoreOptions& options, const Caller& caller, const std::string& destination) {
  const auto source = options.destinations.find(destination);
  return source != options.destinations.end() && caller.MayWorkFor(source->second);
}

void KeepOwn(const CoreOptions& options, const Caller& caller,
             google::protobuf::RepeatedPtrField<std::string>* destinations) {
  google::protobuf::RepeatedPtrField<std::string> own;
  for (const std::string& destination : *destinations) {
    if (MayReach(options, caller, destination)) *own.Add() = destination;
  }
  destinations->Swap(&own);
}

}  // namespace

absl::StatusOr<v1::SyncRequest> WithinScope(const CoreOptions& options, const Caller& caller,
                                            const v1::SyncRequest& request) {
  v1::SyncRequest within = request;
  if (caller.local) return within;
  within.clear_sources();
  KeepOwn(options, caller, within.mutable_destinations());
  for (const v1::SourceCredentials& credentials : request.sources()) {
    if (caller.MayWorkFor(credentials.source())) *within.add_sources() = credentials;
  }
  if (within.sources().empty() && !request.sources().empty())
    return NotTheirs(caller, request.sources(0).source());
  return within;
}

absl::StatusOr<v1::TakeQueryRequest> WithinScope(Core& core, const Caller& caller,
                                                 const v1::TakeQueryRequest& request) {
  v1::TakeQueryRequest within = request;
  if (caller.local) return within;
  KeepOwn(core.options(), caller, within.mutable_destinations());
  const Core::Turn turn = core.Enter();
  const auto known = core.workers().find(request.worker_id());
  if (known == core.workers().end() || known->second.caller == caller.name) return within;
  return absl::PermissionDeniedError(absl::StrCat("worker ", request.worker_id(), " came as ",
                                                  known->second.caller, ", not as ", caller.name));
}

absl::Status CheckQuery(Core& core, const Caller& caller, const v1::LeaseToken& token) {
  if (caller.local) return absl::OkStatus();
  const Core::Turn turn = core.Enter();
  const OpenQuery* query = core.queries().FindTaken(token);
  // One that nobody waits for is for the desk to tell; its token is never given again.
  if (query == nullptr || MayReach(core.options(), caller, query->query.destination()))
    return absl::OkStatus();
  return NotTheirs(caller, query->query.destination());
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
