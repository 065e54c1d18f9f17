// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/survey.h"

namespace penstock::cli {
namespace {

absl::StatusOr<ExitCode> Perform(Session& session, Survey survey, const RunFlags& flags) {
  // Where a process holds the state, it does the work; otherwise this one does, and needs to know the source.
  ASSIGN_OR_RETURN(const bool served, IsServed(session.flags(), session.env()));
  if (served) {
    ASSIGN_OR_RETURN(const Range range, CheckRange(flags.range));
    ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
    ASSIGN_OR_RETURN(const v1::Job job, CreateSurvey(*admin, survey,
                                                     SurveyRequest(session.flags().source, range,
                                                                   flags.range.endpoints.empty())));
    ASSIGN_OR_RETURN(const ExitCode code, AwaitSurvey(session, *admin, job.number()));
    if (code > ExitCode::kNeedsALook) return code;
    ASSIGN_OR_RETURN(const ExitCode found, PrintSurvey(session, *admin, survey, job.number()));
    return Worse(code, found);
  }
  ASSIGN_OR_RETURN(const RunOptions options, CheckRun(flags, session.flags(), session.env()));
  return session.env().survey(session, survey, options);
}

}  // namespace

void AddSurveyCommands(CLI::App& app, Action& chosen) {
  auto plan_flags = std::make_shared<RunFlags>();
  CLI::App* plan =
      AddCommand(app, chosen,
                 {"plan",
                  "What a backfill would cost: rows, requests, windows, time. Spends one request per "
                  "endpoint, and reads nothing.",
                  {"penstock plan --source-url https://api.moveworks.ai/export/v1/records \\",
                   "    --api-key-file key --state ./state --from 2026-03-01",
                   "penstock --state ./state plan --endpoints plugin-resources"}},
                 [plan_flags](Session& session) { return Perform(session, Survey::kPlan, *plan_flags); });
  AddSourceFlags(*plan, *plan_flags);

  auto audit_flags = std::make_shared<RunFlags>();
  CLI::App* audit =
      AddCommand(app, chosen,
                 {"audit",
                  "Compare the source with the store, day by day: one request per endpoint and day. What the "
                  "source has more of is read again, and the exit code is 5; that it has fewer is normal, it "
                  "forgets.",
                  {"penstock --state ./state audit",
                   "penstock --config penstock.yaml audit --from 2026-03-01 --to 2026-03-08"}},
                 [audit_flags](Session& session) { return Perform(session, Survey::kAudit, *audit_flags); });
  AddSourceFlags(*audit, *audit_flags);
}

}  // namespace penstock::cli
