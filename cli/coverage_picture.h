// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

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

}  // namespace penstock::cli
