// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/follow_job.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

using Control = v1::ControlJobRequest;

absl::StatusOr<v1::Job> GetJob(AdminConnection& admin, uint64_t number) {
  v1::GetJobRequest request;
  request.set_number(number);
  return admin.Call(&AdminStub::GetJob, request);
}

absl::StatusOr<ExitCode> List(Session& session) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::ListJobsRequest request;
  request.set_source(session.flags().source);
  ASSIGN_OR_RETURN(v1::ListJobsResponse response, admin->Call(&AdminStub::ListJobs, request));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  if (response.jobs_size() == 0) {
    session.out() << "No job yet. To copy everything:\n" << session.Next("backfill create") << "\n";
    return ExitCode::kDone;
  }
  Table table({{"JOB"}, {"SOURCE"}, {"STATE"}, {"DONE", Table::kRight}, {"ROWS", Table::kRight}, {"RANGE"}});
  for (const v1::Job& job : response.jobs()) {
    std::string state = Word(job.state());
    if (job.parked_windows() > 0) absl::StrAppend(&state, ", ", job.parked_windows(), " parked");
    table.Add({JobName(job.number()), job.source(), state, PercentWords(job.progress()),
               WithSeparators(job.counts().fetched()), RangeWords(job)});
  }
  session.out() << table.Render(session.width());
  return ExitCode::kDone;
}

// What a person would ask next about a job in this state.
std::string NextWords(const v1::Job& job) {
  const std::string name = JobName(job.number());
  if (job.state() == v1::JOB_PAUSED) return absl::StrCat("jobs resume ", name);
  if (job.parked_windows() > 0) return absl::StrCat("windows list --job ", name, " --only parked");
  if (job.state() == v1::JOB_RUNNING) return absl::StrCat("jobs watch ", name);
  return "coverage";
}

void Print(Session& session, const v1::Job& job) {
  if (session.flags().json) {
    session.out() << ToJson(job) << "\n";
    return;
  }
  std::ostream& out = session.out();
  const v1::PageCounts& counts = job.counts();
  const auto line = [&](const char* label, const std::string& text) {
    out << label << Wrap(Printable(text), session.width() - 10, 10) << "\n";
  };
  out << JobName(job.number()) << ", " << Printable(job.kind()) << " of " << Printable(job.source()) << ", "
      << Word(job.state()) << "\n";
  line("range     ", absl::StrCat(RangeWords(job), ", ", EndpointWords(job.endpoints())));
  std::string times = absl::StrCat("created ", FormatMinute(FromProto(job.created())));
  if (job.has_finished()) absl::StrAppend(&times, ", finished ", FormatMinute(FromProto(job.finished())));
  line("time      ", absl::StrCat(times, " UTC"));
  std::string progress = PercentWords(job.progress());
  if (job.has_time_left()) absl::StrAppend(&progress, ", left ", FormatSpan(FromProto(job.time_left())));
  if (job.priority() != 0) absl::StrAppend(&progress, ", priority ", job.priority());
  line("progress  ", progress);
  line("windows   ", absl::StrCat(job.windows(), ": ", job.done_windows(), " done, ", job.running_windows(),
                                  " running, ", job.parked_windows(), " parked"));
  line("records   ",
       absl::StrCat(WithSeparators(counts.fetched()), " read in ", Counted(job.pages(), "page"), ": ",
                    WithSeparators(counts.inserted()), " new, ", WithSeparators(counts.updated()),
                    " changed, ", WithSeparators(counts.identical() + counts.older()), " known already, ",
                    WithSeparators(counts.quarantined()), " quarantined"));
  out << session.Next(NextWords(job), 0) << "\n";
}

absl::StatusOr<ExitCode> Show(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const uint64_t number, ParseJobName(name));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::Job job, GetJob(*admin, number));
  Print(session, job);
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Follow(Session& session, const std::string& name, bool quiet) {
  ASSIGN_OR_RETURN(const uint64_t number, ParseJobName(name));
  return FollowJob(session, number, quiet);
}

