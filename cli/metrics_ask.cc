// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_ask.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

// What an error of a query means to a script: an answer that is too large, or a question that cannot be, is the
// command's own.
absl::Status Trouble(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnimplemented:
      return WithExitCode(status, ExitCode::kUsage);
    default:
      return status;
  }
}

absl::StatusOr<QueryTable> TableOf(absl::StatusOr<std::vector<v1::QueryAnswer>> pieces) {
  if (!pieces.ok()) return Trouble(pieces.status());
  QueryTable table;
  for (v1::QueryAnswer& piece : *pieces) {
    if (piece.has_header()) table.header = std::move(*piece.mutable_header());
    for (v1::QueryRow& row : *piece.mutable_rows()) table.rows.push_back(std::move(row));
  }
  for (const v1::QueryRow& row : table.rows) {
    if (row.values_size() == table.header.columns_size()) continue;
    return absl::InternalError("the answer has a row that does not fit its columns; look at the versions");
  }
  return table;
}

absl::StatusOr<DestinationConfig> PickDestination(const std::string& name, const Config& config) {
  if (!name.empty()) return ParseDestination(name, config);
  if (config.destinations.size() == 1) return config.destinations.begin()->second;
  std::vector<std::string> names;
  for (const auto& [each, destination] : config.destinations) names.push_back(each);
  return absl::InvalidArgumentError(
      names.empty()
          ? std::string("nothing says which destination to ask; add --destination sqlite:FILE, or --state or "
                        "--coordinator of a running process")
          : absl::StrCat("say which one: --destination ", absl::StrJoin(names, ", ")));
}

}  // namespace

v1::MetricQuestion ToProto(const metrics::Question& question) {
  v1::MetricQuestion asked;
  asked.set_metric(question.name);
  asked.set_from(question.from);
  asked.set_to(question.to);
  asked.set_time_zone(question.zone);
  asked.set_by(question.by);
  asked.set_group(question.group);
  for (const std::string& clause : question.where) asked.add_where(clause);
  asked.mutable_parameters()->insert(question.parameters.begin(), question.parameters.end());
  asked.set_guide(question.guide);
  return asked;
}

absl::StatusOr<QueryTable> Ask(Session& session, v1::Query query, const std::string& destination,
                               absl::Duration timeout) {
  bool coordinator = false;
  if (!absl::StrContains(destination, ':')) {
    ASSIGN_OR_RETURN(coordinator, IsAnyServed(session.flags(), session.env()));
  }
  if (coordinator) {
    ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
    v1::RunQueryRequest request;
    query.set_destination(destination);
    *request.mutable_query() = std::move(query);
    *request.mutable_timeout() = ::penstock::ToProto(timeout);
    request.set_requested_by("penstock metrics");
    return TableOf(admin->RunQuery(request));
  }
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(const DestinationConfig picked, PickDestination(destination, config));
  query.set_destination(picked.name);
  return TableOf(session.env().ask(config, picked, query, timeout));
}

absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text) {
  const absl::StatusOr<absl::Duration> timeout = ParseSpan(text);
  if (timeout.ok() && *timeout >= absl::Seconds(1) && *timeout <= absl::Minutes(15)) return timeout;
  return absl::InvalidArgumentError(
      absl::StrCat("--timeout ", text, ": write a time from 1s to 15m, such as 90s or 5m"));
}

}  // namespace penstock::cli
