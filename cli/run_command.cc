// SPDX-License-Identifier: Apache-2.0
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/flags.h"

namespace penstock::cli {

void AddRunCommands(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* run = AddCommand(
      app, chosen,
      {"run",
       "Copy everything the source has: coordinator and worker in one process, to completion, or for ever "
       "(--follow). The same command again goes on where it stopped.",
       {"penstock run --source-url https://api.moveworks.ai/export/v1/records \\",
        "    --api-key-file key --state ./state --destination sqlite:warehouse.db",
        "penstock run --config penstock.yaml --from 2026-03-01 --to 2026-03-08",
        "penstock run --config penstock.yaml --follow"}},
      [flags](Session& session) -> absl::StatusOr<ExitCode> {
        ASSIGN_OR_RETURN(RunOptions options, CheckRun(*flags, session.flags(), session.env()));
        return session.env().run(session, options);
      });
  AddRunFlags(*run, *flags);

  auto destinations = std::make_shared<std::vector<std::string>>();
  CLI::App* load = AddCommand(app, chosen,
                              {"load",
                               "Fill destinations from the store, without any request to the source.",
                               {"penstock load --state ./state --destination sqlite:second.db",
                                "penstock load --config penstock.yaml --destination warehouse"}},
                              [destinations](Session& session) -> absl::StatusOr<ExitCode> {
                                ASSIGN_OR_RETURN(LoadOptions options,
                                                 CheckLoad(*destinations, session.flags(), session.env()));
                                return session.env().load(session, options);
                              });
  AddDestinationFlag(*load, *destinations);
}

}  // namespace penstock::cli
