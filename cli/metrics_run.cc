// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_run.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "cli/metrics_ask.h"
#include "cli/metrics_dialect.h"
#include "cli/metrics_flags.h"
#include "cli/metrics_numbers.h"
#include "cli/metrics_rows.h"
#include "cli/terminal.h"
#include "metrics/catalogue.h"
#include "metrics/frame.h"
#include "metrics/own_settings.h"
#include "metrics/powerbi/views.h"
#include "metrics/views.h"

namespace penstock::cli {
namespace {

struct RunFlags {
  QuestionFlags asked;
  PlaceFlags place;
  bool csv = false;
};

absl::StatusOr<ExitCode> Run(Session& session, const RunFlags& flags) {
  if (flags.csv && session.flags().json) {
    return absl::InvalidArgumentError("--output json: contradicts --csv; leave one of the two out");
  }
  ASSIGN_OR_RETURN(const metrics::Metric* metric, metrics::FindMetric(flags.asked.question.name));
  ASSIGN_OR_RETURN(const std::vector<metrics::Question> questions, Questions(flags.asked));
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(flags.place.timeout));
  for (const metrics::Question& question : questions) RETURN_IF_ERROR(CheckQuestion(session, question));
  std::vector<Numbers> all;
  for (const metrics::Question& question : questions) {
    v1::Query query;
    *query.mutable_metric() = ToProto(question);
    ASSIGN_OR_RETURN(QueryTable table, Ask(session, std::move(query), flags.place.destination, timeout));
    all.push_back({metric, question.guide, std::move(table)});
  }
  if (session.flags().json) {
    session.out() << NumbersJson(all);
  } else if (flags.csv) {
    session.out() << NumbersCsv(all);
  } else {
    session.out() << NumbersText(all, session.width(), session.env().terminal.is_terminal)
                  << "What it counts:\n"
                  << session.Next(absl::StrCat("metrics show ", metric->name)) << "\n";
  }
  return ExitCode::kDone;
}

struct RowsFlags {
  QuestionFlags asked;
  PlaceFlags place;
  uint32_t limit = 20;
  bool csv = false;
};

absl::StatusOr<ExitCode> Rows(Session& session, const RowsFlags& flags) {
  if (flags.csv && session.flags().json) {
    return absl::InvalidArgumentError("--output json: contradicts --csv; leave one of the two out");
  }
  ASSIGN_OR_RETURN(const metrics::Metric* metric, metrics::FindMetric(flags.asked.question.name));
  ASSIGN_OR_RETURN(const std::vector<metrics::Question> questions, Questions(flags.asked));
  if (questions.size() > 1) {
    return absl::InvalidArgumentError("--definition both: rows are those of one; write corrected or guide");
  }
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(flags.place.timeout));
  RETURN_IF_ERROR(CheckQuestion(session, questions[0]));
  v1::Query query;
  *query.mutable_rows()->mutable_question() = ToProto(questions[0]);
  query.mutable_rows()->set_limit(flags.limit);
  ASSIGN_OR_RETURN(const QueryTable table, Ask(session, std::move(query), flags.place.destination, timeout));
  if (session.flags().json) {
    session.out() << RowsJson(table);
  } else if (flags.csv) {
    session.out() << RowsCsv(table);
  } else {
    session.out() << RowsText(table, session.width());
    if (table.rows.empty()) session.out() << "No row counts in this time.\n";
    if (table.header.more()) {
      session.out() << Wrap(absl::StrCat("These are the newest ", table.rows.size(),
                                         "; there are more: --limit N, up to 10000."),
                            session.width(), 2)
                    << "\n";
    }
    session.out() << "What counts, and why:\n"
                  << session.Next(absl::StrCat("metrics show ", metric->name)) << "\n";
  }
  return ExitCode::kDone;
}

struct InstallFlags {
  std::string print;
  std::string zone;
  bool kept = false;
  PlaceFlags place;
};

