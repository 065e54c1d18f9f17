// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "base/status_macros.h"
#include "cli/local/local_cluster.h"
#include "cli/local/run.h"
#include "cli/local/watch.h"

namespace penstock::cli {

absl::StatusOr<ExitCode> SurveyHere(Session& session, Survey survey, const RunOptions& options) {
  session.env().stop_signal();
  Config config = options.config;
  config.destinations.clear();
  LocalCluster::Options local;
  local.state = config.state;
  local.version = PENSTOCK_VERSION;
  if (options.workers.has_value()) local.workers = *options.workers;
  ASSIGN_OR_RETURN(std::unique_ptr<LocalCluster> cluster, LocalCluster::Start(config, local));
  const std::unique_ptr<AdminConnection> admin =
      AdminConnection::Inside(cluster->Channel(), local.state, session.env());
  admin->GiveReason(session.flags().reason);
  ASSIGN_OR_RETURN(const v1::Job job,
                   CreateSurvey(*admin, survey, SurveyRequest(options.source, options.range, false)));
  cluster->Work();
  WatchOptions watch;
  watch.job = job.number();
  watch.source = options.source;
  watch.give_up_after = options.give_up_after;
  watch.quiet = true;
  ASSIGN_OR_RETURN(Watched watched, Watch(session, *cluster, watch));
  ExitCode code = watched.code;
  if (watched.job.state() == v1::JOB_DONE && watched.signal == 0) {
    ASSIGN_OR_RETURN(const ExitCode found, PrintSurvey(session, *admin, survey, job.number()));
    code = Worse(code, found);
  } else if (!watched.trouble.empty()) {
    session.env().err << "penstock: " << watched.trouble << std::endl;
  }
  cluster->Stop();
  return code;
}

}  // namespace penstock::cli
