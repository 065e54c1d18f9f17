// SPDX-License-Identifier: Apache-2.0
#include "coordinator/coverage_report.h"

#include <algorithm>
#include <functional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "coordinator/coverage_view.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

// "settled", as `penstock coverage` names it.
std::string Word(v1::DayState state) {
  const std::string name = v1::DayState_Name(state);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "DAY_"));
}

absl::StatusOr<int64_t> OldestDay(const Core& core, const storage::SourceRecord& source, int64_t otherwise) {
  int64_t oldest = otherwise;
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(const std::vector<store::DayCount> days, core.store().DayCounts(source.id(), endpoint));
    for (const store::DayCount& day : days) {
      if (day.day != store::kNoDay && day.rows > 0) oldest = std::min(oldest, day.day);
    }
  }
  return oldest;
}

}  // namespace

absl::StatusOr<v1::CoverageReport> ReportCoverage(const Core& core, const Core::Turn& turn,
                                                  const storage::SourceRecord& source) {
  const SourceSettings* settings = core.state().SettingsOf(source.id());
  const absl::Duration retention = settings != nullptr ? settings->retention : SourceSettings().retention;
  const int64_t today = DayNumber(turn.now.wall);
  ASSIGN_OR_RETURN(int64_t first, OldestDay(core, source, DayNumber(turn.now.wall - retention)));
  first = std::max(first, today - kCoverageDaysMax + 1);
  v1::GetCoverageRequest request;
  request.set_source(source.name());
  *request.mutable_from() = ToProto(DayStart(first));
  *request.mutable_to() = ToProto(DayStart(today + 1));
  ASSIGN_OR_RETURN(const v1::GetCoverageResponse view, CoverageView(core, turn, request));
  v1::CoverageReport report;
  for (const v1::EndpointCoverage& endpoint : view.endpoints()) {
    for (int i = 0; i < endpoint.days_size(); ++i) {
      const v1::DayCoverage& day = endpoint.days(i);
      v1::CoverageCell& cell = *report.add_cells();
      cell.set_endpoint(endpoint.endpoint());
      cell.set_day(first + i);
      cell.set_state(Word(day.state()));
      cell.set_rows(day.rows());
      if (day.has_counted()) *cell.mutable_counted() = day.counted();
    }
    if (!endpoint.has_roster_read()) continue;
    v1::CoverageCell& roster = *report.add_cells();
    roster.set_endpoint(endpoint.endpoint());
    roster.set_day(DayNumber(FromProto(endpoint.roster_read())));
    roster.set_state(Word(v1::DAY_SETTLED));
    roster.set_rows(endpoint.rows());
    *roster.mutable_counted() = endpoint.roster_read();
  }
  report.set_version(absl::StrCat(absl::Hex(std::hash<std::string>()(report.SerializeAsString()))));
  return report;
}

}  // namespace penstock::coordinator
