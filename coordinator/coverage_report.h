// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "coordinator/core.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// The coverage of every day since the oldest row, as destinations hold it. Its version is the same as long as no cell
// differs.
absl::StatusOr<v1::CoverageReport> ReportCoverage(const Core& core, const Core::Turn& turn,
                                                  const storage::SourceRecord& source);

}  // namespace penstock::coordinator
