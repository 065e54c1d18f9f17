// SPDX-License-Identifier: Apache-2.0
#include "coordinator/coverage_view.h"

#include <algorithm>

#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/admin_desk.h"
#include "coordinator/coverage.h"
#include "coordinator/page_decider.h"
#include "coordinator/sync_rule.h"
#include "coordinator/traits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

// As many days as a terminal of 80 columns shows beside the names.
constexpr int64_t kDaysShown = 60;

std::optional<absl::Time> RosterRead(const State& state, uint32_t source) {
  std::optional<absl::Time> read;
  for (const auto& [number, window] : state.WindowsOfSource(source)) {
    if (window->endpoint() != static_cast<int>(Endpoint::kUsers)) continue;
    if (window->state() != WindowRecord::DONE || window->purpose() != WindowRecord::RANGE) continue;
    read = std::max(read.value_or(absl::InfinitePast()), FromProto(window->begun()));
  }
  return read;
}

// What the endpoint's rounds that ended have read. They join without a gap: each begins at the watermark of the
// one before.
std::optional<SyncReach> ReachOf(const State& state, const storage::SourceRecord& source, Endpoint endpoint) {
  const int number = static_cast<int>(endpoint);
  const storage::EndpointSync sync = SyncOf(source, number);
  std::optional<SyncReach> reach;
  for (const auto& [id, window] : state.WindowsOfSource(source.id())) {
    const bool follows = window->endpoint() == number && window->purpose() == WindowRecord::FOLLOW &&
                         window->state() == WindowRecord::DONE;
    if (!follows || window->job() > sync.job()) continue;
    const absl::Time from = window->has_from() ? FromProto(window->from()) : absl::InfinitePast();
    if (!reach.has_value()) reach = SyncReach{from, FromProto(window->begun())};
    reach->since = std::min(reach->since, from);
    reach->until = std::max(reach->until, FromProto(window->begun()));
  }
  return reach;
}

CoverageInput InputOf(const State& state, const storage::SourceRecord& source, Endpoint endpoint,
                      std::vector<store::DayCount> rows, const Moment& now) {
  CoverageInput input;
  for (const auto& [number, window] : state.WindowsOfSource(source.id())) {
    const bool speaks = window->endpoint() == static_cast<int>(endpoint) &&
                        window->state() == WindowRecord::DONE && window->axis() == v1::CREATED_TIME;
    if (!speaks) continue;
    if (!IsCount(*window)) input.done.push_back(window);
    if (window->purpose() == WindowRecord::CONFIRM && window->has_counted()) input.counts.push_back(window);
  }
  input.sync = ReachOf(state, source, endpoint);
  const storage::EndpointTraits traits = TraitsOf(source, static_cast<int>(endpoint));
  // Without a filter only everything can be counted, which no sync asks for.
  input.countable = !traits.no_count_path() && !traits.no_filter();
  input.rows = std::move(rows);
  input.first_contact = OptionalTime(source.has_first_contact(), source.first_contact());
  input.now = now.wall;
  const SourceSettings defaults;
  const SourceSettings* settings = state.SettingsOf(source.id());
  input.retention = settings != nullptr ? settings->retention : defaults.retention;
  input.publication_lag = settings != nullptr ? settings->publication_lag : defaults.publication_lag;
  return input;
}

}  // namespace

absl::StatusOr<v1::GetCoverageResponse> AdminDesk::GetCoverage(const v1::GetCoverageRequest& request) {
  const Core::Turn turn = core_.Enter();
  return CoverageView(core_, turn, request);
}

absl::StatusOr<v1::GetCoverageResponse> CoverageView(const Core& core, const Core::Turn& turn,
                                                     const v1::GetCoverageRequest& request) {
  ASSIGN_OR_RETURN(uint32_t id, core.SourceId(request.source()));
  const storage::SourceRecord& source = core.state().sources().at(id);
  std::vector<CoverageInput> inputs;
  std::optional<int64_t> oldest;
  std::optional<int64_t> newest;
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(std::vector<store::DayCount> rows, core.store().DayCounts(id, endpoint));
    for (const store::DayCount& count : rows) {
      if (count.day == store::kNoDay || count.rows == 0) continue;
      oldest = std::min(oldest.value_or(count.day), count.day);
      newest = std::max(newest.value_or(count.day), count.day);
    }
    inputs.push_back(InputOf(core.state(), source, endpoint, std::move(rows), turn.now));
  }
  const SourceSettings* settings = core.state().SettingsOf(id);
  const absl::Duration retention = inputs[0].retention;
  const int64_t today = DayNumber(turn.now.wall);
  const int64_t horizon = DayNumber(turn.now.wall - retention);
  // Without a range: what there is, ending today; an old archive is shown where its rows are.
  int64_t last = newest.has_value() && *newest < horizon ? *newest : today;
  if (request.has_to()) last = DayNumber(FromProto(request.to()) - absl::Nanoseconds(1));
  int64_t first = std::max(oldest.value_or(horizon), last - kDaysShown + 1);
  if (request.has_from()) first = DayNumber(FromProto(request.from()));
  if (first > last) return absl::InvalidArgumentError("the range is empty: --from is not before --to");
  if (last - first > kCoverageDaysMax)
    return absl::InvalidArgumentError("the range is longer than 4,000 days");

  v1::GetCoverageResponse response;
  *response.mutable_first_day() = ToProto(DayStart(first));
  *response.mutable_retention() = ToProto(retention);
  *response.mutable_now() = ToProto(turn.now.wall);
  *response.mutable_forgotten_within() =
      ToProto(settings != nullptr ? settings->alarms.forgotten_within : AlarmSettings().forgotten_within);
  for (size_t i = 0; i < inputs.size(); ++i) {
    v1::EndpointCoverage& coverage = *response.add_endpoints();
    coverage.set_endpoint(ToProto(kAllEndpoints[i]));
    for (const store::DayCount& count : inputs[i].rows) coverage.set_rows(coverage.rows() + count.rows);
    if (kAllEndpoints[i] == Endpoint::kUsers) {
      if (const auto read = RosterRead(core.state(), id)) *coverage.mutable_roster_read() = ToProto(*read);
      continue;
    }
    for (v1::DayCoverage& day : DayStates(inputs[i], first, last)) *coverage.add_days() = std::move(day);
  }
  return response;
}

absl::StatusOr<v1::GetCoverageResponse> CoverageOfKept(const Core& core, const Core::Turn& turn,
                                                       const storage::SourceRecord& source) {
  v1::GetCoverageRequest days;
  days.set_source(source.name());
  *days.mutable_from() = ToProto(turn.now.wall - core.state().SettingsOf(source.id())->retention);
  *days.mutable_to() = ToProto(turn.now.wall);
  return CoverageView(core, turn, days);
}

}  // namespace penstock::coordinator
