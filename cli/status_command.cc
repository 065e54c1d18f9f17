// SPDX-License-Identifier: Apache-2.0
#include "cli/status_command.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/json_output.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

ExitCode LoadTrouble(v1::LoadFailure::Kind kind) {
  switch (kind) {
    case v1::LoadFailure::REFUSED:
      return ExitCode::kDestinationRefused;
    case v1::LoadFailure::LOCAL:
      return ExitCode::kLocalTrouble;
    default:
      return ExitCode::kUnreachable;
  }
}

// What --check answers: what a person would have to look at.
ExitCode Verdict(const v1::GetStatusResponse& status) {
  ExitCode verdict = ExitCode::kDone;
  for (const v1::SourceStatus& source : status.sources()) {
    if (!source.blocked().empty() || source.blocked_endpoints_size() > 0)
      verdict = Worse(verdict, ExitCode::kSourceRefused);
    if (!source.trouble().empty()) verdict = Worse(verdict, ExitCode::kUnreachable);
    if (source.quarantined() > 0) verdict = Worse(verdict, ExitCode::kNeedsALook);
    if (source.alarms_size() > 0) verdict = Worse(verdict, ExitCode::kDifference);
    for (const v1::Job& job : source.running_jobs()) {
      if (job.parked_windows() > 0) verdict = Worse(verdict, ExitCode::kNeedsALook);
    }
    for (const v1::Destination& destination : source.destinations()) {
      if (!destination.failure().empty()) verdict = Worse(verdict, LoadTrouble(destination.failure_kind()));
      if (destination.set_aside() > 0 || destination.has_pause())
        verdict = Worse(verdict, ExitCode::kNeedsALook);
    }
  }
  return verdict;
}

class Printer {
 public:
  explicit Printer(Session& session) : session_(session), out_(session.out()) {}

  void Print(const v1::GetStatusResponse& status, const std::string& where) {
    Line("", absl::StrCat(where, ": version ", status.version(), ", store ", status.store_id(),
                          status.read_only() ? ", open for reading only: no coordinator runs" : ""));
    for (const v1::SourceStatus& source : status.sources()) Print(source, status.read_only());
    if (status.sources_size() == 0) out_ << "No source yet.\n" << session_.Next("run --help") << "\n";
  }

 private:
  // "  jobs          text", wrapped under itself.
  void Line(absl::string_view label, const std::string& text) {
    std::string head(label);
    if (!label.empty()) head = absl::StrCat("  ", label, std::string(14 - label.size(), ' '));
    out_ << head << Wrap(Printable(text), session_.width() - head.size(), head.empty() ? 2 : head.size())
         << "\n";
  }

  void Print(const v1::SourceStatus& source, bool read_only) {
    Line("", absl::StrCat(source.name(), ": ", source.url()));
    if (!source.blocked().empty()) Line("BLOCKED", source.blocked());
    for (const v1::BlockedEndpoint& blocked : source.blocked_endpoints()) {
      Line("BLOCKED", absl::StrCat(Word(blocked.endpoint()), ": ", blocked.reason()));
    }
    if (!source.trouble().empty()) Line("TROUBLE", source.trouble());
    for (const v1::Alarm& alarm : source.alarms()) {
      const std::string where =
          alarm.endpoint() == v1::ENDPOINT_UNSPECIFIED ? "" : " " + Word(alarm.endpoint());
      Line("ALARM", absl::StrCat(alarm.name(), where, ": ", alarm.text()));
      if (!alarm.next_step().empty()) out_ << session_.Next(alarm.next_step(), 16) << "\n";
    }
    Line("rows", absl::StrCat(WithSeparators(source.rows()), ", ", WithSeparators(source.quarantined()),
                              " quarantined"));
    const v1::Budget& budget = source.budget();
    Line("budget", absl::StrCat(budget.used(), " of ", budget.current_limit(), " in use, ",
                                budget.granted_last_minute(), " granted in the last minute, ",
                                budget.waiting(), " waiting"));
    Line("workers", absl::StrCat(source.workers()));
    for (const v1::Job& job : source.running_jobs()) {
      std::string text =
          absl::StrCat(JobName(job.number()), " ", read_only ? "not finished" : Word(job.state()), ", ",
                       PercentWords(job.progress()));
      if (job.has_time_left() && !read_only)
        absl::StrAppend(&text, ", left ", FormatSpan(FromProto(job.time_left())));
      if (job.parked_windows() > 0)
        absl::StrAppend(&text, ", ", Counted(job.parked_windows(), "window"), " parked");
      Line("job", text);
    }
    for (const v1::Destination& destination : source.destinations()) {
      std::string text = destination.name();
      absl::StrAppend(&text, destination.behind() == 0
                                 ? ": up to date"
                                 : absl::StrCat(": ", WithSeparators(destination.behind()), " behind"));
      if (destination.set_aside() > 0)
        absl::StrAppend(&text, ", ", Counted(destination.set_aside(), "row"), " set aside");
      if (destination.has_pause()) absl::StrAppend(&text, ", ", PauseWords(destination));
      if (!destination.failure().empty()) absl::StrAppend(&text, ", FAILED: ", destination.failure());
      Line("destination", text);
    }
    if (read_only && source.running_jobs_size() > 0) {
      Line("", "The same `penstock run`, or a coordinator on this state, goes on with it.");
    } else {
      out_ << session_.Next(NextWords(source), 0) << "\n";
    }
  }

  static std::string NextWords(const v1::SourceStatus& source) {
    if (source.running_jobs_size() > 0)
      return absl::StrCat("jobs watch ", JobName(source.running_jobs(0).number()));
    if (source.quarantined() > 0) return "quarantine list";
    return source.rows() > 0 ? "coverage" : "backfill create";
  }

  Session& session_;
  std::ostream& out_;
};

}  // namespace

absl::StatusOr<ExitCode> ShowStatus(Session& session, const std::string& source, bool check) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::GetStatusRequest request;
  request.set_source(source);
  ASSIGN_OR_RETURN(v1::GetStatusResponse status, admin->Call(&AdminStub::GetStatus, request));
  if (session.flags().json) {
    session.out() << ToJson(status) << "\n";
  } else {
    Printer(session).Print(status, admin->name());
  }
  return check ? Verdict(status) : ExitCode::kDone;
}

void AddStatusCommand(CLI::App& app, Action& chosen) {
  auto check = std::make_shared<bool>(false);
  CLI::App* status = AddCommand(
      app, chosen,
      {"status",
       "What runs, what is blocked, how far the destinations are.",
       {"penstock --state ./state status", "penstock --state ./state status --check --output json"}},
      [check](Session& session) { return ShowStatus(session, session.flags().source, *check); });
  status->add_flag(
      "--check", *check,
      "Answer by exit code: 0 all is well, 1 something is parked, paused, quarantined or set aside, 3 the "
      "source "
      "refuses, 4 it or a destination does not answer, 5 an alarm stands, 6 or 7 a destination fails");
}

}  // namespace penstock::cli
