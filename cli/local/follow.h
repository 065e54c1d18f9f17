// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/local/local_cluster.h"

namespace penstock::cli {

// What `penstock run --follow` does once everything is copied: lets the cluster sync by its schedule and says of each
// round what it brought, when the next one is, and what does not work. Until a signal, or until this machine fails.
absl::StatusOr<ExitCode> Follow(Session& session, LocalCluster& cluster, const std::string& source,
                                bool grow);

}  // namespace penstock::cli
