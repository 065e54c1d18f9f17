// SPDX-License-Identifier: Apache-2.0
#include "cli/upkeep.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/flags.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

using Alive = std::function<absl::Status()>;

constexpr absl::Duration kPoll = absl::Milliseconds(500);
constexpr absl::Duration kPatience = absl::Minutes(2);
// Without a worker for so long, somebody should hear of it.
constexpr absl::Duration kWorkerPatience = absl::Seconds(15);
constexpr int kNamedDifferences = 10;
constexpr int kNamedDays = 10;

v1::DestinationRequest Named(const std::string& destination) {
  v1::DestinationRequest request;
  request.set_name(destination);
  return request;
}

ExitCode CodeOf(v1::LoadFailure::Kind kind) {
  if (kind == v1::LoadFailure::UNREACHABLE) return ExitCode::kUnreachable;
  return kind == v1::LoadFailure::LOCAL ? ExitCode::kLocalTrouble : ExitCode::kDestinationRefused;
}

absl::StatusOr<v1::Destination> Find(AdminConnection& admin, const std::string& name) {
  ASSIGN_OR_RETURN(const v1::ListDestinationsResponse all,
                   admin.Call(&AdminStub::ListDestinations, v1::ListDestinationsRequest()));
  for (const v1::Destination& destination : all.destinations()) {
    if (destination.name() == name) return destination;
  }
  return absl::NotFoundError(absl::StrCat("there is no destination '", name, "' any more"));
}

bool IsOver(const v1::Verification& verification) {
  return verification.state() == v1::Verification::DONE || verification.state() == v1::Verification::FAILED;
}

uint64_t Differences(const v1::TableComparison& table) {
  return table.missing() + table.differ() + table.newer();
}

std::string Word(v1::RowDifference::Kind kind) {
  switch (kind) {
    case v1::RowDifference::MISSING:
      return "missing";
    case v1::RowDifference::DIFFERS:
      return "differs";
    case v1::RowDifference::NEWER:
      return "newer at the warehouse";
    default:
      return "?";
  }
}

class Report {
 public:
  Report(Session& session, const std::string& name, const v1::Verification& verification)
      : session_(session), name_(name), verification_(verification) {}

  ExitCode Print() {
    Table columns({{"TABLE OF"},
                   {"ROWS", Table::kRight},
                   {"SAME", Table::kRight},
                   {"MISSING", Table::kRight},
                   {"DIFFER", Table::kRight},
                   {"NEWER", Table::kRight},
                   {"ONLY THERE", Table::kRight}});
    uint64_t differences = 0, set_aside = 0, waiting = 0;
    for (const v1::TableComparison& table : verification_.tables()) {
      columns.Add({cli::Word(table.endpoint()), WithSeparators(table.rows()), WithSeparators(table.same()),
                   WithSeparators(table.missing()), WithSeparators(table.differ()),
                   WithSeparators(table.newer()), WithSeparators(table.only_there())});
      differences += Differences(table);
      set_aside += table.set_aside();
      waiting += table.waiting();
    }
    session_.out() << columns.Render(session_.width());
    PrintDays();
    for (const v1::TableComparison& table : verification_.tables()) Name(table);
    if (waiting > 0) Line(absl::StrCat(Counted(waiting, "row"), " wait for the next load."));
    if (set_aside > 0) {
      Line(absl::StrCat(Counted(set_aside, "row"), " refused and set aside (PENSTOCK_SET_ASIDE there)."));
    }
    if (differences > 0) {
      Line(absl::StrCat(name_, " differs from the store in ", Counted(differences, "row"),
                        ". A resync writes what is missing or differs; what is newer there stays:"));
      session_.out() << session_.Next(absl::StrCat("destinations resync ", ShellWord(name_))) << "\n";
      return ExitCode::kDifference;
    }
    Line(absl::StrCat(name_, " holds what the store holds, up to change ",
                      WithSeparators(verification_.loaded()), "."));
    return set_aside > 0 ? ExitCode::kNeedsALook : ExitCode::kDone;
  }

 private:
  void Line(const std::string& text) { session_.out() << Wrap(Printable(text), session_.width(), 2) << "\n"; }

  // "-": rows that have no day, users among them.
  void PrintDays() {
    Table columns({{"DIFFERENCES OF"},
                   {"DAY"},
                   {"ROWS", Table::kRight},
                   {"MISSING", Table::kRight},
                   {"DIFFER", Table::kRight},
                   {"NEWER", Table::kRight}});
    int days = 0;
    for (const v1::TableComparison& table : verification_.tables()) {
      for (int i = 0; i < std::min(table.days_size(), kNamedDays); ++i, ++days) {
        const v1::DayDifference& day = table.days(i);
        columns.Add({cli::Word(table.endpoint()), day.has_day() ? FormatDay(FromProto(day.day())) : "-",
                     WithSeparators(day.rows()), WithSeparators(day.missing()), WithSeparators(day.differ()),
                     WithSeparators(day.newer())});
      }
    }
    if (days == 0) return;
    session_.out() << columns.Render(session_.width());
    for (const v1::TableComparison& table : verification_.tables()) {
      const int more = table.days_size() - kNamedDays;
      if (more > 0) {
        Line(absl::StrCat("and ", more, " more days of ", cli::Word(table.endpoint()),
                          ": --output json has them all."));
      }
    }
  }

