// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/coverage_picture.h"
#include "cli/flags.h"
#include "cli/json_output.h"
#include "proto/convert.h"
#include "proto/gaps.h"

namespace penstock::cli {
namespace {

constexpr size_t kMostGaps = 5;

struct CoverageFlags {
  RangeFlags range;
  bool check = false;
};

// Whether a day of the range is not what it should be: missing, lost, suspect for more than few rows, or
// provisional and soon forgotten; or users were never read.
bool Lacks(const v1::GetCoverageResponse& coverage) {
  const absl::Duration retention = FromProto(coverage.retention());
  const absl::Duration within = FromProto(coverage.forgotten_within());
  const absl::Time now = FromProto(coverage.now());
  for (const v1::EndpointCoverage& endpoint : coverage.endpoints()) {
    if (endpoint.endpoint() == v1::USERS && !endpoint.has_roster_read()) return true;
    absl::Time begins = FromProto(coverage.first_day());
    for (const v1::DayCoverage& day : endpoint.days()) {
      if (IsForgottenSoon(day, TimeLeft(begins, retention, now), within)) return true;
      begins += absl::Hours(24);
      const bool suspect = day.state() == v1::DAY_SUSPECT && !day.thin();
      if (day.state() == v1::DAY_MISSING || suspect || day.state() == v1::DAY_LOST) return true;
    }
  }
  return false;
}

void Print(Session& session, const v1::GetCoverageResponse& coverage) {
  std::ostream& out = session.out();
  out << CoveragePicture(coverage);
  const std::vector<Gap> gaps = FindGaps(coverage);
  for (size_t i = 0; i < std::min(gaps.size(), kMostGaps); ++i) {
    const std::string words = GapWords(gaps[i], FromProto(coverage.retention()), FromProto(coverage.now()));
    const std::string command = session.Next(GapCommand(gaps[i]), 0);
    // On the same line where that fits.
    if (words.size() + 1 + command.size() <= session.width()) {
      out << words << " " << command << "\n";
    } else {
      out << words << "\n" << session.Next(GapCommand(gaps[i])) << "\n";
    }
  }
  if (gaps.size() > kMostGaps) {
    out << "And " << gaps.size() - kMostGaps << " more gaps. All at once:\n"
        << session.Next("backfill create") << "\n";
  }
}

absl::StatusOr<ExitCode> Coverage(Session& session, const CoverageFlags& flags) {
  ASSIGN_OR_RETURN(Range range, CheckRange(flags.range));
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::GetCoverageRequest request;
  request.set_source(session.flags().source);
  if (range.from) *request.mutable_from() = ToProto(*range.from);
  if (range.to) *request.mutable_to() = ToProto(*range.to);
  ASSIGN_OR_RETURN(v1::GetCoverageResponse coverage, admin->Call(&AdminStub::GetCoverage, request));
  if (session.flags().json) {
    session.out() << ToJson(coverage) << "\n";
  } else {
    Print(session, coverage);
  }
  return flags.check && Lacks(coverage) ? ExitCode::kDifference : ExitCode::kDone;
}

}  // namespace

void AddCoverageCommand(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<CoverageFlags>();
  CLI::App* coverage = AddCommand(app, chosen,
                                  {"coverage",
                                   "Which days of which endpoint are here, and until when a gap can be "
                                   "closed. One character for each day, 56 at most.",
                                   {"penstock --state ./state coverage",
                                    "penstock --state ./state coverage --from 2026-03-01 --to 2026-04-01",
                                    "penstock --state ./state coverage --check --output json"}},
                                  [flags](Session& session) { return Coverage(session, *flags); });
  coverage
      ->add_option("--from", flags->range.from,
                   "The first day. Left out: the first with a row, or retention ago")
      ->option_text("DATE");
  coverage->add_option("--to", flags->range.to, "The day after the last. Left out: today is the last")
      ->option_text("DATE");
  coverage->add_flag("--check", flags->check,
                     "Exit with 5 when a day is missing, suspect or lost, or not settled and forgotten soon "
                     "(alarms.forgotten_within)");
}

}  // namespace penstock::cli
