// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "metrics/answer.h"
#include "metrics/request.h"
#include "metrics/run.h"
#include "proto/query.pb.h"
#include "proto/worker_service.pb.h"

namespace penstock::worker {

// What a query is answered with: a table.
struct QueryResult {
  v1::QueryHeader header;
  std::vector<v1::QueryRow> rows;
};

// A metric's numbers; `answer` is the request's.
QueryResult TableOf(const metrics::Request& request, const metrics::Answer& answer);
QueryResult TableOf(const metrics::Request& request, const metrics::CountedRows& found);
// One column of text.
QueryResult ListOf(const std::string& column, const std::vector<std::string>& texts);

// The pieces in which an answer travels, the header in the first.
std::vector<v1::QueryAnswer> PiecesOf(QueryResult result);
// The same as a report, to its end; the token is not set.
std::vector<v1::ReportQueryRequest> ReportOf(QueryResult result);
v1::ReportQueryRequest ReportOf(const absl::Status& failure);

}  // namespace penstock::worker
