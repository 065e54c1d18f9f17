// SPDX-License-Identifier: Apache-2.0
#include "worker/query_task.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "metrics/frame.h"
#include "metrics/kept.h"
#include "metrics/own_settings.h"
#include "metrics/powerbi/views.h"
#include "metrics/request.h"
#include "metrics/run.h"
#include "metrics/views.h"
#include "proto/convert.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

metrics::Question QuestionOf(const v1::MetricQuestion& asked) {
  metrics::Question question;
  question.name = asked.metric();
  question.from = asked.from();
  question.to = asked.to();
  question.zone = asked.time_zone();
  question.by = asked.by();
  question.group = asked.group();
  question.where = {asked.where().begin(), asked.where().end()};
  question.parameters = {asked.parameters().begin(), asked.parameters().end()};
  question.guide = asked.guide();
  return question;
}

// What people asked, as the statements of metrics/ take it.
absl::StatusOr<metrics::Request> RequestOf(const v1::MetricQuestion& asked, const MetricsConfig& own,
                                           absl::Time now) {
  ASSIGN_OR_RETURN(metrics::Question question, metrics::WithOwn(QuestionOf(asked), own));
  ASSIGN_OR_RETURN(question, metrics::WithTimes(std::move(question), now));
  return metrics::MakeRequest(question);
}

// All rows of all statements, in the memory that the limits allow.
metrics::RunStatements RunIn(destinations::Destination& destination, const QueryLimits& limits) {
  return [&](const std::vector<std::string>& statements) -> absl::StatusOr<std::vector<metrics::TextRows>> {
    std::vector<metrics::TextRows> rows(statements.size());
    RETURN_IF_ERROR(destination.Query({.statements = statements,
                                       .max_rows = limits.max_rows,
                                       .max_bytes = limits.max_bytes,
                                       .time = limits.time,
                                       .keep_on = limits.keep_on},
                                      [&](size_t statement, destinations::TextRow row) {
                                        rows[statement].push_back(std::move(row));
                                        return absl::OkStatus();
                                      }));
    return rows;
  };
}

// One question at one destination.
class QueryTask {
 public:
  QueryTask(const MetricsConfig& own, const metrics::Dialect& dialect, destinations::Destination& destination,
            const QueryLimits& limits, absl::Time now)
      : own_(own), dialect_(dialect), destination_(destination), limits_(limits), now_(now) {}

  absl::StatusOr<QueryResult> Answer(const v1::Query& query) {
    switch (query.what_case()) {
      case v1::Query::kMetric:
        return AnswerMetric(query.metric());
      case v1::Query::kRows:
        return AnswerRows(query.rows());
      case v1::Query::kInstall:
        return Install(query.install());
      case v1::Query::WHAT_NOT_SET:
        break;
    }
    return absl::UnimplementedError(
        "the worker is of a version that does not know this question; upgrade it");
  }

 private:
  absl::StatusOr<QueryResult> AnswerMetric(const v1::MetricQuestion& asked) {
    ASSIGN_OR_RETURN(const metrics::Request request, RequestOf(asked, own_, now_));
    ASSIGN_OR_RETURN(const metrics::Answer answer,
                     metrics::Compute(request, dialect_, RunIn(destination_, limits_), now_));
    return TableOf(request, answer);
  }

  absl::StatusOr<QueryResult> AnswerRows(const v1::MetricRowsQuestion& asked) {
    ASSIGN_OR_RETURN(const metrics::Request request, RequestOf(asked.question(), own_, now_));
    const uint32_t limit = asked.limit() == 0 ? kMetricRowsDefault : std::min(asked.limit(), kMetricRowsMax);
    ASSIGN_OR_RETURN(const metrics::CountedRows found,
                     metrics::FindRows(request, dialect_, RunIn(destination_, limits_), limit));
    return TableOf(request, found);
  }

  // The names of the views, and of the tables, in the order in which they were made.
  absl::StatusOr<QueryResult> Install(const v1::InstallViews& asked) {
    ASSIGN_OR_RETURN(const metrics::OwnSettings own, metrics::CheckSettings(own_));
    ASSIGN_OR_RETURN(const absl::TimeZone zone,
                     metrics::FindZone(asked.time_zone().empty() ? own.zone : asked.time_zone()));
    std::vector<std::string> names;
    for (const std::string& relation : metrics::ViewRelations(dialect_)) {
      names.push_back(metrics::ViewName(relation));
    }
    std::vector<std::string> statements = metrics::ViewStatements(dialect_, own.values);
    for (std::string& name : metrics::powerbi::BiViewNames()) names.push_back(std::move(name));
    for (std::string& statement : metrics::powerbi::BiViewStatements(dialect_, zone, own.values)) {
      statements.push_back(std::move(statement));
    }
    RETURN_IF_ERROR(destination_.CreateViews(statements));
    if (!asked.kept()) return ListOf("view", names);
    RETURN_IF_ERROR(destination_.KeepFacts({.statements = metrics::KeptStatements(dialect_, own.values),
                                            .time = limits_.time,
                                            .keep_on = limits_.keep_on}));
    for (const std::string& relation : metrics::KeptRelations())
      names.push_back(metrics::KeptTable(relation));
    return ListOf("view", names);
  }

  const MetricsConfig& own_;
  const metrics::Dialect& dialect_;
  destinations::Destination& destination_;
  const QueryLimits& limits_;
  const absl::Time now_;
};

}  // namespace

absl::StatusOr<QueryResult> AnswerQuery(const v1::Query& query, const DestinationConfig& config,
                                        const MetricsConfig& own, destinations::Destination& destination,
                                        const Clock& clock, const QueryLimits& limits) {
  ASSIGN_OR_RETURN(const std::unique_ptr<metrics::Dialect> dialect, metrics::DialectOf(config));
  const absl::Time now = clock.Now().wall;
  ASSIGN_OR_RETURN(QueryResult result, QueryTask(own, *dialect, destination, limits, now).Answer(query));
  *result.header.mutable_read() = ToProto(now);
  return result;
}

}  // namespace penstock::worker
