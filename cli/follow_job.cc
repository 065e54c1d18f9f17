// SPDX-License-Identifier: Apache-2.0
#include "cli/follow_job.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Seconds(1);
constexpr absl::Duration kLineEvery = absl::Seconds(30);
constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr int kNamedWindows = 5;

class Follower {
 public:
  Follower(Session& session, AdminConnection& admin, uint64_t job, bool quiet)
      : session_(session), admin_(admin), number_(job), quiet_(quiet) {}

  absl::StatusOr<ExitCode> Run() {
    while (true) {
      const int signal = session_.env().stop_signal();
      if (signal != 0) return Interrupted(signal);
      const absl::Status looked = Look();
      if (looked.ok()) {
        lost_since_ = absl::InfiniteFuture();
        ASSIGN_OR_RETURN(const bool over, Over());
        if (over) return Finish();
        Show();
      } else {
        RETURN_IF_ERROR(Bear(looked));
      }
      session_.env().clock.Sleep(kPoll);
    }
  }

 private:
  absl::Time Now() const { return session_.env().clock.Now().wall; }

  absl::Status Look() {
    v1::GetJobRequest job_request;
    job_request.set_number(number_);
    ASSIGN_OR_RETURN(job_, admin_.Call(&AdminStub::GetJob, job_request));
    v1::GetStatusRequest status_request;
    status_request.set_source(job_.source());
    ASSIGN_OR_RETURN(v1::GetStatusResponse status, admin_.Call(&AdminStub::GetStatus, status_request));
    source_ = status.sources_size() > 0 ? status.sources(0) : v1::SourceStatus();
    seen_ = true;
    return absl::OkStatus();
  }

