// SPDX-License-Identifier: Apache-2.0
#include "coordinator/heartbeat.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/source_url.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::JobRecord;
using storage::WindowRecord;

bool IsComplete(const State& state, const JobRecord& job) {
  if (job.kind() != JobRecord::SYNC || job.state() != JobRecord::DONE) return false;
  for (uint64_t number : state.WindowsOf(job.number())) {
    if (state.FindWindow(number)->state() == WindowRecord::PARKED) return false;
  }
  return true;
}

// The source's last complete sync; null: none.
const JobRecord* LastComplete(const State& state, uint32_t source) {
  const State::SourceJobs& jobs = state.JobsOfSource(source);
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
    if (IsComplete(state, *job->second)) return job->second;
  }
  return nullptr;
}

}  // namespace

std::optional<Heartbeat> HeartbeatBook::Due(const State& state, const Moment& now) const {
  for (const auto& [id, source] : state.sources()) {
    const SourceSettings* settings = state.SettingsOf(id);
    if (settings == nullptr || settings->heartbeat.url.empty()) continue;
    const JobRecord* job = LastComplete(state, id);
    if (job == nullptr || job->number() <= source.heartbeat_job()) continue;
    if (FromProto(job->finished()) + kHeartbeatStale < now.wall) continue;
    const auto failed = failed_.find(id);
    if (failed != failed_.end() && failed->second.job == job->number() && now.boot < failed->second.next)
      continue;
    return Heartbeat{id, job->number(), settings->heartbeat};
  }
  return std::nullopt;
}

Records HeartbeatBook::Ended(const State& state, const Heartbeat& heartbeat, const absl::Status& status,
                             const Moment& now) {
  Failed& failed = failed_[heartbeat.source];
  if (status.ok()) {
    failed_.erase(heartbeat.source);
    storage::SourceRecord source = state.sources().at(heartbeat.source);
    source.set_heartbeat_job(std::max(source.heartbeat_job(), heartbeat.job));
    return {source};
  }
  if (failed.job != heartbeat.job) failed = {heartbeat.job, 0, absl::ZeroDuration()};
  failed.next = failed.times < std::size(kHeartbeatAgain) ? now.boot + kHeartbeatAgain[failed.times]
                                                          : absl::InfiniteDuration();
  ++failed.times;
  return {};
}

std::optional<absl::Duration> HeartbeatBook::NextTry(const Heartbeat& heartbeat) const {
  const auto failed = failed_.find(heartbeat.source);
  if (failed == failed_.end() || failed->second.next == absl::InfiniteDuration()) return std::nullopt;
  return failed->second.next;
}

std::string WithoutPath(const std::string& url) {
  const absl::StatusOr<UrlParts> parts = ParseHttpUrl(url);
  return parts.ok() ? absl::StrCat(parts->scheme, "://", parts->host) : "(no URL)";
}

}  // namespace penstock::coordinator
