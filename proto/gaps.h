// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/admin_service.pb.h"

namespace penstock {

// What coverage lacks, in the words of people: said by the command line and by alarms.

// Days next to each other that the same endpoints lack.
struct Gap {
  absl::Time from;
  absl::Time to;  // excluded
  std::vector<v1::Endpoint> endpoints;
};

// How long the source still has all of a day that begins then; below zero: it forgets it now, or has.
absl::Duration TimeLeft(absl::Time day, absl::Duration retention, absl::Time now);

// In order of time, by what `lacks` says of a day that begins then.
using LacksDay = std::function<bool(const v1::DayCoverage&, absl::Time day)>;
std::vector<Gap> FindGaps(const v1::GetCoverageResponse& coverage, const LacksDay& lacks);
// What is missing. Users that were never read are a gap without days: from == to.
std::vector<Gap> FindGaps(const v1::GetCoverageResponse& coverage);

// A day that is neither settled nor lost, and that the source forgets so soon that it is an alarm. One that is only
// thin has nothing to be fetched.
bool IsForgottenSoon(const v1::DayCoverage& coverage, absl::Duration left, absl::Duration forgotten_within);

// "5 to 6 March: forgotten in 4 days." and "2 March: past retention, perhaps forgotten."
std::string GapWords(const Gap& gap, absl::Duration retention, absl::Time now);
// "backfill create --from 2026-03-05 --to 2026-03-07 --endpoints plugin-resources"
std::string GapCommand(const Gap& gap);

}  // namespace penstock
