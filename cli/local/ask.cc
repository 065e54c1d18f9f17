// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "base/stop_signal.h"
#include "cli/local/run.h"
#include "destinations/registry.h"
#include "worker/query_task.h"

namespace penstock::cli {

absl::StatusOr<std::vector<v1::QueryAnswer>> AskHere(const Config& config, const DestinationConfig& asked,
                                                     const v1::Query& query, absl::Duration timeout) {
  StopSignal();  // from here on a signal ends the query in good order
  ASSIGN_OR_RETURN(const std::unique_ptr<destinations::Destination> destination,
                   destinations::OpenDestination(asked));
  worker::QueryLimits limits;
  limits.time = timeout;
  limits.keep_on = [] {
    const int signal = StopSignal();
    if (signal == 0) return absl::OkStatus();
    return WithExitCode(absl::CancelledError("stopped"), static_cast<ExitCode>(128 + signal));
  };
  absl::StatusOr<worker::QueryResult> result =
      worker::AnswerQuery(query, asked, config.metrics, *destination, SystemClock(), limits);
  if (!result.ok()) {
    absl::Status status(result.status().code(), Redact(result.status().message()));
    result.status().ForEachPayload(
        [&](absl::string_view url, const absl::Cord& payload) { status.SetPayload(url, payload); });
    return absl::IsPermissionDenied(status) ? WithExitCode(status, ExitCode::kDestinationRefused) : status;
  }
  return worker::PiecesOf(*std::move(result));
}

}  // namespace penstock::cli
