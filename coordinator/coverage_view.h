// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// Longer ranges are refused: a day costs a cell in every answer.
inline constexpr int64_t kCoverageDaysMax = 4000;

// AdminService.GetCoverage for whoever is behind the door already.
absl::StatusOr<v1::GetCoverageResponse> CoverageView(const Core& core, const Core::Turn& turn,
                                                     const v1::GetCoverageRequest& request);

// The same of all days that the source still has, by its configuration.
absl::StatusOr<v1::GetCoverageResponse> CoverageOfKept(const Core& core, const Core::Turn& turn,
                                                       const storage::SourceRecord& source);

}  // namespace penstock::coordinator
