// SPDX-License-Identifier: Apache-2.0
#include "cli/local/follow.h"

#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(500);

class Follower {
 public:
  Follower(Session& session, LocalCluster& cluster, const std::string& source, bool grow)
      : session_(session), cluster_(cluster), source_(source), grow_(grow) {}

  absl::StatusOr<ExitCode> Run() {
    while (true) {
      RETURN_IF_ERROR(cluster_.status());
      const int signal = session_.env().stop_signal();
      if (signal != 0) return static_cast<ExitCode>(128 + signal);
      RETURN_IF_ERROR(LookAtSyncs());
      RETURN_IF_ERROR(LookAtTroubles());
      session_.env().clock.Sleep(kPoll);
    }
  }

 private:
  void Say(std::ostream& out, const std::string& text) {
    out << Wrap(Printable(text), session_.width(), 2) << std::endl;
  }

  absl::Status LookAtSyncs() {
    grpc::ClientContext context;
    v1::GetSyncRequest request;
    request.set_source(source_);
    v1::SyncOverview overview;
    RETURN_IF_ERROR(FromGrpc(cluster_.admin().GetSync(&context, request, &overview)));
    if (open_ != 0 && open_ != overview.open().number()) RETURN_IF_ERROR(SayWhatItBrought(open_));
    open_ = overview.open().number();
    const std::string next = overview.has_next() ? FormatMinute(FromProto(overview.next())) : "";
    if (next != next_ && open_ == 0) {
      next_ = next;
      if (!session_.flags().json) Say(session_.out(), absl::StrCat("Next sync: ", next, " UTC."));
    }
    return absl::OkStatus();
  }

  absl::Status SayWhatItBrought(uint64_t number) {
    grpc::ClientContext context;
    v1::GetJobRequest request;
    request.set_number(number);
    v1::Job job;
    RETURN_IF_ERROR(FromGrpc(cluster_.admin().GetJob(&context, request, &job)));
    if (session_.flags().json) {
      session_.out() << ToJson(job) << std::endl;
      return absl::OkStatus();
    }
    const v1::PageCounts& counts = job.counts();
    Say(session_.out(), absl::StrCat(FormatMinute(session_.env().clock.Now().wall), " UTC: ", JobName(number),
                                     ", a sync: ", WithSeparators(counts.inserted()), " new, ",
                                     WithSeparators(counts.updated()), " changed, ",
                                     WithSeparators(counts.identical() + counts.older()), " as they were."));
    if (job.parked_windows() > 0) {
      Say(session_.out(),
          absl::StrCat(job.parked_windows(), " windows are parked; the next sync tries again:"));
      session_.out() << session_.Next(absl::StrCat("windows list --job ", JobName(number), " --only parked"))
                     << std::endl;
    }
    return absl::OkStatus();
  }

  // Each as a line of its own when it is new.
  absl::Status LookAtTroubles() {
    grpc::ClientContext context;
    v1::GetStatusRequest request;
    request.set_source(source_);
    v1::GetStatusResponse status;
    RETURN_IF_ERROR(FromGrpc(cluster_.admin().GetStatus(&context, request, &status)));
    if (status.sources_size() == 0) return absl::OkStatus();
    const v1::SourceStatus& source = status.sources(0);
    if (grow_) cluster_.Grow(source.workers_wanted());
    std::string trouble = source.blocked().empty() ? source.trouble() : source.blocked();
    for (const v1::Destination& destination : source.destinations()) {
      const std::string paused = PauseWords(destination);
      if (!paused.empty() || !destination.failure().empty())
        trouble = absl::StrCat(destination.name(), ": ", paused.empty() ? destination.failure() : paused);
    }
    if (trouble != trouble_ && !trouble.empty()) Say(session_.env().err, absl::StrCat("waiting: ", trouble));
    trouble_ = trouble;
    return absl::OkStatus();
  }

  Session& session_;
  LocalCluster& cluster_;
  const std::string source_;
  const bool grow_;
  uint64_t open_ = 0;
  std::string next_;
  std::string trouble_;
};

}  // namespace

absl::StatusOr<ExitCode> Follow(Session& session, LocalCluster& cluster, const std::string& source,
                                bool grow) {
  return Follower(session, cluster, source, grow).Run();
}

}  // namespace penstock::cli
