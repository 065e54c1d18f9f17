// SPDX-License-Identifier: Apache-2.0
#include "cli/upkeep.h"

#include "base/status_macros.h"
#include "cli/local/local_cluster.h"
#include "cli/local/run.h"

namespace penstock::cli {

absl::StatusOr<ExitCode> UpkeepHere(Session& session, Upkeep upkeep, const LoadOptions& options) {
  session.env().stop_signal();
  LocalCluster::Options local;
  local.state = options.config.state;
  local.version = PENSTOCK_VERSION;
  local.workers = 1;
  local.fetch = false;
  ASSIGN_OR_RETURN(const std::unique_ptr<LocalCluster> cluster, LocalCluster::Start(options.config, local));
  CHECK(options.config.destinations.size() == 1);
  const std::string& name = options.config.destinations.begin()->first;
  const auto alive = [&] { return cluster->status(); };
  if (upkeep == Upkeep::kResync) RETURN_IF_ERROR(AskResync(cluster->admin(), name).status());
  cluster->Work();
  const absl::StatusOr<ExitCode> code = upkeep == Upkeep::kResync
                                            ? AwaitLoaded(session, cluster->admin(), name, alive)
                                            : Verify(session, cluster->admin(), name, alive);
  cluster->Stop();
  return code;
}

}  // namespace penstock::cli
