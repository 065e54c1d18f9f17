// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace penstock::cli {

void AddVersionCommand(CLI::App& app, Action& chosen) {
  AddCommand(app, chosen,
             {"version", "Which version this is.", {"penstock version", "penstock version --output json"}},
             [](Session& session) -> absl::StatusOr<ExitCode> {
               if (session.flags().json) {
                 session.out() << "{\"version\":\"" PENSTOCK_VERSION "\"}\n";
               } else {
                 session.out() << "penstock " PENSTOCK_VERSION "\n";
               }
               return ExitCode::kDone;
             });
}

}  // namespace penstock::cli
