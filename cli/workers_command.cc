// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

std::string Work(const v1::Worker& worker) {
  std::vector<std::string> work;
  for (uint64_t window : worker.windows()) work.push_back(WindowName(window));
  for (const std::string& load : worker.loads()) work.push_back(absl::StrCat("load ", load));
  for (const std::string& query : worker.queries()) work.push_back(query);
  return work.empty() ? "nothing" : absl::StrJoin(work, ", ");
}

absl::StatusOr<ExitCode> List(Session& session) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::ListWorkersResponse response,
                   admin->Call(&AdminStub::ListWorkers, v1::ListWorkersRequest()));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  if (response.workers_size() == 0) {
    session.out() << "No worker.\n";
    if (admin->read_only()) session.out() << "No coordinator runs on " << admin->name() << ".\n";
    return ExitCode::kDone;
  }
  Table table({{"WORKER"},
               {"VERSION"},
               {"SEEN", Table::kRight},
               {"FETCH", Table::kRight},
               {"LOAD", Table::kRight},
               {"QUERY", Table::kRight},
               {"WORKS ON"}});
  for (const v1::Worker& worker : response.workers()) {
    table.Add({worker.id(), worker.version(), FormatSpan(FromProto(worker.last_sync_ago())),
               absl::StrCat(worker.fetch_capacity()), absl::StrCat(worker.load_capacity()),
               absl::StrCat(worker.query_capacity()),
               worker.draining() ? absl::StrCat("draining: ", Work(worker)) : Work(worker)});
  }
  session.out() << table.Render(session.width());
  return ExitCode::kDone;
}

}  // namespace

void AddWorkersCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(
      app, {"workers", "The processes that fetch and load.", {"penstock --state ./state workers list"}});
  AddCommand(*group, chosen,
             {"list",
              "All workers: when each was last seen, how much it takes at once, what it works on.",
              {"penstock --state ./state workers list"}},
             List);
}

}  // namespace penstock::cli