  // An unanswered look: a restart is waited for, everything else ends the command.
  absl::Status Bear(const absl::Status& lost) {
    if (FromStatus(lost) != ExitCode::kUnreachable || !seen_) return lost;
    if (lost_since_ == absl::InfiniteFuture()) lost_since_ = Now();
    if (Now() - lost_since_ >= kPatience) return lost;
    const absl::Status reopened = admin_.Reopen();
    if (!reopened.ok() && FromStatus(reopened) != ExitCode::kUnreachable) return reopened;
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Over() {
    if (job_.state() == v1::JOB_CANCELLED) return true;
    if (job_.state() == v1::JOB_DONE) return Loaded();
    if (admin_.read_only()) {
      return Trouble(ExitCode::kUnreachable,
                     absl::StrCat(JobName(number_), " is not finished and no coordinator runs on ",
                                  admin_.name(), "; `penstock run` goes on with it"));
    }
    if (!source_.blocked().empty()) {
      return Trouble(ExitCode::kSourceRefused,
                     absl::StrCat(source_.name(), " is blocked: ", source_.blocked()));
    }
    if (source_.blocked_endpoints_size() > 0) RETURN_IF_ERROR(OnlyBlockedWorkIsLeft());
    return false;
  }

  // An error when every unfinished window belongs to an endpoint that the source refuses.
  absl::Status OnlyBlockedWorkIsLeft() {
    v1::ListWindowsRequest request;
    request.set_job(number_);
    request.add_states(v1::WINDOW_PENDING);
    request.add_states(v1::WINDOW_LEASED);
    ASSIGN_OR_RETURN(v1::ListWindowsResponse windows, admin_.Call(&AdminStub::ListWindows, request));
    if (windows.windows_size() == 0) return absl::OkStatus();
    const v1::BlockedEndpoint* refusal = nullptr;
    for (const v1::Window& window : windows.windows()) {
      refusal = nullptr;
      for (const v1::BlockedEndpoint& blocked : source_.blocked_endpoints()) {
        if (blocked.endpoint() == window.endpoint()) refusal = &blocked;
      }
      if (refusal == nullptr) return absl::OkStatus();
    }
    return Trouble(ExitCode::kSourceRefused, absl::StrCat(Word(refusal->endpoint()), " of ", source_.name(),
                                                          " is blocked: ", refusal->reason()));
  }

  // Whether every destination holds what the source had when the job was first seen done: later changes
  // belong to other jobs. Paused ones are not waited for.
  absl::StatusOr<bool> Loaded() {
    if (!target_) target_ = source_.last_change();
    if (!done_since_) done_since_ = Now();
    for (const v1::Destination& destination : source_.destinations()) {
      if (destination.loaded() >= *target_ || destination.has_pause()) continue;
      const std::string lag =
          absl::StrCat(destination.name(), " lacks ", Counted(*target_ - destination.loaded(), "change"));
      if (admin_.read_only()) {
        return Trouble(ExitCode::kUnreachable,
                       absl::StrCat(lag, " and no coordinator runs; `penstock load` fills it"));
      }
      if (destination.failure().empty()) return false;
      if (destination.failure_kind() == v1::LoadFailure::REFUSED) {
        return Trouble(ExitCode::kDestinationRefused, absl::StrCat(lag, ": ", destination.failure()));
      }
      if (destination.failure_kind() == v1::LoadFailure::LOCAL) {
        return Trouble(ExitCode::kLocalTrouble, absl::StrCat(lag, ": ", destination.failure()));
      }
      if (Now() - *done_since_ < kPatience) return false;
      return Trouble(ExitCode::kUnreachable, absl::StrCat(lag, ": ", destination.failure()));
    }
    return true;
  }

  // Not what the job brought, because somebody paused it.
  bool LacksRows(const v1::Destination& destination) const {
    return target_.has_value() && destination.has_pause() && destination.loaded() < *target_;
  }

  absl::Status Trouble(ExitCode code, const std::string& message) {
    return WithExitCode(absl::FailedPreconditionError(message), code);
  }

  void Show() {
    if (quiet_) return;
    if (session_.flags().json) return ShowJson();
    Progress progress{job_.source(),
                      job_.state() == v1::JOB_DONE ? 1.0 : job_.progress(),
                      job_.counts().fetched(),
                      job_.requests(),
                      source_.budget().granted_last_minute(),
                      std::nullopt};
    if (job_.has_time_left()) progress.left = FromProto(job_.time_left());
    if (session_.env().terminal.is_terminal) {
      // One column less than the terminal: some break the line when the last one is written.
      const size_t width = session_.width() - 1;
      const std::string bar = ProgressBar(progress, static_cast<int>(width));
      session_.out() << "\r" << bar << std::string(width - Columns(bar), ' ') << std::flush;
      bar_is_open_ = true;
    } else if (Now() - last_line_ >= kLineEvery) {
      session_.out() << ProgressLine(progress, Now()) << std::endl;
      last_line_ = Now();
    }
  }

  void ShowJson() {
    const std::string json = ToJson(job_);
    if (json == last_json_) return;
    session_.out() << json << std::endl;
    last_json_ = json;
  }

  void CloseBar() {
    if (bar_is_open_) session_.out() << "\n";
    bar_is_open_ = false;
  }

  absl::StatusOr<ExitCode> Interrupted(int signal) {
    CloseBar();
    if (!session_.flags().json) {
      session_.out() << JobName(number_) << " goes on. To look again:\n"
                     << session_.Next(absl::StrCat("jobs watch ", JobName(number_))) << "\n";
    }
    return static_cast<ExitCode>(128 + signal);
  }

  absl::StatusOr<ExitCode> Finish() {
    CloseBar();
    bool look =
        job_.state() == v1::JOB_CANCELLED || job_.parked_windows() > 0 || job_.counts().quarantined() > 0;
    for (const v1::Destination& destination : source_.destinations()) {
      look |= destination.set_aside() > 0 || LacksRows(destination);
    }
    const ExitCode code = look ? ExitCode::kNeedsALook : ExitCode::kDone;
    std::ostream& out = session_.out();
    if (session_.flags().json) {
      out << ToJson(job_) << "\n";
      return code;
    }
    const v1::PageCounts& counts = job_.counts();
    out << Wrap(absl::StrCat(JobName(number_), " is ", Word(job_.state()), ": ",
                             Counted(counts.fetched(), "record"), " read, ",
                             WithSeparators(counts.inserted()), " new, ", WithSeparators(counts.updated()),
                             " changed, ", Counted(job_.pages(), "page"), "."),
                session_.width(), 2)
        << "\n";
    if (job_.parked_windows() > 0) RETURN_IF_ERROR(NameParkedWindows());
    if (counts.quarantined() > 0) {
      out << Counted(counts.quarantined(), "record") << " quarantined:\n"
          << session_.Next("quarantine list") << "\n";
    }
    for (const v1::Destination& destination : source_.destinations()) {
      for (const std::string& line : SetAsideWords(destination)) {
        out << Wrap(Printable(line), session_.width(), 2) << "\n";
      }
      if (!LacksRows(destination)) continue;
      out << Wrap(Printable(absl::StrCat("PAUSED ", destination.name(), ": ", PauseWords(destination), "; ",
                                         Counted(*target_ - destination.loaded(), "change"),
                                         " behind. It goes on with")),
                  session_.width(), 2)
          << "\n"
          << session_.Next(absl::StrCat("destinations resume ", ShellWord(destination.name()))) << "\n";
    }
    return code;
  }

  absl::Status NameParkedWindows() {
    v1::ListWindowsRequest request;
    request.set_job(number_);
    request.add_states(v1::WINDOW_PARKED);
    ASSIGN_OR_RETURN(v1::ListWindowsResponse parked, admin_.Call(&AdminStub::ListWindows, request));
    session_.out() << Counted(job_.parked_windows(), "window") << " parked:\n";
    for (int i = 0; i < std::min(parked.windows_size(), kNamedWindows); ++i) {
      const v1::Window& window = parked.windows(i);
      session_.out() << "  "
                     << Wrap(Printable(absl::StrCat(WindowName(window.number()), " ", Word(window.endpoint()),
                                                    " ", RangeWords(window), ": ", window.reason())),
                             session_.width() - 2, 4)
                     << "\n";
    }
    session_.out() << "To try them again:\n"
                   << session_.Next(absl::StrCat("jobs retry ", JobName(number_))) << "\n";
    return absl::OkStatus();
  }

  Session& session_;
  AdminConnection& admin_;
  const uint64_t number_;
  const bool quiet_;
  v1::Job job_;
  v1::SourceStatus source_;
  bool seen_ = false;
  bool bar_is_open_ = false;
  std::string last_json_;
  absl::Time last_line_ = absl::InfinitePast();
  absl::Time lost_since_ = absl::InfiniteFuture();
  std::optional<uint64_t> target_;
  std::optional<absl::Time> done_since_;
};

}  // namespace

absl::StatusOr<ExitCode> FollowJob(Session& session, uint64_t job, bool quiet) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  return Follower(session, *admin, job, quiet).Run();
}

}  // namespace penstock::cli
