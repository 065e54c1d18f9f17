// SPDX-License-Identifier: Apache-2.0
#include "cli/local/run.h"

#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/connection.h"
#include "cli/json_output.h"
#include "cli/local/follow.h"
#include "cli/local/local_cluster.h"
#include "cli/local/watch.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"

namespace penstock::cli {
namespace {

constexpr char kVersion[] = PENSTOCK_VERSION;

absl::StatusOr<v1::Job> Begin(LocalCluster& cluster, const RunOptions& options) {
  v1::CreateBackfillRequest request;
  request.set_source(options.source);
  for (Endpoint endpoint : options.range.endpoints) request.add_endpoints(ToProto(endpoint));
  if (options.range.from.has_value()) *request.mutable_from() = ToProto(*options.range.from);
  if (options.range.to.has_value()) *request.mutable_to() = ToProto(*options.range.to);
  request.set_reuse_unfinished(true);
  request.set_reuse_finished(options.follow);
  request.set_requested_by("penstock run");
  grpc::ClientContext context;
  v1::Job job;
  RETURN_IF_ERROR(FromGrpc(cluster.admin().CreateBackfill(&context, request, &job)));
  return job;
}

absl::StatusOr<v1::CountRowsResponse> CountRows(LocalCluster& cluster, const std::string& source) {
  grpc::ClientContext context;
  v1::CountRowsRequest request;
  request.set_source(source);
  v1::CountRowsResponse counts;
  RETURN_IF_ERROR(FromGrpc(cluster.admin().CountRows(&context, request, &counts)));
  return counts;
}

absl::StatusOr<v1::ListWindowsResponse> ParkedWindows(LocalCluster& cluster, uint64_t job) {
  grpc::ClientContext context;
  v1::ListWindowsRequest request;
  request.set_job(job);
  request.add_states(v1::WINDOW_PARKED);
  v1::ListWindowsResponse parked;
  RETURN_IF_ERROR(FromGrpc(cluster.admin().ListWindows(&context, request, &parked)));
  return parked;
}

class Summary {
 public:
  Summary(Session& session, LocalCluster& cluster, const Watched& watched)
      : session_(session), cluster_(cluster), watched_(watched) {}

  absl::Status Print() {
    if (session_.flags().json) {
      session_.out() << ToJson(watched_.job) << "\n";
      return absl::OkStatus();
    }
    PrintJob();
    RETURN_IF_ERROR(PrintRows());
    RETURN_IF_ERROR(PrintTroubles());
    PrintDestinations();
    return absl::OkStatus();
  }

 private:
  void Line(const std::string& text, size_t indent = 2) {
    session_.out() << Wrap(Printable(text), session_.width(), indent) << "\n";
  }

  void PrintJob() {
    const v1::Job& job = watched_.job;
    const v1::PageCounts& counts = job.counts();
    const absl::Duration took = FromProto(job.finished()) - FromProto(job.created());
    Line(absl::StrCat(JobName(job.number()), " is ", Word(job.state()), " after ", FormatSpan(took), ": ",
                      Counted(counts.fetched(), "record"), " in ", Counted(job.pages(), "page"), "; ",
                      WithSeparators(counts.inserted()), " new, ", WithSeparators(counts.updated()),
                      " changed, ", WithSeparators(counts.identical() + counts.older()), " as they were."));
    const v1::Budget& budget = watched_.source.budget();
    Line(absl::StrCat("Budget: ", budget.limit(), " requests a minute; ", WithSeparators(budget.permits()),
                      " granted in the life of this state, ", WithSeparators(budget.refusals()),
                      " refused by the source."));
  }

  absl::Status PrintRows() {
    ASSIGN_OR_RETURN(v1::CountRowsResponse counts, CountRows(cluster_, watched_.source.name()));
    Table table({{"ENDPOINT"}, {"ROWS", Table::kRight}, {"QUARANTINED", Table::kRight}});
    for (const auto& count : counts.counts()) {
      table.Add({Word(count.endpoint()), WithSeparators(count.rows()), WithSeparators(count.quarantined())});
    }
    session_.out() << table.Render(session_.width());
    return absl::OkStatus();
  }

