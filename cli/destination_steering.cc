// SPDX-License-Identifier: Apache-2.0
#include "cli/destination_steering.h"

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "cli/upkeep.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

absl::StatusOr<v1::ExplainDestinationResponse> Explain(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::DestinationRequest request;
  request.set_name(name);
  return admin->Call(&AdminStub::ExplainDestination, request);
}

void PrintWhy(Session& session, const v1::ExplainDestinationResponse& answer, size_t indent) {
  session.out() << Wrap(Printable(answer.why()), session.width() - indent, indent) << "\n";
  if (!answer.next_step().empty()) session.out() << session.Next(Printable(answer.next_step()), 0) << "\n";
}

absl::StatusOr<ExitCode> Why(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const v1::ExplainDestinationResponse answer, Explain(session, name));
  if (session.flags().json) {
    session.out() << ToJson(answer) << "\n";
  } else {
    PrintWhy(session, answer, 0);
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Show(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const v1::ExplainDestinationResponse answer, Explain(session, name));
  const v1::Destination& destination = answer.destination();
  if (session.flags().json) {
    session.out() << ToJson(destination) << "\n";
    return ExitCode::kDone;
  }
  const auto line = [&](const char* label, const std::string& text) {
    session.out() << label << Wrap(Printable(text), session.width() - 10, 10) << "\n";
  };
  session.out() << Printable(destination.name()) << "\n";
  line("source    ", destination.source());
  line("loaded    ", absl::StrCat("up to change ", WithSeparators(destination.loaded()), ", ",
                                  WithSeparators(destination.behind()), " behind"));
  line("rows      ", absl::StrCat(WithSeparators(destination.rows()), " sent ever, ",
                                  Counted(destination.irregular(), "field"), " fitted no column"));
  if (destination.has_interval()) {
    line("interval  ", absl::StrCat(FormatSpan(FromProto(destination.interval())), " while a job runs"));
  }
  if (destination.has_last_report()) {
    line("told      ", absl::StrCat(FormatMinute(FromProto(destination.last_report())), " UTC"));
  }
  for (const std::string& text : SetAsideWords(destination)) line("          ", text);
  session.out() << "now       ";
  PrintWhy(session, answer, 10);
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Say(Session& session, const v1::Destination& destination, const std::string& text) {
  if (session.flags().json) {
    session.out() << ToJson(destination) << "\n";
    return ExitCode::kDone;
  }
  session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Pause(Session& session, const std::string& name) {
  v1::PauseDestinationRequest request;
  request.set_name(name);
  request.set_reason(session.flags().reason);
  request.set_requested_by(session.env().variable("USER"));
  return AskAbout(
      session, name, Loads::kNo, [&](AdminConnection& admin, const auto&) -> absl::StatusOr<ExitCode> {
        ASSIGN_OR_RETURN(const v1::Destination paused, admin.Call(&AdminStub::PauseDestination, request));
        RETURN_IF_ERROR(
            Say(session, paused,
                absl::StrCat(name, " is ", PauseWords(paused),
                             paused.worker().empty() ? "" : ". Its load ends with the batch it has",
                             ". The others go on, and so does this one with"))
                .status());
        if (!session.flags().json) {
          session.out() << session.Next(absl::StrCat("destinations resume ", ShellWord(name))) << "\n";
        }
        return ExitCode::kDone;
      });
}

absl::StatusOr<ExitCode> Resume(Session& session, const std::string& name) {
  v1::DestinationRequest request;
  request.set_name(name);
  return AskAbout(
      session, name, Loads::kNo, [&](AdminConnection& admin, const auto&) -> absl::StatusOr<ExitCode> {
        ASSIGN_OR_RETURN(const v1::Destination resumed, admin.Call(&AdminStub::ResumeDestination, request));
        const bool full = resumed.checked() && resumed.behind() == 0;
        return Say(session, resumed,
                   absl::StrCat(name, " is loaded as the others are; ",
                                full ? "it lacks nothing"
                                     : absl::StrCat("it is ", Counted(resumed.behind(), "change"), " behind"),
                                "."));
      });
}

void AddName(CLI::App& app, const std::shared_ptr<std::string>& name) {
  app.add_option("destination", *name, "Its name, as `penstock destinations list` shows it")
      ->option_text("NAME")
      ->required();
}

}  // namespace

void AddDestinationSteering(CLI::App& group, Action& chosen) {
  struct Verb {
    const char* name;
    const char* description;
    absl::StatusOr<ExitCode> (*perform)(Session&, const std::string&);
  };
  const Verb verbs[] = {{"show", "How far one is loaded, what it refused, what happens to it now.", Show},
                        {"why",
                         "Why nothing is loaded into it now: paused, failing, without a worker that has its "
                         "secret, waiting for its "
                         "interval or a free hand, or caught up.",
                         Why},
                        {"resume", "Load a paused one again.", Resume}};
  for (const Verb& verb : verbs) {
    auto name = std::make_shared<std::string>();
    CLI::App* command =
        AddCommand(group, chosen,
                   {verb.name,
                    verb.description,
                    {absl::StrCat("penstock --config penstock.yaml destinations ", verb.name, " warehouse")}},
                   [name, perform = verb.perform](Session& session) { return perform(session, *name); });
    AddName(*command, name);
  }
  auto name = std::make_shared<std::string>();
  CLI::App* pause = AddCommand(
      group, chosen,
      {"pause",
       "Write nothing into it until it is resumed, restarts included. Fetching and the other destinations go "
       "on; commands "
       "that wait for loads do not wait for it, and end with exit code 1.",
       {"penstock --state ./state destinations pause pg --reason 'the server moves'"}},
      [name](Session& session) { return Pause(session, *name); });
  AddName(*pause, name);
}

}  // namespace penstock::cli