absl::StatusOr<ExitCode> Install(Session& session, const InstallFlags& flags) {
  if (!flags.zone.empty()) RETURN_IF_ERROR(metrics::FindZone(flags.zone).status());
  if (!flags.print.empty()) {
    ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
    ASSIGN_OR_RETURN(const std::unique_ptr<metrics::Dialect> dialect, DialectNamed(flags.print, config));
    if (flags.kept) {
      return absl::InvalidArgumentError(
          "--kept: those tables are made in a destination, at its load cursor; leave --print out");
    }
    ASSIGN_OR_RETURN(const metrics::OwnSettings own, metrics::CheckSettings(config.metrics));
    ASSIGN_OR_RETURN(const absl::TimeZone zone,
                     metrics::FindZone(flags.zone.empty() ? own.zone : flags.zone));
    for (const std::string& statement : metrics::ViewStatements(*dialect, own.values)) {
      session.out() << statement << ";\n\n";
    }
    for (const std::string& statement : metrics::powerbi::BiViewStatements(*dialect, zone, own.values)) {
      session.out() << statement << ";\n\n";
    }
    return ExitCode::kDone;
  }
  ASSIGN_OR_RETURN(const absl::Duration timeout, ParseTimeout(flags.place.timeout));
  v1::Query query;
  query.mutable_install()->set_time_zone(flags.zone);
  query.mutable_install()->set_kept(flags.kept);
  ASSIGN_OR_RETURN(const QueryTable table, Ask(session, std::move(query), flags.place.destination, timeout));
  std::vector<std::string> views;
  std::vector<std::string> tables;
  for (const v1::QueryRow& row : table.rows) {
    const std::string& name = row.values(0).text();
    std::vector<std::string>& list = absl::StartsWith(name, "PENSTOCK_") ? tables : views;
    list.push_back(session.flags().json ? QuoteJson(name) : name);
  }
  if (session.flags().json) {
    session.out() << "{\"views\":[" << absl::StrJoin(views, ",") << "]";
    if (flags.kept) session.out() << ",\"tables\":[" << absl::StrJoin(tables, ",") << "]";
    session.out() << "}\n";
    return ExitCode::kDone;
  }
  const auto say = [&](const char* what, const std::vector<std::string>& names) {
    session.out() << Wrap(absl::StrCat(Counted(names.size(), what), ": ", absl::StrJoin(names, ", "), "."),
                          session.width(), 2)
                  << "\n";
  };
  say("view", views);
  if (!flags.kept) return ExitCode::kDone;
  say("table", tables);
  session.out() << Wrap("They are used as long as nothing is loaded; make them again after a load.",
                        session.width(), 2)
                << "\n";
  return ExitCode::kDone;
}

}  // namespace

void AddPlaceFlags(CLI::App& app, PlaceFlags& flags) {
  app.add_option("--destination", flags.destination,
                 "Whom to ask: a name, or sqlite:FILE and the like, which is asked from here. Left out: the "
                 "only one")
      ->option_text("D");
  app.add_option("--timeout", flags.timeout, "How long an answer may take, up to 15m")->option_text("TIME");
}

absl::Status CheckQuestion(Session& session, metrics::Question question) {
  if (question.zone.empty()) question.zone = "UTC";
  ASSIGN_OR_RETURN(question, metrics::WithTimes(question, session.env().clock.Now().wall));
  return metrics::ReadQuestion(question).status();
}

void AddMetricsRun(CLI::App& group, Action& chosen) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* run = AddCommand(
      group, chosen,
      {"run",
       "Computes a metric in a destination: a number for each period and group, and for all of the time.",
       {"penstock metrics run deflections --destination sqlite:warehouse.db",
        "penstock --state ./state metrics run active_users --from 2026-03-01 \\\n"
        "      --to 2026-04-01 --by week --tz Europe/Berlin",
        "penstock metrics run knowledge_gaps --definition both --destination pg --csv"}},
      [flags](Session& session) { return Run(session, *flags); });
  AddQuestionFlags(*run, flags->asked);
  AddPlaceFlags(*run, flags->place);
  run->add_flag("--csv", flags->csv, "As CSV");
}

void AddMetricsRows(CLI::App& group, Action& chosen) {
  auto flags = std::make_shared<RowsFlags>();
  CLI::App* rows = AddCommand(group, chosen,
                              {"rows",
                               "The rows that a metric counts, the newest first, and what tells why. "
                               "Questions and comments are shown as "
                               "people wrote them.",
                               {"penstock metrics rows deflections --destination sqlite:warehouse.db",
                                "penstock metrics rows knowledge_gaps --from 2026-03-01 --to 2026-04-01 \\\n"
                                "      --limit 1000 --csv --destination pg"}},
                              [flags](Session& session) { return Rows(session, *flags); });
  AddQuestionFlags(*rows, flags->asked);
  AddPlaceFlags(*rows, flags->place);
  rows->add_option("--limit", flags->limit, "How many at most, up to 10000")
      ->option_text("N")
      ->check(CLI::Range(1, 10'000));
  rows->add_flag("--csv", flags->csv, "As CSV");
}

void AddMetricsInstall(CLI::App& group, Action& chosen) {
  auto flags = std::make_shared<InstallFlags>();
  CLI::App* install =
      AddCommand(group, chosen,
                 {"install",
                  "Makes the facts behind the metrics views of a destination, V_FREE_TEXT and others, for "
                  "tools that slice them, and over them BI_MESSAGE and others for Power BI.",
                  {"penstock metrics install --destination sqlite:warehouse.db",
                   "penstock metrics install --kept --timeout 15m --destination pg",
                   "penstock metrics install --print postgres | psql dwh"}},
                 [flags](Session& session) { return Install(session, *flags); });
  AddPlaceFlags(*install, flags->place);
  install->add_flag(
      "--kept", flags->kept,
      "Also keep facts as tables, so that metrics over millions of rows take seconds; again after a "
      "load. Loads wait meanwhile: see --timeout");
  install
      ->add_option(
          "--tz", flags->zone,
          "The time zone of the days in the views for Power BI; otherwise the configuration's, or UTC")
      ->option_text("ZONE");
  install
      ->add_option("--print", flags->print,
                   "Only print the statements, for sqlite, postgres, snowflake, or a destination")
      ->option_text("SYSTEM");
}

}  // namespace penstock::cli
