// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/command.h"
#include "metrics/request.h"
#include "proto/query.pb.h"

namespace penstock::cli {

// An answer, whole.
struct QueryTable {
  v1::QueryHeader header;
  std::vector<v1::QueryRow> rows;
};

v1::MetricQuestion ToProto(const metrics::Question& question);

// Asks a destination. One that is spelled out (sqlite:FILE) is asked by this process, which then is the worker. A name,
// or none where there is only one, goes to a worker of the coordinator that --coordinator, or --state while a process
// holds it, leads to; where none runs, it is a destination of the configuration and asked from here.
absl::StatusOr<QueryTable> Ask(Session& session, v1::Query query, const std::string& destination,
                               absl::Duration timeout);

// "90s", "5m": --timeout. INVALID_ARGUMENT.
absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text);

}  // namespace penstock::cli
