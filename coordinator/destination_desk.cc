// SPDX-License-Identifier: Apache-2.0
// What people may ask of a destination: AdminDesk's calls about one.
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/admin_desk.h"
#include "coordinator/admin_views.h"
#include "coordinator/limits.h"
#include "coordinator/why_destination.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

absl::StatusOr<const storage::SourceRecord*> SourceOf(const Core& core, const std::string& destination) {
  const auto& known = core.options().destinations;
  const auto found = known.find(destination);
  if (found != known.end()) {
    const storage::SourceRecord* source = core.state().FindSource(found->second);
    if (source != nullptr) return source;
  }
  std::vector<std::string> names;
  if (core.options().read_only) {
    for (const auto& [key, load] : core.state().loads()) {
      if (load.destination() == destination) return &core.state().sources().at(load.source());
      names.push_back(load.destination());
    }
  }
  for (const auto& [name, source] : known) names.push_back(name);
  return absl::NotFoundError(absl::StrCat(
      "there is no destination '", destination, "' here; ",
      names.empty() ? "this coordinator loads none" : "known are " + absl::StrJoin(names, ", ")));
}

// Who and why, as much as a person reads.
absl::Status CheckWords(const v1::PauseDestinationRequest& request) {
  if (request.reason().size() <= kPauseBytesMax && request.requested_by().size() <= kPauseBytesMax) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the reason is longer than ", kPauseBytesMax, " bytes; say it in a sentence"));
}

// What is known of its loads; a record to begin with where nothing is.
storage::LoadRecord LoadOf(const Core& core, const storage::SourceRecord& source, const std::string& name) {
  const storage::LoadRecord* known = core.state().FindLoad(source.id(), name);
  if (known != nullptr) return *known;
  storage::LoadRecord load;
  load.set_source(source.id());
  load.set_destination(name);
  return load;
}

absl::Status CheckWritable(const Core& core) {
  if (!core.options().read_only) return absl::OkStatus();
  return absl::FailedPreconditionError("no coordinator runs: the store is open for reading only");
}

}  // namespace

absl::StatusOr<v1::Destination> AdminDesk::ResyncDestination(const v1::DestinationRequest& request) {
  const Core::Turn turn = core_.Enter();
  RETURN_IF_ERROR(CheckWritable(core_));
  ASSIGN_OR_RETURN(const storage::SourceRecord* source, SourceOf(core_, request.name()));
  storage::LoadRecord load = LoadOf(core_, *source, request.name());
  load.set_resync(true);
  load.set_loaded(0);
  load.clear_failure();
  load.clear_failure_kind();
  load.clear_failing_since();
  RETURN_IF_ERROR(core_.Commit(turn, {load}));
  core_.load_try(source->id(), request.name()) = {};
  Log(LogLevel::kInfo, "a destination is to be loaded again from the first change",
      {{"destination", request.name()}});
  return DestinationView(core_, request.name(), core_.state().sources().at(load.source()), turn.now);
}

absl::StatusOr<v1::Destination> AdminDesk::PauseDestination(const v1::PauseDestinationRequest& request) {
  const Core::Turn turn = core_.Enter();
  RETURN_IF_ERROR(CheckWritable(core_));
  RETURN_IF_ERROR(CheckWords(request));
  ASSIGN_OR_RETURN(const storage::SourceRecord* source, SourceOf(core_, request.name()));
  storage::LoadRecord load = LoadOf(core_, *source, request.name());
  load.mutable_pause()->set_by(request.requested_by());
  load.mutable_pause()->set_reason(request.reason());
  *load.mutable_pause()->mutable_since() = ToProto(turn.now.wall);
  RETURN_IF_ERROR(core_.Commit(turn, {load}));
  Log(LogLevel::kInfo, "a destination was paused",
      {{"destination", request.name()}, {"by", request.requested_by()}, {"reason", request.reason()}});
  return DestinationView(core_, request.name(), core_.state().sources().at(load.source()), turn.now);
}

absl::StatusOr<v1::Destination> AdminDesk::ResumeDestination(const v1::DestinationRequest& request) {
  const Core::Turn turn = core_.Enter();
  RETURN_IF_ERROR(CheckWritable(core_));
  ASSIGN_OR_RETURN(const storage::SourceRecord* source, SourceOf(core_, request.name()));
  storage::LoadRecord load = LoadOf(core_, *source, request.name());
  if (load.has_pause()) {
    load.clear_pause();
    RETURN_IF_ERROR(core_.Commit(turn, {load}));
    // What it failed with before may be why it was paused.
    core_.load_try(source->id(), request.name()).next_try = turn.now.boot;
    Log(LogLevel::kInfo, "a destination was resumed", {{"destination", request.name()}});
  }
  return DestinationView(core_, request.name(), core_.state().sources().at(load.source()), turn.now);
}

absl::StatusOr<v1::ExplainDestinationResponse> AdminDesk::ExplainDestination(
    const v1::DestinationRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const storage::SourceRecord* source, SourceOf(core_, request.name()));
  return coordinator::ExplainDestination(core_, request.name(), *source, turn.now);
}

absl::StatusOr<v1::Verification> AdminDesk::VerifyDestination(const v1::DestinationRequest& request) {
  const Core::Turn turn = core_.Enter();
  RETURN_IF_ERROR(CheckWritable(core_));
  ASSIGN_OR_RETURN(const storage::SourceRecord* source, SourceOf(core_, request.name()));
  v1::Verification& verification = core_.verifications()[{source->id(), request.name()}];
  const bool open =
      verification.state() == v1::Verification::WAITING || verification.state() == v1::Verification::RUNNING;
  if (open) return verification;
  const uint64_t number = verification.number() + 1;
  verification.Clear();
  verification.set_number(number);
  verification.set_state(v1::Verification::WAITING);
  return verification;
}

absl::StatusOr<v1::Verification> AdminDesk::GetVerification(const v1::DestinationRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const storage::SourceRecord* source, SourceOf(core_, request.name()));
  const auto found = core_.verifications().find({source->id(), request.name()});
  if (found != core_.verifications().end()) return found->second;
  return absl::NotFoundError(absl::StrCat("nobody asked to verify '", request.name(),
                                          "' since the coordinator started; penstock destinations verify"));
}

}  // namespace penstock::coordinator
