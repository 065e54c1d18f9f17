// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

absl::StatusOr<ExitCode> Show(Session& session) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::GetBudgetRequest request;
  request.set_source(session.flags().source);
  ASSIGN_OR_RETURN(v1::Budget budget, admin->Call(&AdminStub::GetBudget, request));
  std::ostream& out = session.out();
  if (session.flags().json) {
    out << ToJson(budget) << "\n";
    return ExitCode::kDone;
  }
  out << "limit     " << budget.limit() << " requests in any 60 s";
  if (budget.current_limit() < budget.limit()) out << ", now " << budget.current_limit() << " after a 429";
  out << "\nin use    " << budget.used() << ", of these users " << budget.users_used() << " of "
      << budget.users_limit() << "\ngranted   " << budget.granted_last_minute() << " in the last minute, "
      << WithSeparators(budget.permits()) << " ever\nwaiting   " << Counted(budget.waiting(), "request")
      << "\nrefusals  " << Counted(budget.refusals(), "429") << " ever\n";
  if (budget.has_paused_until()) {
    const absl::Time until = FromProto(budget.paused_until());
    out << "paused    until " << FormatStamp(until) << ", "
        << FormatSpan(std::max(absl::ZeroDuration(), until - session.env().clock.Now().wall))
        << " from now\n";
  }
  return ExitCode::kDone;
}

}  // namespace

void AddBudgetCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(
      app, {"budget", "The source's allowance of HTTP requests.", {"penstock --state ./state budget show"}});
  AddCommand(*group, chosen,
             {"show",
              "The limit, what is in use, and whether a 429 has lowered it.",
              {"penstock --state ./state budget show", "penstock --state ./state budget show --output json"}},
             Show);
}

}  // namespace penstock::cli