  absl::Status PrintTroubles() {
    for (const v1::BlockedEndpoint& blocked : watched_.source.blocked_endpoints()) {
      Line(absl::StrCat("REFUSED ", Word(blocked.endpoint()), ": ", blocked.reason()));
    }
    ASSIGN_OR_RETURN(v1::ListWindowsResponse parked, ParkedWindows(cluster_, watched_.job.number()));
    for (const v1::Window& window : parked.windows()) {
      Line(absl::StrCat("PARKED ", WindowName(window.number()), " ", Word(window.endpoint()), " ",
                        RangeWords(window), ": ", window.reason()));
    }
    if (parked.windows_size() > 0) Line("The same command tries parked windows again.");
    if (watched_.job.counts().quarantined() > 0) {
      session_.out() << Counted(watched_.job.counts().quarantined(), "record") << " quarantined:\n"
                     << session_.Next("quarantine list") << "\n";
    }
    return absl::OkStatus();
  }

  void PrintDestinations() {
    for (const v1::Destination& destination : watched_.source.destinations()) {
      for (const std::string& line : LoadedWords(destination)) Line(line);
    }
  }

  Session& session_;
  LocalCluster& cluster_;
  const Watched& watched_;
};

// What a run that did not come to its end says.
void PrintEarlyEnd(Session& session, const Watched& watched) {
  if (watched.signal != 0) {
    session.env().err << "Stopped; the state is kept. The same command goes on where it stopped."
                      << std::endl;
    return;
  }
  session.env().err << Wrap(absl::StrCat("penstock: ", Printable(watched.trouble)), session.width(), 2)
                    << "\n"
                    << "The state is kept; the same command goes on where it stopped." << std::endl;
}

}  // namespace

absl::StatusOr<ExitCode> RunHere(Session& session, const RunOptions& options) {
  session.env().stop_signal();  // from here on a signal is a request to stop in good order
  LocalCluster::Options local;
  local.state = options.config.state;
  local.version = kVersion;
  if (options.workers.has_value()) local.workers = *options.workers;
  local.monitoring = options.monitoring;
  ASSIGN_OR_RETURN(std::unique_ptr<LocalCluster> cluster, LocalCluster::Start(options.config, local));
  ASSIGN_OR_RETURN(v1::Job job, Begin(*cluster, options));
  cluster->Work();
  if (!session.flags().json) {
    session.out() << Wrap(absl::StrCat(JobName(job.number()), job.pages() > 0 ? " goes on: " : ": ",
                                       EndpointWords(job.endpoints()), ", ", RangeWords(job),
                                       ". Look at it with"),
                          session.width(), 2)
                  << "\n"
                  << session.Next("status") << std::endl;
  }
  WatchOptions watch;
  watch.job = job.number();
  watch.source = options.source;
  watch.give_up_after = options.give_up_after;
  watch.grow = !options.workers.has_value();
  ASSIGN_OR_RETURN(Watched watched, Watch(session, *cluster, watch));
  if (watched.job.state() == v1::JOB_DONE && watched.signal == 0) {
    RETURN_IF_ERROR(Summary(session, *cluster, watched).Print());
  } else {
    PrintEarlyEnd(session, watched);
  }
  const bool copied = watched.job.state() == v1::JOB_DONE && watched.signal == 0;
  if (options.follow && copied) {
    ASSIGN_OR_RETURN(watched.code, Follow(session, *cluster, options.source, watch.grow));
  }
  cluster->Stop();
  return watched.code;
}

absl::StatusOr<ExitCode> LoadHere(Session& session, const LoadOptions& options) {
  RETURN_IF_ERROR(CheckStateExists(options.config.state));
  session.env().stop_signal();
  LocalCluster::Options local;
  local.state = options.config.state;
  local.version = kVersion;
  local.workers = 1;
  local.fetch = false;
  ASSIGN_OR_RETURN(std::unique_ptr<LocalCluster> cluster, LocalCluster::Start(options.config, local));
  cluster->Work();
  WatchOptions watch;
  watch.source = options.source;
  ASSIGN_OR_RETURN(Watched watched, Watch(session, *cluster, watch));
  if (watched.signal != 0) {
    PrintEarlyEnd(session, watched);
  } else {
    for (const v1::Destination& destination : watched.source.destinations()) {
      for (const std::string& line : LoadedWords(destination)) {
        session.out() << Wrap(Printable(line), session.width(), 2) << "\n";
      }
    }
  }
  cluster->Stop();
  return watched.code;
}

}  // namespace penstock::cli
