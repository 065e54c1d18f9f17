// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "cli/metrics_ask.h"
#include "cli/metrics_run.h"
#include "cli/report_page.h"
#include "cli/terminal.h"
#include "metrics/catalogue.h"

namespace penstock::cli {
namespace {

// Metrics whose rows are what people wrote.
bool IsWritten(const metrics::Metric& metric) {
  return metric.name == "knowledge_gaps" || metric.name == "csat_comments" || metric.name == "feedback_forms";
}

struct ReportFlags {
  std::string html;
  metrics::Question question;
  PlaceFlags place;
  bool include_text = false;
};

// Where one metric cannot be computed the others can; what is wrong with the place ends it all.
bool IsTheMetrics(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status);
}

absl::StatusOr<ReportEntry> Entry(Session& session, const ReportFlags& flags, const metrics::Metric& metric,
                                  absl::Duration timeout) {
  ReportEntry entry;
  entry.metric = &metric;
  metrics::Question question = flags.question;
  question.name = metric.name;
  const auto ask = [&](bool guide) {
    question.guide = guide;
    v1::Query query;
    *query.mutable_metric() = ToProto(question);
    return Ask(session, std::move(query), flags.place.destination, timeout);
  };
  entry.corrected = ask(false);
  if (!entry.corrected.ok() && !IsTheMetrics(entry.corrected.status())) return entry.corrected.status();
  if (!metric.differs.empty()) entry.guide = ask(true);
  if (flags.include_text && IsWritten(metric) && entry.corrected.ok()) {
    v1::Query query;
    question.guide = false;
    *query.mutable_rows()->mutable_question() = ToProto(question);
    ASSIGN_OR_RETURN(entry.texts, Ask(session, std::move(query), flags.place.destination, timeout));
  }
  return entry;
}

// A line that the next one overwrites, where somebody looks: a large warehouse takes its time.
void ShowProgress(Session& session, const std::string& text) {
  if (!session.env().terminal.is_terminal || session.flags().json) return;
  session.out() << "\r" << text << std::string(session.width() - 1 - Columns(text), ' ') << "\r" << text
                << std::flush;
}

absl::StatusOr<ExitCode> Report(Session& session, const ReportFlags& flags) {
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(flags.place.timeout));
  metrics::Question question = flags.question;
  question.name = metrics::AllMetrics().front().name;
  RETURN_IF_ERROR(CheckQuestion(session, question));
  std::vector<ReportEntry> entries;
  for (const metrics::Metric& metric : metrics::AllMetrics()) {
    ShowProgress(session, absl::StrCat(entries.size() + 1, " of ", metrics::AllMetrics().size(), " metrics"));
    absl::StatusOr<ReportEntry> entry = Entry(session, flags, metric, timeout);
    if (!entry.ok()) ShowProgress(session, "");
    RETURN_IF_ERROR(entry.status());
    entries.push_back(*std::move(entry));
  }
  ShowProgress(session, "");
  const std::string& destination = flags.place.destination;
  std::ofstream file(flags.html, std::ios::binary | std::ios::trunc);
  file << ReportPage(destination.empty() ? "the warehouse" : destination, entries);
  file.close();
  if (!file) {
    return WithExitCode(absl::UnavailableError(absl::StrCat(
                            flags.html, ": cannot be written; is the folder there, is the disk full?")),
                        ExitCode::kLocalTrouble);
  }
  session.out() << Wrap(absl::StrCat(Counted(entries.size(), "metric"), " in ", flags.html,
                                     flags.include_text ? ", with what people wrote." : "."),
                        session.width(), 2)
                << "\n";
  return ExitCode::kDone;
}

}  // namespace

void AddMetricsReport(CLI::App& group, Action& chosen) {
  auto flags = std::make_shared<ReportFlags>();
  flags->question.by = "week";
  flags->question.zone.clear();
  CLI::App* report = AddCommand(
      group, chosen,
      {"report",
       "One page with a chart and a table for every metric, which needs no network and can be printed.",
       {"penstock metrics report --html metrics.html --from 2026-03-01 \\\n"
        "      --to 2026-04-01 --destination sqlite:warehouse.db"}},
      [flags](Session& session) { return Report(session, *flags); });
  report->add_option("--html", flags->html, "The file to write")->option_text("FILE")->required();
  report->add_option("--from", flags->question.from, "The first day. Left out: a week before --to")
      ->option_text("DATE");
  report->add_option("--to", flags->question.to, "The day before which it ends. Left out: today")
      ->option_text("DATE");
  report->add_option("--by", flags->question.by, "A point for each day, week (the default) or month")
      ->option_text("PERIOD");
  report
      ->add_option("--tz", flags->question.zone,
                   "The time zone of the days; otherwise the configuration's, or UTC")
      ->option_text("ZONE");
  AddPlaceFlags(*report, flags->place);
  report->add_flag("--include-text", flags->include_text,
                   "Also what people wrote: questions without an answer, comments");
}

}  // namespace penstock::cli
