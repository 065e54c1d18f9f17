// SPDX-License-Identifier: Apache-2.0
#include "cli/local/watch.h"

#include <grpcpp/client_context.h>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(500);
constexpr absl::Duration kLineEvery = absl::Seconds(30);
constexpr absl::Duration kDestinationPatience = absl::Minutes(2);

ExitCode FailureCode(v1::LoadFailure::Kind kind) {
  if (kind == v1::LoadFailure::REFUSED) return ExitCode::kDestinationRefused;
  return kind == v1::LoadFailure::LOCAL ? ExitCode::kLocalTrouble : ExitCode::kUnreachable;
}

class Watcher {
 public:
  Watcher(Session& session, LocalCluster& cluster, const WatchOptions& options)
      : session_(session), cluster_(cluster), options_(options), last_progress_(Boot()) {}

  absl::StatusOr<Watched> Run() {
    while (true) {
      RETURN_IF_ERROR(cluster_.status());
      RETURN_IF_ERROR(Look());
      watched_.signal = session_.env().stop_signal();
      if (watched_.signal != 0) {
        watched_.code = static_cast<ExitCode>(128 + watched_.signal);
        break;
      }
      if (Over()) break;
      Show();
      session_.env().clock.Sleep(kPoll);
    }
    CloseBar();
    return watched_;
  }

 private:
  absl::Duration Boot() const { return session_.env().clock.Now().boot; }

  // The job first: a job that is done has its last change in the status that is read after it.
  absl::Status Look() {
    const uint64_t pages = watched_.job.pages();
    if (options_.job != 0) {
      grpc::ClientContext context;
      v1::GetJobRequest request;
      request.set_number(options_.job);
      RETURN_IF_ERROR(FromGrpc(cluster_.admin().GetJob(&context, request, &watched_.job)));
    }
    grpc::ClientContext context;
    v1::GetStatusRequest request;
    request.set_source(options_.source);
    v1::GetStatusResponse status;
    RETURN_IF_ERROR(FromGrpc(cluster_.admin().GetStatus(&context, request, &status)));
    if (status.sources_size() > 0) watched_.source = status.sources(0);
    if (options_.grow) cluster_.Grow(watched_.source.workers_wanted());
    const bool waits_for_budget = watched_.source.budget().waiting() > 0 && watched_.source.trouble().empty();
    if (watched_.job.pages() != pages || waits_for_budget) last_progress_ = Boot();
    return absl::OkStatus();
  }

  bool End(ExitCode code, const std::string& trouble) {
    watched_.code = Worse(watched_.code, code);
    watched_.trouble = trouble;
    return true;
  }

  bool Over() {
    const bool fetched = options_.job == 0 || watched_.job.state() == v1::JOB_DONE;
    if (options_.job != 0 && watched_.job.state() == v1::JOB_CANCELLED) {
      return End(ExitCode::kNeedsALook, "the job was cancelled");
    }
    if (!fetched) {
      if (!watched_.source.blocked().empty() && watched_.job.running_windows() == 0) {
        return End(ExitCode::kSourceRefused, watched_.source.blocked());
      }
      if (!options_.give_up_after.has_value() || Boot() - last_progress_ < *options_.give_up_after)
        return false;
      const std::string& trouble = watched_.source.trouble();
      return End(watched_.source.local_trouble() ? ExitCode::kLocalTrouble : ExitCode::kUnreachable,
                 absl::StrCat("nothing came for ", FormatSpan(*options_.give_up_after),
                              trouble.empty() ? "" : ": ", trouble));
    }
    if (!done_at_.has_value()) done_at_ = Boot();
    if (!Loaded()) return false;
    if (watched_.source.blocked_endpoints_size() > 0)
      watched_.code = Worse(watched_.code, ExitCode::kSourceRefused);
    if (watched_.job.parked_windows() > 0 || watched_.job.counts().quarantined() > 0) {
      watched_.code = Worse(watched_.code, ExitCode::kNeedsALook);
    }
    for (const v1::Destination& destination : watched_.source.destinations()) {
      const bool look = destination.set_aside() > 0 || IsPausedShort(destination);
      if (look) watched_.code = Worse(watched_.code, ExitCode::kNeedsALook);
    }
    return true;
  }

  // Every destination is full, or will not be without a person: paused ones are not waited for.
  bool Loaded() {
    for (const v1::Destination& destination : watched_.source.destinations()) {
      if (destination.behind() == 0 && destination.checked() && !destination.loading()) continue;
      if (destination.has_pause() && !destination.loading()) continue;
      // A failure of an earlier process says nothing about this one's try.
      if (destination.failure().empty() || !destination.tried() || destination.loading()) return false;
      const bool unreachable = destination.failure_kind() == v1::LoadFailure::UNREACHABLE;
      if (unreachable && Boot() - *done_at_ < kDestinationPatience) return false;
      End(FailureCode(destination.failure_kind()),
          absl::StrCat(destination.name(), ": ", destination.failure()));
    }
    return true;
  }

  void Show() {
    const std::string& trouble = watched_.source.trouble();
    if (trouble != last_trouble_) {
      CloseBar();
      last_trouble_ = trouble;
      if (!trouble.empty()) {
        session_.env().err << Wrap(absl::StrCat("waiting: ", Printable(trouble)), session_.width(), 2)
                           << std::endl;
      }
    }
    Progress progress;
    progress.name = watched_.source.name();
    progress.fraction =
        options_.job == 0 || watched_.job.state() == v1::JOB_DONE ? 1.0 : watched_.job.progress();
    progress.rows = options_.job == 0 ? watched_.source.rows() : watched_.job.counts().fetched();
    progress.requests = watched_.job.requests();
    progress.per_minute = watched_.source.budget().granted_last_minute();
    if (watched_.job.has_time_left()) progress.left = FromProto(watched_.job.time_left());
    if (session_.flags().json || options_.quiet) return;
    if (session_.env().terminal.is_terminal) {
      // One column less than the terminal: some break the line when the last one is written.
      const size_t width = session_.width() - 1;
      const std::string bar = ProgressBar(progress, static_cast<int>(width));
      session_.out() << "\r" << bar << std::string(width - Columns(bar), ' ') << std::flush;
      bar_is_open_ = true;
    } else if (Boot() - last_line_ >= kLineEvery) {
      session_.out() << ProgressLine(progress, session_.env().clock.Now().wall) << std::endl;
      last_line_ = Boot();
    }
  }

  void CloseBar() {
    if (bar_is_open_) session_.out() << "\n";
    bar_is_open_ = false;
  }

  Session& session_;
  LocalCluster& cluster_;
  const WatchOptions& options_;
  Watched watched_;
  absl::Duration last_progress_;
  absl::Duration last_line_ = -absl::InfiniteDuration();
  std::optional<absl::Duration> done_at_;
  std::string last_trouble_;
  bool bar_is_open_ = false;
};

}  // namespace

absl::StatusOr<Watched> Watch(Session& session, LocalCluster& cluster, const WatchOptions& options) {
  return Watcher(session, cluster, options).Run();
}

}  // namespace penstock::cli
