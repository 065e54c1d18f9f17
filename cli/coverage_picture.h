// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/admin_service.pb.h"

namespace penstock::cli {

// The days of each endpoint as one character each, with the day of the month above and the legend beside it
// (below when there are more than 31 days):
//
//                     1   5    10   15   20   25   30   March 2026
//   conversations     ###########################?ppp   # settled  p provisional
//   plugin-resources  ####..#####################?ppp   . missing  ? suspect
//   users             roster of 2026-03-31 06:02 UTC    x lost     - before
//
// Of more than `kMostDays` days the last ones are shown.
inline constexpr int kMostDays = 56;
std::string CoveragePicture(const v1::GetCoverageResponse& coverage);

// Days next to each other that the same endpoints lack.
struct Gap {
  absl::Time from;
  absl::Time to;  // excluded
  std::vector<v1::Endpoint> endpoints;
};
// In order of time. Users that were never read are a gap without days: from == to.
std::vector<Gap> FindGaps(const v1::GetCoverageResponse& coverage);

// "5 to 6 March: forgotten in 4 days." and "2 March: forgotten." with the time after which the source has no
// more.
std::string GapWords(const Gap& gap, absl::Duration retention, absl::Time now);
// "backfill create --from 2026-03-05 --to 2026-03-07 --endpoints plugin-resources"
std::string GapCommand(const Gap& gap);

}  // namespace penstock::cli
