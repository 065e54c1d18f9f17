// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/follow_job.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

absl::StatusOr<ExitCode> Now(Session& session, bool wait) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::CreateSyncRequest request;
  request.set_source(session.flags().source);
  request.set_requested_by(session.env().variable("USER"));
  ASSIGN_OR_RETURN(const v1::Job job, admin->Call(&AdminStub::CreateSync, request));
  if (wait) return FollowJob(session, job.number(), false);
  if (session.flags().json) {
    session.out() << ToJson(job) << "\n";
    return ExitCode::kDone;
  }
  session.out() << Wrap(absl::StrCat(JobName(job.number()), " of ", job.source(), ": what is new of ",
                                     EndpointWords(job.endpoints()), "."),
                        session.width(), 2)
                << "\n"
                << session.Next(absl::StrCat("jobs watch ", JobName(job.number()))) << "\n";
  return ExitCode::kDone;
}

std::string ScheduleWords(const v1::SyncOverview& overview) {
  if (overview.schedule().empty()) return "no schedule: a sync begins only when somebody asks for it.";
  std::string words = absl::StrCat("a sync at ", overview.schedule(), " ", overview.time_zone());
  if (overview.has_next()) {
    absl::StrAppend(&words, ", next at ", FormatMinute(FromProto(overview.next())), " UTC");
  }
  return words + ".";
}

void Print(Session& session, const v1::SyncOverview& overview) {
  const auto line = [&](const std::string& text) {
    session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  };
  line(absl::StrCat(overview.source(), ": ", ScheduleWords(overview)));
  Table table({{"ENDPOINT"}, {"WATERMARK"}, {"LAST SYNC"}, {"JOB"}});
  for (const v1::EndpointSyncState& sync : overview.endpoints()) {
    table.Add({Word(sync.endpoint()), sync.has_watermark() ? FormatStamp(FromProto(sync.watermark())) : "-",
               sync.has_finished() ? FormatMinute(FromProto(sync.finished())) : "never",
               sync.job() > 0 ? JobName(sync.job()) : "-"});
  }
  session.out() << table.Render(session.width());
  for (const v1::EndpointSyncState& sync : overview.endpoints()) {
    if (!sync.left_out().empty())
      line(absl::StrCat(Word(sync.endpoint()), " takes no part now: ", sync.left_out()));
  }
  if (overview.has_open()) {
    const std::string name = JobName(overview.open().number());
    line(absl::StrCat(name, " is ", Word(overview.open().state()), ". Look at it with"));
    session.out() << session.Next(absl::StrCat("jobs watch ", name)) << "\n";
  } else {
    line("To sync at once:");
    session.out() << session.Next("sync now") << "\n";
  }
}

absl::StatusOr<ExitCode> Status(Session& session) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::GetSyncRequest request;
  request.set_source(session.flags().source);
  ASSIGN_OR_RETURN(const v1::SyncOverview overview, admin->Call(&AdminStub::GetSync, request));
  if (session.flags().json) {
    session.out() << ToJson(overview) << "\n";
  } else {
    Print(session, overview);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddSyncCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(
      app,
      {"sync", "Read what is new or changed since the last time.", {"penstock --state ./state sync now"}});
  auto wait = std::make_shared<bool>(false);
  CLI::App* now =
      AddCommand(*group, chosen,
                 {"now",
                  "Begin a sync at once, besides the schedule. One that is under way is named instead.",
                  {"penstock --state ./state sync now", "penstock --state ./state sync now --wait"}},
                 [wait](Session& session) { return Now(session, *wait); });
  now->add_flag("--wait", *wait, "Stay until it has ended, as `penstock jobs watch` does");
  AddCommand(*group, chosen,
             {"status",
              "When the next sync is, and up to which stamp each endpoint was read.",
              {"penstock --state ./state sync status", "penstock --state ./state sync status --output json"}},
             [](Session& session) { return Status(session); });
}

}  // namespace penstock::cli