absl::StatusOr<ExitCode> ControlJob(Session& session, const std::string& name, Control::Action action,
                                    int priority = 0) {
  ASSIGN_OR_RETURN(const uint64_t number, ParseJobName(name));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  if (action == Control::CANCEL) {
    ASSIGN_OR_RETURN(v1::Job job, GetJob(*admin, number));
    ASSIGN_OR_RETURN(const bool confirmed,
                     Confirmed(session, absl::StrCat("cancelling ", JobName(number)),
                               absl::StrCat(JobName(number), " has ",
                                            job.windows() - std::min(job.done_windows(), job.windows()),
                                            " unfinished windows, which will not be fetched. Cancel it?")));
    if (!confirmed) {
      session.out() << "Nothing was cancelled.\n";
      return ExitCode::kDone;
    }
  }
  v1::ControlJobRequest request;
  request.set_number(number);
  request.set_action(action);
  request.set_priority(priority);
  ASSIGN_OR_RETURN(v1::Job job, admin->Call(&AdminStub::ControlJob, request));
  Print(session, job);
  return ExitCode::kDone;
}

void AddReprioritise(CLI::App& group, Action& chosen) {
  auto job = std::make_shared<std::string>();
  auto priority = std::make_shared<int>(0);
  CLI::App* command = AddCommand(
      group, chosen,
      {"reprioritise",
       "Let a job go before or after others of its kind, within one page. Syncs stay before backfills.",
       {"penstock --state ./state jobs reprioritise job-12 --priority 10"}},
      [job, priority](Session& session) {
        return ControlJob(session, *job, Control::REPRIORITISE, *priority);
      });
  command->add_option("job", *job, "Its name, such as job-12")->option_text("JOB")->required();
  command->add_option("--priority", *priority, "From -100 to 100; a greater one goes first, 0 is usual")
      ->option_text("N")
      ->check(CLI::Range(-100, 100))
      ->required();
}

struct Verb {
  const char* name;
  const char* description;
  std::function<absl::StatusOr<ExitCode>(Session&, const std::string&)> perform;
};

}  // namespace

void AddJobsCommands(CLI::App& app, Action& chosen) {
  CLI::App* group =
      AddGroup(app, {"jobs",
                     "See and steer what was asked for.",
                     {"penstock --state ./state jobs list", "penstock --state ./state jobs watch job-12"}});
  AddCommand(*group, chosen,
             {"list", "All jobs, one line each.", {"penstock --state ./state jobs list --output json"}},
             List);
  const auto control = [](Control::Action action) {
    return [action](Session& session, const std::string& job) { return ControlJob(session, job, action); };
  };
  const Verb verbs[] = {
      {"show", "One job with its counts.", Show},
      {"watch", "Follow a job with a progress bar until it has ended and its rows are loaded.",
       [](Session& session, const std::string& job) { return Follow(session, job, false); }},
      {"wait", "As watch, but say only how it ended. For scripts: the exit code tells.",
       [](Session& session, const std::string& job) { return Follow(session, job, true); }},
      {"pause", "Stop a job within one page. What it holds is kept.", control(Control::PAUSE)},
      {"resume", "Let a paused job go on where it stopped.", control(Control::RESUME)},
      {"cancel", "End a job. What it fetched stays; asks first, unless --yes is given.",
       control(Control::CANCEL)},
      {"retry", "Try the parked windows of a job again, and lift the blocks of its source.",
       control(Control::RETRY)},
  };
  for (const Verb& verb : verbs) {
    auto job = std::make_shared<std::string>();
    CLI::App* command = AddCommand(
        *group, chosen,
        {verb.name, verb.description, {absl::StrCat("penstock --state ./state jobs ", verb.name, " job-12")}},
        [job, perform = verb.perform](Session& session) { return perform(session, *job); });
    command->add_option("job", *job, "Its name, such as job-12")->option_text("JOB")->required();
  }
  AddReprioritise(*group, chosen);
}

}  // namespace penstock::cli
