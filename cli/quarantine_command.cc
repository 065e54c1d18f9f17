// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

absl::StatusOr<v1::ListQuarantineResponse> Entries(Session& session, const std::string& endpoint) {
  v1::ListQuarantineRequest request;
  request.set_source(session.flags().source);
  if (!endpoint.empty()) {
    ASSIGN_OR_RETURN(const Endpoint parsed, ParseEndpoint(endpoint));
    request.set_endpoint(ToProto(parsed));
  }
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  return admin->Call(&AdminStub::ListQuarantine, request);
}

absl::StatusOr<ExitCode> List(Session& session, const std::string& endpoint) {
  ASSIGN_OR_RETURN(v1::ListQuarantineResponse response, Entries(session, endpoint));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  if (response.entries_size() == 0) {
    session.out() << "Nothing is quarantined.\n";
    return ExitCode::kDone;
  }
  Table table({{"NAME"}, {"ENDPOINT"}, {"FIRST SEEN"}, {"REASON"}});
  for (const v1::QuarantineEntry& entry : response.entries()) {
    table.Add(
        {entry.name(), Word(entry.endpoint()), FormatMinute(FromProto(entry.first_seen())), entry.reason()});
  }
  session.out() << table.Render(session.width())
                << session.Next(absl::StrCat("quarantine show ", response.entries(0).name()), 0) << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Show(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(v1::ListQuarantineResponse response, Entries(session, ""));
  std::vector<std::string> names;
  for (const v1::QuarantineEntry& entry : response.entries()) {
    names.push_back(entry.name());
    if (entry.name() != name) continue;
    if (session.flags().json) {
      session.out() << ToJson(entry) << "\n";
      return ExitCode::kDone;
    }
    session.out() << Wrap(Printable(absl::StrCat(Word(entry.endpoint()), ", first seen ",
                                                 FormatMinute(FromProto(entry.first_seen())), " UTC by ",
                                                 WindowName(entry.window()), ": ", entry.reason())),
                          session.width())
                  << "\n"
                  << Printable(entry.raw()) << "\n";
    return ExitCode::kDone;
  }
  return absl::NotFoundError(absl::StrCat("nothing is quarantined under '", name, "'",
                                          DidYouMean(name, names), "; `penstock quarantine list` names all"));
}

}  // namespace

void AddQuarantineCommands(CLI::App& app, Action& chosen) {
  CLI::App* group =
      AddGroup(app, {"quarantine",
                     "Records that cannot be rows, because they have no usable id. Their bytes are kept.",
                     {"penstock --state ./state quarantine list"}});
  auto endpoint = std::make_shared<std::string>();
  CLI::App* list = AddCommand(
      *group, chosen,
      {"list", "All of them, one line each.", {"penstock --state ./state quarantine list --endpoint users"}},
      [endpoint](Session& session) { return List(session, *endpoint); });
  list->add_option("--endpoint", *endpoint, "Of this endpoint only")->option_text("E");
  auto name = std::make_shared<std::string>();
  CLI::App* show = AddCommand(*group, chosen,
                              {"show",
                               "One of them: its bytes, and what is wrong with it.",
                               {"penstock --state ./state quarantine show 9f86d081884c7d65"}},
                              [name](Session& session) { return Show(session, *name); });
  show->add_option("name", *name, "Its name, as `list` shows it")->option_text("NAME")->required();
}

}  // namespace penstock::cli
