// SPDX-License-Identifier: Apache-2.0
#include "cli/survey.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Seconds(1);
constexpr int kMostDifferences = 20;

void PrintPlan(Session& session, const v1::Plan& plan) {
  std::ostream& out = session.out();
  Table table({{"ENDPOINT"},
               {"ROWS", Table::kRight},
               {"REQUESTS", Table::kRight},
               {"WINDOWS", Table::kRight},
               {"TAKES", Table::kRight},
               {"DONE BY"}});
  for (const v1::EndpointPlan& endpoint : plan.endpoints()) {
    if (!endpoint.has_rows()) {
      table.Add({Word(endpoint.endpoint()), "?", "", "", "", "cannot be counted"});
      continue;
    }
    table.Add({Word(endpoint.endpoint()), WithSeparators(endpoint.rows()),
               WithSeparators(endpoint.requests()), WithSeparators(endpoint.windows()),
               FormatSpan(FromProto(endpoint.takes())), FormatMinute(FromProto(endpoint.finish()))});
  }
  out << table.Render(session.width());
  out << Wrap(absl::StrCat("Together ", Counted(plan.requests(), "request"), ", ",
                           FormatSpan(FromProto(plan.takes())),
                           plan.partial() ? " without what is not counted" : "",
                           ", if it began now and nothing else used the key. ",
                           Counted(plan.workers_wanted(), "worker"), " keep the budget busy."),
              session.width(), 2)
      << "\n";
}

void PrintAudit(Session& session, const v1::Audit& audit) {
  std::ostream& out = session.out();
  uint32_t more = 0;
  for (const v1::AuditCount& difference : audit.differences())
    more += difference.counted() > difference.stored();
  out << Wrap(absl::StrCat(Counted(audit.counts(), "count"), " compared: the source has more in ", more,
                           ", fewer in ", audit.differences_size() - more, "."),
              session.width(), 2)
      << "\n";
  if (audit.uncounted() > 0) out << Counted(audit.uncounted(), "count") << " refused by the source.\n";
  if (audit.differences_size() == 0) return;
  Table table({{"ENDPOINT"}, {"RANGE"}, {"SOURCE", Table::kRight}, {"STORED", Table::kRight}, {""}});
  for (int i = 0; i < std::min(audit.differences_size(), kMostDifferences); ++i) {
    const v1::AuditCount& difference = audit.differences(i);
    table.Add({Word(difference.endpoint()), RangeWords(difference), WithSeparators(difference.counted()),
               WithSeparators(difference.stored()),
               difference.counted() > difference.stored() ? "read again" : "the source forgets"});
  }
  out << table.Render(session.width());
  if (audit.differences_size() > kMostDifferences) {
    out << "And " << audit.differences_size() - kMostDifferences << " more: --output json has them all.\n";
  }
}

}  // namespace

v1::CreateBackfillRequest SurveyRequest(const std::string& source, const Range& range, bool all_endpoints) {
  v1::CreateBackfillRequest request;
  request.set_source(source);
  if (!all_endpoints) {
    for (Endpoint endpoint : range.endpoints) request.add_endpoints(ToProto(endpoint));
  }
  if (range.from) *request.mutable_from() = ToProto(*range.from);
  if (range.to) *request.mutable_to() = ToProto(*range.to);
  return request;
}

absl::StatusOr<v1::Job> CreateSurvey(AdminConnection& admin, Survey survey,
                                     const v1::CreateBackfillRequest& request) {
  return admin.Call(survey == Survey::kPlan ? &AdminStub::CreatePlan : &AdminStub::CreateAudit, request);
}

absl::StatusOr<ExitCode> AwaitSurvey(Session& session, AdminConnection& admin, uint64_t number) {
  v1::GetJobRequest request;
  request.set_number(number);
  while (true) {
    const int signal = session.env().stop_signal();
    if (signal != 0) return static_cast<ExitCode>(128 + signal);
    ASSIGN_OR_RETURN(const v1::Job job, admin.Call(&AdminStub::GetJob, request));
    if (job.state() == v1::JOB_CANCELLED) return ExitCode::kNeedsALook;
    if (job.state() == v1::JOB_DONE) {
      return job.parked_windows() > 0 ? ExitCode::kNeedsALook : ExitCode::kDone;
    }
    v1::GetStatusRequest status_request;
    status_request.set_source(job.source());
    ASSIGN_OR_RETURN(const v1::GetStatusResponse status, admin.Call(&AdminStub::GetStatus, status_request));
    if (status.sources_size() > 0 && !status.sources(0).blocked().empty()) {
      return WithExitCode(absl::FailedPreconditionError(
                              absl::StrCat(job.source(), " is blocked: ", status.sources(0).blocked())),
                          ExitCode::kSourceRefused);
    }
    session.env().clock.Sleep(kPoll);
  }
}

absl::StatusOr<ExitCode> PrintSurvey(Session& session, AdminConnection& admin, Survey survey, uint64_t job) {
  v1::GetJobRequest request;
  request.set_number(job);
  if (survey == Survey::kPlan) {
    ASSIGN_OR_RETURN(const v1::Plan plan, admin.Call(&AdminStub::GetPlan, request));
    if (session.flags().json) {
      session.out() << ToJson(plan) << "\n";
    } else {
      PrintPlan(session, plan);
    }
    return ExitCode::kDone;
  }
  ASSIGN_OR_RETURN(const v1::Audit audit, admin.Call(&AdminStub::GetAudit, request));
  if (session.flags().json) {
    session.out() << ToJson(audit) << "\n";
  } else {
    PrintAudit(session, audit);
  }
  for (const v1::AuditCount& difference : audit.differences()) {
    if (difference.counted() > difference.stored()) return ExitCode::kDifference;
  }
  return ExitCode::kDone;
}

}  // namespace penstock::cli
