// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/ids.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"

namespace penstock::cli {
namespace {

constexpr v1::WindowState kStates[] = {v1::WINDOW_PENDING, v1::WINDOW_LEASED, v1::WINDOW_DONE,
                                       v1::WINDOW_PARKED,  v1::WINDOW_SPLIT,  v1::WINDOW_CANCELLED};

struct ListFlags {
  std::string job;
  std::string states;
};

absl::StatusOr<v1::WindowState> ParseState(absl::string_view word) {
  std::vector<std::string> words;
  for (v1::WindowState state : kStates) {
    if (Word(state) == word) return state;
    words.push_back(Word(state));
  }
  std::string hint = DidYouMean(word, words);
  if (hint.empty()) hint = absl::StrCat("; the states are ", absl::StrJoin(words, ", "));
  return absl::InvalidArgumentError(absl::StrCat("--only: unknown state '", word, "'", hint));
}

absl::StatusOr<ExitCode> List(Session& session, const ListFlags& flags) {
  v1::ListWindowsRequest request;
  request.set_source(session.flags().source);
  if (!flags.job.empty()) {
    ASSIGN_OR_RETURN(const uint64_t job, ParseJobName(flags.job));
    request.set_job(job);
  }
  if (!flags.states.empty()) {
    for (absl::string_view word : absl::StrSplit(flags.states, ',')) {
      ASSIGN_OR_RETURN(const v1::WindowState state, ParseState(word));
      request.add_states(state);
    }
  }
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::ListWindowsResponse response, admin->Call(&AdminStub::ListWindows, request));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  if (response.windows_size() == 0) {
    session.out() << "No such window.\n";
    return ExitCode::kDone;
  }
  Table table({{"WINDOW"}, {"JOB"}, {"STATE"}, {"ENDPOINT"}, {"ROWS", Table::kRight}, {"RANGE"}});
  const v1::Window* asked = &response.windows(0);  // the one whose reason is worth asking for
  for (const v1::Window& window : response.windows()) {
    table.Add({WindowName(window.number()), JobName(window.job()), Word(window.state()),
               Word(window.endpoint()), WithSeparators(window.counts().fetched()), RangeWords(window)});
    if (window.state() == v1::WINDOW_PARKED && asked->state() != v1::WINDOW_PARKED) asked = &window;
  }
  session.out() << table.Render(session.width())
                << session.Next(absl::StrCat("windows why ", WindowName(asked->number())), 0) << "\n";
  return ExitCode::kDone;
}

std::string Headline(const v1::Window& window) {
  return absl::StrCat(Word(window.endpoint()), " ",
                      window.closing() ? "stamped while the job ran" : RangeWords(window), ", ",
                      JobName(window.job()), ", ", Word(window.state()));
}

void Print(Session& session, const v1::Window& window) {
  if (session.flags().json) {
    session.out() << ToJson(window) << "\n";
    return;
  }
  std::ostream& out = session.out();
  const v1::PageCounts& counts = window.counts();
  const auto line = [&](const char* label, const std::string& text) {
    out << label << Wrap(Printable(text), session.width() - 9, 9) << "\n";
  };
  out << WindowName(window.number()) << ": " << Headline(window) << "\n";
  if (!window.worker().empty()) line("worker   ", window.worker());
  line("axis     ", window.axis() == v1::LAST_UPDATED_TIME ? "last_updated_time" : "created_time");
  line("pages    ", absl::StrCat(WithSeparators(window.pages()), ", chain ", window.chain()));
  line("records  ",
       absl::StrCat(WithSeparators(counts.fetched()), " read: ", WithSeparators(counts.inserted()), " new, ",
                    WithSeparators(counts.updated()), " changed, ",
                    WithSeparators(counts.identical() + counts.older()), " known already, ",
                    WithSeparators(counts.quarantined()), " quarantined"));
  if (!window.reason().empty()) line("parked   ", window.reason());
  const std::string name = WindowName(window.number());
  out << session.Next(
             absl::StrCat(window.state() == v1::WINDOW_PARKED ? "windows retry " : "windows why ", name), 0)
      << "\n";
}

absl::StatusOr<v1::GetWindowRequest> RequestFor(const std::string& name) {
  v1::GetWindowRequest request;
  ASSIGN_OR_RETURN(const uint64_t number, ParseWindowName(name));
  request.set_number(number);
  return request;
}

absl::StatusOr<ExitCode> Show(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(v1::GetWindowRequest request, RequestFor(name));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::Window window, admin->Call(&AdminStub::GetWindow, request));
  Print(session, window);
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Why(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(v1::GetWindowRequest request, RequestFor(name));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::ExplainWindowResponse response, admin->Call(&AdminStub::ExplainWindow, request));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  session.out() << Headline(response.window()) << "\n"
                << Wrap(Printable(response.why()), session.width()) << "\n";
  if (!response.next_step().empty()) session.out() << Printable(response.next_step()) << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Retry(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(v1::GetWindowRequest request, RequestFor(name));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::Window window, admin->Call(&AdminStub::RetryWindow, request));
  Print(session, window);
  return ExitCode::kDone;
}

struct Verb {
  const char* name;
  const char* description;
  absl::StatusOr<ExitCode> (*perform)(Session&, const std::string&);
};

}  // namespace

void AddWindowsCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(app, {"windows",
                                   "See the windows of jobs: why one waits, and how to try it again.",
                                   {"penstock --state ./state windows list --job job-12 --only parked",
                                    "penstock --state ./state windows why w-1043"}});
  auto flags = std::make_shared<ListFlags>();
  CLI::App* list = AddCommand(*group, chosen,
                              {"list",
                               "Windows, one line each.",
                               {"penstock --state ./state windows list --job job-12",
                                "penstock --state ./state windows list --only parked,leased"}},
                              [flags](Session& session) { return List(session, *flags); });
  list->add_option("--job", flags->job, "Of this job only, such as job-12")->option_text("JOB");
  list->add_option("--only", flags->states,
                   "In these states only: pending, leased, done, parked, split, cancelled")
      ->option_text("A,B");
  const Verb verbs[] = {{"show", "One window with its counts.", Show},
                        {"why", "Why a window is not done, and what it waits for.", Why},
                        {"retry", "Try a parked window again.", Retry}};
  for (const Verb& verb : verbs) {
    auto window = std::make_shared<std::string>();
    CLI::App* command =
        AddCommand(*group, chosen,
                   {verb.name,
                    verb.description,
                    {absl::StrCat("penstock --state ./state windows ", verb.name, " w-1043")}},
                   [window, perform = verb.perform](Session& session) { return perform(session, *window); });
    command->add_option("window", *window, "Its name, such as w-1043")->option_text("WINDOW")->required();
  }
}

}  // namespace penstock::cli
