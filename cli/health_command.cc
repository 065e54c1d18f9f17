// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"

namespace penstock::cli {
namespace {

// Never opens the store itself, as other reading commands do: a probe must not take its own answer for the process's.
absl::StatusOr<ExitCode> Health(Session& session) {
  ASSIGN_OR_RETURN(const Address address, FindAddress(session.flags(), session.env()));
  ASSIGN_OR_RETURN(const bool served, IsServed(address));
  if (!served) {
    return absl::UnavailableError(
        absl::StrCat("no process serves ", address.state, "; is it still starting?"));
  }
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  // It goes through the coordinator's one door, so that one that is stuck does not answer.
  RETURN_IF_ERROR(admin->Call(&AdminStub::ListWorkers, v1::ListWorkersRequest()).status());
  if (session.flags().json) {
    session.out() << "{\"serves\":true}\n";
  } else {
    session.out() << admin->name() << " is served.\n";
  }
  return ExitCode::kDone;
}

}  // namespace

void AddHealthCommand(CLI::App& app, Action& chosen) {
  AddCommand(
      app, chosen,
      {"health",
       "Whether the coordinator answers, by exit code: for the probes of Kubernetes and of container "
       "engines.",
       {"penstock --state ./state health", "penstock --coordinator 127.0.0.1:7417 health --output json"}},
      Health);
}

}  // namespace penstock::cli
