// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "proto/admin_service.pb.h"

namespace penstock::cli {

// Jobs that count: `penstock plan` and `penstock audit`. They are asked of the process that holds the state,
// or, where none runs, of a coordinator and workers in this one (CliEnvironment::survey).
enum class Survey { kPlan, kAudit };

v1::CreateBackfillRequest SurveyRequest(const std::string& source, const Range& range, bool all_endpoints);
absl::StatusOr<v1::Job> CreateSurvey(AdminConnection& admin, Survey survey,
                                     const v1::CreateBackfillRequest& request);
// Until the job has ended, or nothing more can happen without a person.
absl::StatusOr<ExitCode> AwaitSurvey(Session& session, AdminConnection& admin, uint64_t number);
// Prints what the job's counts say. kDifference: the source has what is not stored.
absl::StatusOr<ExitCode> PrintSurvey(Session& session, AdminConnection& admin, Survey survey, uint64_t job);

}  // namespace penstock::cli
