// SPDX-License-Identifier: Apache-2.0
#include "base/status_macros.h"
#include "cli/connection.h"
#include "cli/local/local_cluster.h"
#include "cli/local/run.h"

namespace penstock::cli {

absl::StatusOr<ExitCode> HostHere(Session& session, const LoadOptions& options, Loads loads,
                                  const UseCoordinator& use) {
  RETURN_IF_ERROR(CheckStateExists(options.config.state));
  session.env().stop_signal();
  LocalCluster::Options local;
  local.state = options.config.state;
  local.version = PENSTOCK_VERSION;
  local.workers = loads == Loads::kYes ? 1 : 0;
  local.fetch = false;
  ASSIGN_OR_RETURN(const std::unique_ptr<LocalCluster> cluster, LocalCluster::Start(options.config, local));
  const std::unique_ptr<AdminConnection> admin =
      AdminConnection::Inside(cluster->Channel(), local.state, session.env());
  admin->GiveReason(session.flags().reason);
  cluster->Work();
  const absl::StatusOr<ExitCode> code = use(*admin, [&] { return cluster->status(); });
  cluster->Stop();
  return code;
}

}  // namespace penstock::cli
