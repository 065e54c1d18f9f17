// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

void Print(Session& session, const RestoreOptions& options, const RestoredState& restored) {
  const auto line = [&](const std::string& text) {
    session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  };
  const std::string taken = absl::StrCat(FormatMinute(FromProto(restored.backup.taken())), " UTC");
  line(absl::StrCat("Restored backup ", restored.backup.number(), " of ", taken, " into ", options.state,
                    "; from here on it is store ", restored.store_id, "."));
  line(
      "No lease, permit or load cursor of the lost store is honoured. The first request waits 67 s after the "
      "start. Workers "
      "of the lost store stop: start them again. Every destination is loaded again from the first change; "
      "newer rows there "
      "stay.");
  line(absl::StrCat("What came after ", taken,
                    " is not in it: the next sync and a backfill read it again, as far back as the "
                    "source goes."));
  line(absl::StrCat("People who were forgotten after ", taken, " are in it again. Forget each of them again",
                    restored.erasures > 0
                        ? absl::StrCat("; it knows of ", Counted(restored.erasures, "erasure"), " until then")
                        : "",
                    ":"));
  session.out() << session.Next("forget --user ID", 2) << "\n";
}

absl::StatusOr<ExitCode> Restore(Session& session, RestoreOptions options) {
  if (!session.flags().coordinator.empty())
    return absl::InvalidArgumentError("restore makes a state directory on this machine: --state DIR");
  ASSIGN_OR_RETURN(const Address address, FindAddress(session.flags(), session.env()));
  if (address.state.empty()) return absl::InvalidArgumentError("say where the state is to be: --state DIR");
  options.state = address.state;
  ASSIGN_OR_RETURN(const RestoredState restored, session.env().restore(options));
  if (session.flags().json) {
    session.out() << ToJson(restored.backup) << "\n";
  } else {
    Print(session, options, restored);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddRestoreCommand(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* restore =
      AddCommand(app, chosen,
                 {"restore",
                  "Make a new state directory from a backup. Stop the lost store's coordinator first, if it "
                  "still runs: two of them "
                  "would spend the budget twice.",
                  {"penstock restore --from /backup/penstock --state ./new-state",
                   "penstock restore --from /backup/penstock --backup 12 --state ./new-state"}},
                 [options](Session& session) { return Restore(session, *options); });
  restore->add_option("--from", options->from, "The directory of the backups; it is only read")
      ->option_text("DIR")
      ->required();
  restore
      ->add_option("--backup", options->number,
                   "Which one (penstock backup --list). Left out: the newest that is whole")
      ->option_text("NUMBER");
}

}  // namespace penstock::cli
