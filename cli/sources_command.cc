// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/status_command.h"
#include "cli/survey.h"
#include "cli/table.h"
#include "cli/words.h"

namespace penstock::cli {
namespace {

// The worst that is to be said of it, in a word or two.
std::string StateOf(const v1::SourceStatus& source) {
  if (!source.blocked().empty()) return "BLOCKED";
  if (source.blocked_endpoints_size() > 0)
    return absl::StrCat(Counted(source.blocked_endpoints_size(), "endpoint"), " BLOCKED");
  if (!source.trouble().empty()) return "TROUBLE";
  if (source.alarms_size() > 0) return Counted(source.alarms_size(), "ALARM");
  return source.running_jobs_size() > 0 ? "reading" : "ok";
}

absl::StatusOr<v1::GetStatusResponse> StatusOf(Session& session, const std::string& source) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::GetStatusRequest request;
  request.set_source(source);
  return admin->Call(&AdminStub::GetStatus, request);
}

absl::StatusOr<ExitCode> List(Session& session) {
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, StatusOf(session, session.flags().source));
  if (session.flags().json) {
    session.out() << ToJson(status) << "\n";
    return ExitCode::kDone;
  }
  if (status.sources_size() == 0) {
    session.out() << "No source yet.\n" << session.Next("run --help") << "\n";
    return ExitCode::kDone;
  }
  Table table({{"SOURCE"},
               {"STATE"},
               {"ROWS", Table::kRight},
               {"JOBS", Table::kRight},
               {"BUDGET", Table::kRight},
               {"WORKERS", Table::kRight},
               {"URL"}});
  const v1::SourceStatus* look = nullptr;
  for (const v1::SourceStatus& source : status.sources()) {
    const std::string state = StateOf(source);
    if (look == nullptr && state != "ok" && state != "reading") look = &source;
    table.Add({source.name(), state, WithSeparators(source.rows()), absl::StrCat(source.running_jobs_size()),
               absl::StrCat(source.budget().used(), "/", source.budget().current_limit()),
               absl::StrCat(source.workers()), source.url()});
  }
  session.out() << table.Render(session.width());
  if (look != nullptr) session.out() << session.Next(absl::StrCat("sources show ", look->name()), 0) << "\n";
  return ExitCode::kDone;
}

// "refused: 403 ..", where the coordinator was told so.
std::optional<std::string> Refusal(const v1::SourceStatus& source, v1::Endpoint endpoint) {
  if (!source.blocked().empty()) return source.blocked();
  for (const v1::BlockedEndpoint& blocked : source.blocked_endpoints()) {
    if (blocked.endpoint() == endpoint) return blocked.reason();
  }
  return std::nullopt;
}

absl::StatusOr<ExitCode> Test(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(const v1::Job job, CreateSurvey(*admin, Survey::kPlan, SurveyRequest(name, {}, true)));
  ASSIGN_OR_RETURN(const ExitCode ended, AwaitSurvey(session, *admin, job.number()));
  if (ended > ExitCode::kNeedsALook) return ended;
  v1::GetJobRequest counted;
  counted.set_number(job.number());
  ASSIGN_OR_RETURN(const v1::Plan plan, admin->Call(&AdminStub::GetPlan, counted));
  ASSIGN_OR_RETURN(const v1::GetStatusResponse status, StatusOf(session, job.source()));
  // One that answers without counting is read all the same; a refusal needs a person.
  const bool refused = status.sources_size() > 0 && (!status.sources(0).blocked().empty() ||
                                                     status.sources(0).blocked_endpoints_size() > 0);
  const ExitCode verdict = refused ? ExitCode::kSourceRefused : ended;
  if (session.flags().json) {
    session.out() << ToJson(plan) << "\n";
    return verdict;
  }
  Table table({{"ENDPOINT"}, {"ANSWERS"}});
  for (const v1::EndpointPlan& endpoint : plan.endpoints()) {
    std::string answer = absl::StrCat("yes, it has ", Counted(endpoint.rows(), "record"));
    if (!endpoint.has_rows()) {
      const std::optional<std::string> refusal =
          status.sources_size() > 0 ? Refusal(status.sources(0), endpoint.endpoint()) : std::nullopt;
      answer = refusal.has_value() ? absl::StrCat("NO: ", *refusal) : "it cannot be counted";
    }
    table.Add({Word(endpoint.endpoint()), answer});
  }
  session.out() << table.Render(session.width());
  if (verdict != ExitCode::kDone)
    session.out() << session.Next(absl::StrCat("sources show ", job.source()), 0) << "\n";
  return verdict;
}

absl::StatusOr<ExitCode> Unblock(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::UnblockRequest request;
  request.set_source(name);
  ASSIGN_OR_RETURN(const v1::UnblockResponse response, admin->Call(&AdminStub::Unblock, request));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
  } else {
    session.out() << Wrap(absl::StrCat(
                              "What ", name, " refused is tried again",
                              response.windows() > 0
                                  ? absl::StrCat(", and ", Counted(response.windows(), "window"), " with it.")
                                  : "; no window waits for it."),
                          session.width(), 2)
                  << "\n"
                  << session.Next(absl::StrCat("sources show ", name), 0) << "\n";
  }
  return ExitCode::kDone;
}

using OfOne = absl::StatusOr<ExitCode> (*)(Session&, const std::string&);

void AddOfOne(CLI::App& group, Action& chosen, const CommandText& text, OfOne action) {
  auto name = std::make_shared<std::string>();
  CLI::App* command =
      AddCommand(group, chosen, text, [name, action](Session& session) { return action(session, *name); });
  command->add_option("name", *name, "As the configuration names it")->option_text("NAME")->required();
}

}  // namespace

void AddSourcesCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(
      app, {"sources", "The Data API tenants that are copied.", {"penstock --state ./state sources list"}});
  AddCommand(*group, chosen,
             {"list",
              "All sources, a line each: what is wrong with it, how much it has, how busy it is.",
              {"penstock --state ./state sources list"}},
             List);
  AddOfOne(*group, chosen,
           {"show",
            "What runs at one source, what is blocked, how far its destinations are.",
            {"penstock --state ./state sources show acme"}},
           [](Session& session, const std::string& name) { return ShowStatus(session, name, false); });
  AddOfOne(*group, chosen,
           {"test",
            "Have a worker ask each endpoint how many records it has: one request each, within the budget.",
            {"penstock --state ./state sources test acme"}},
           Test);
  AddOfOne(*group, chosen,
           {"unblock",
            "Try again what the source refused (401, 403) or what was given up, after you mended the cause.",
            {"penstock --state ./state sources unblock acme"}},
           Unblock);
}

}  // namespace penstock::cli