  void Name(const v1::TableComparison& table) {
    const int named = std::min(table.differences_size(), kNamedDifferences);
    for (int i = 0; i < named; ++i) {
      const v1::RowDifference& difference = table.differences(i);
      Line(absl::StrCat(cli::Word(table.endpoint()), " ", QuoteJson(difference.id()), ": ",
                        Word(difference.kind()), ", change ", WithSeparators(difference.change())));
    }
    const uint64_t more = Differences(table) - static_cast<uint64_t>(named);
    if (more > 0) Line(absl::StrCat("and ", WithSeparators(more), " more of ", cli::Word(table.endpoint())));
  }

  Session& session_;
  const std::string& name_;
  const v1::Verification& verification_;
};

ExitCode CodeOf(const v1::Verification& verification) {
  ExitCode code = ExitCode::kDone;
  for (const v1::TableComparison& table : verification.tables()) {
    if (table.set_aside() > 0) code = Worse(code, ExitCode::kNeedsALook);
    if (Differences(table) > 0) code = Worse(code, ExitCode::kDifference);
  }
  return code;
}

}  // namespace

absl::StatusOr<ExitCode> AskAbout(Session& session, const std::string& destination, Loads loads,
                                  const UseCoordinator& use) {
  ASSIGN_OR_RETURN(const bool served, IsServed(session.flags(), session.env()));
  if (served) {
    ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
    return use(*admin, [] { return absl::OkStatus(); });
  }
  ASSIGN_OR_RETURN(const LoadOptions options, CheckLoad({destination}, session.flags(), session.env()));
  return session.env().host(session, options, loads, use);
}

absl::StatusOr<v1::Destination> AskResync(AdminConnection& admin, const std::string& destination) {
  return admin.Call(&AdminStub::ResyncDestination, Named(destination));
}

absl::StatusOr<ExitCode> AwaitLoaded(Session& session, AdminConnection& admin, const std::string& destination,
                                     const Alive& alive) {
  const absl::Duration began = session.env().clock.Now().boot;
  while (true) {
    const int signal = session.env().stop_signal();
    if (signal != 0) return static_cast<ExitCode>(128 + signal);
    RETURN_IF_ERROR(alive());
    ASSIGN_OR_RETURN(const v1::Destination seen, Find(admin, destination));
    const bool full = !seen.resync() && seen.checked() && seen.behind() == 0;
    const bool paused = seen.has_pause() && !seen.loading();
    const bool failed = !paused && !seen.failure().empty() && seen.tried() && !seen.loading();
    const bool waits = failed && seen.failure_kind() == v1::LoadFailure::UNREACHABLE &&
                       session.env().clock.Now().boot - began < kPatience;
    if (failed && !waits) {
      return WithExitCode(absl::FailedPreconditionError(absl::StrCat(destination, ": ", seen.failure())),
                          CodeOf(seen.failure_kind()));
    }
    if (full || paused) {
      if (session.flags().json) {
        session.out() << ToJson(seen) << "\n";
      } else {
        for (const std::string& line : LoadedWords(seen)) {
          session.out() << Wrap(Printable(line), session.width(), 2) << "\n";
        }
      }
      return !full || seen.set_aside() > 0 ? ExitCode::kNeedsALook : ExitCode::kDone;
    }
    session.env().clock.Sleep(kPoll);
  }
}

absl::StatusOr<ExitCode> Verify(Session& session, AdminConnection& admin, const std::string& destination,
                                const Alive& alive) {
  const v1::DestinationRequest request = Named(destination);
  ASSIGN_OR_RETURN(v1::Verification verification, admin.Call(&AdminStub::VerifyDestination, request));
  const uint64_t number = verification.number();
  const absl::Duration began = session.env().clock.Now().boot;
  bool told = false;
  while (!IsOver(verification)) {
    const int signal = session.env().stop_signal();
    if (signal != 0) return static_cast<ExitCode>(128 + signal);
    RETURN_IF_ERROR(alive());
    const bool waits = verification.state() == v1::Verification::WAITING;
    if (!told && waits && session.env().clock.Now().boot - began >= kWorkerPatience) {
      session.env().err << "waiting for a worker that serves " << destination << std::endl;
      told = true;
    }
    session.env().clock.Sleep(kPoll);
    ASSIGN_OR_RETURN(verification, admin.Call(&AdminStub::GetVerification, request));
    if (verification.number() == number) continue;
    return absl::UnavailableError("the coordinator was started again meanwhile; verify again");
  }
  if (verification.state() == v1::Verification::FAILED) {
    return WithExitCode(
        absl::FailedPreconditionError(absl::StrCat(destination, ": ", verification.failure())),
        CodeOf(verification.failure_kind()));
  }
  if (!session.flags().json) return Report(session, destination, verification).Print();
  session.out() << ToJson(verification) << "\n";
  return CodeOf(verification);
}

}  // namespace penstock::cli
