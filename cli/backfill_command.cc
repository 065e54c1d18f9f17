// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/follow_job.h"
#include "cli/json_output.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

struct CreateFlags {
  RangeFlags range;
  bool wait = false;
};

absl::StatusOr<ExitCode> Create(Session& session, const CreateFlags& flags) {
  ASSIGN_OR_RETURN(Range range, CheckRange(flags.range));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::CreateBackfillRequest request;
  request.set_source(session.flags().source);
  if (!flags.range.endpoints.empty()) {
    for (Endpoint endpoint : range.endpoints) request.add_endpoints(ToProto(endpoint));
  }
  if (range.from) *request.mutable_from() = ToProto(*range.from);
  if (range.to) *request.mutable_to() = ToProto(*range.to);
  request.set_requested_by(session.env().variable("USER"));
  ASSIGN_OR_RETURN(v1::Job job, admin->Call(&AdminStub::CreateBackfill, request));
  if (flags.wait) return FollowJob(session, job.number(), false);
  if (session.flags().json) {
    session.out() << ToJson(job) << "\n";
    return ExitCode::kDone;
  }
  session.out() << Wrap(absl::StrCat(JobName(job.number()), " of ", job.source(), ": ",
                                     EndpointWords(job.endpoints()), ", ", RangeWords(job), "."),
                        session.width(), 2)
                << "\n"
                << session.Next(absl::StrCat("jobs watch ", JobName(job.number()))) << "\n";
  return ExitCode::kDone;
}

}  // namespace

void AddBackfillCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(app, {"backfill",
                                   "Ask for a time range to be copied.",
                                   {"penstock --state ./state backfill create --from 2026-03-05"}});
  auto flags = std::make_shared<CreateFlags>();
  CLI::App* create =
      AddCommand(*group, chosen,
                 {"create",
                  "Start a job that copies a time range. Users have no time range and are read whole.",
                  {"penstock --state ./state backfill create",
                   "penstock --state ./state backfill create --from 2026-03-05 \\",
                   "    --to 2026-03-07 --endpoints plugin-calls --wait"}},
                 [flags](Session& session) { return Create(session, *flags); });
  AddRangeFlags(*create, flags->range);
  create->add_flag("--wait", flags->wait, "Stay until it has ended, as `penstock jobs watch` does");
}

}  // namespace penstock::cli
