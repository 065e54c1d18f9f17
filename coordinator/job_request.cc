// SPDX-License-Identifier: Apache-2.0
#include "coordinator/job_request.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

bool SameTime(bool has_a, const google::protobuf::Timestamp& a, bool has_b,
              const google::protobuf::Timestamp& b) {
  return has_a == has_b && a.seconds() == b.seconds() && a.nanos() == b.nanos();
}

// A load that was under way when the last process ended: neither failed nor at the end.
bool LoadWasCut(const State& state, const storage::SourceRecord& source) {
  for (const auto& [key, load] : state.loads()) {
    if (key.first == source.id() && load.failure().empty() && load.loaded() < source.last_change())
      return true;
  }
  return false;
}

}  // namespace

using storage::JobRecord;

absl::Status CheckConfigured(const State& state, uint32_t source) {
  if (state.SettingsOf(source) != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("source ", state.sources().at(source).name(),
                                                    " is not in this coordinator's configuration"));
}

const JobRecord* FindLatest(const State& state, const JobRecord& wanted) {
  const State::SourceJobs& jobs = state.JobsOfSource(wanted.source());
  for (auto it = jobs.rbegin(); it != jobs.rend(); ++it) {
    const JobRecord& job = *it->second;
    if (job.kind() != wanted.kind()) continue;
    if (job.state() == JobRecord::CANCELLED) continue;
    if (!std::equal(job.endpoints().begin(), job.endpoints().end(), wanted.endpoints().begin(),
                    wanted.endpoints().end()) ||
        !SameTime(job.has_from(), job.from(), wanted.has_from(), wanted.from()) ||
        !SameTime(job.has_to(), job.to(), wanted.has_to(), wanted.to())) {
      continue;
    }
    return &job;
  }
  return nullptr;
}

const JobRecord* FindUnfinished(const State& state, const JobRecord& wanted) {
  const JobRecord* job = FindLatest(state, wanted);
  if (job == nullptr || job->state() != JobRecord::DONE) return job;
  for (uint64_t number : state.WindowsOf(job->number())) {
    if (state.FindWindow(number)->state() == WindowRecord::PARKED) return job;
  }
  // When the newest of them is complete, the next one reads again.
  return LoadWasCut(state, state.sources().at(job->source())) ? job : nullptr;
}

absl::StatusOr<JobRecord> NewJob(const State& state, const v1::CreateBackfillRequest& request,
                                 JobRecord::Kind kind, uint32_t source, const Moment& now) {
  JobRecord job;
  job.set_number(state.NextJobNumber());
  job.set_source(source);
  job.set_kind(kind);
  job.set_state(JobRecord::RUNNING);
  for (int endpoint : request.endpoints()) {
    if (!IsEndpoint(endpoint)) return absl::InvalidArgumentError(absl::StrCat("unknown endpoint ", endpoint));
    const auto& known = job.endpoints();
    if (std::find(known.begin(), known.end(), endpoint) == known.end()) job.add_endpoints(endpoint);
  }
  if (request.endpoints().empty()) {
    for (Endpoint endpoint : kAllEndpoints) job.add_endpoints(static_cast<int>(endpoint));
  }
  if (request.has_from()) *job.mutable_from() = request.from();
  if (request.has_to()) *job.mutable_to() = request.to();
  if (request.has_from() && request.has_to() && FromProto(request.from()) >= FromProto(request.to())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the range is empty: --from ", FormatDay(FromProto(request.from())),
                     " is not before --to ", FormatDay(FromProto(request.to()))));
  }
  *job.mutable_created() = ToProto(now.wall);
  job.set_requested_by(request.requested_by());
  return job;
}

}  // namespace penstock::coordinator
