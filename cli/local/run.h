// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/flags.h"
#include "cli/survey.h"

namespace penstock::cli {

// `penstock run`: the job of these flags, from where it stopped, to its end and into every destination, with
// the progress on the way and a summary at the end; then, with --follow, daily syncs. A signal stops it within
// seconds, state kept.
absl::StatusOr<ExitCode> RunHere(Session& session, const RunOptions& options);

// `penstock load`: the destinations, filled from the store. Sends no request to any source.
absl::StatusOr<ExitCode> LoadHere(Session& session, const LoadOptions& options);

// CliEnvironment::host.
absl::StatusOr<ExitCode> HostHere(Session& session, const LoadOptions& options, Loads loads,
                                  const UseCoordinator& use);

// CliEnvironment::ask.
absl::StatusOr<std::vector<v1::QueryAnswer>> AskHere(const Config& config, const DestinationConfig& asked,
                                                     const v1::Query& query, absl::Duration timeout);

// `penstock plan`, `penstock audit`: the job that counts, in this process.
absl::StatusOr<ExitCode> SurveyHere(Session& session, Survey survey, const RunOptions& options);

}  // namespace penstock::cli
