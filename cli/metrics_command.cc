// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/metrics_page.h"
#include "metrics/catalogue.h"
#include "metrics/compose.h"
#include "metrics/request.h"
#include "metrics/views.h"

namespace penstock::cli {
namespace {

// What `show --sql` composes: the question as it would be run.
struct SqlFlags {
  std::string sql;
  std::string definition = "corrected";
  std::vector<std::string> settings;  // "clicks=no"
  metrics::Question question;
};

// A system with the names that a new destination of it has, or a destination: of the configuration, or spelled out.
absl::StatusOr<std::unique_ptr<metrics::Dialect>> DialectNamed(const std::string& name,
                                                               const Config& config) {
  DestinationConfig destination;
  if (name == "sqlite") {
    destination.type = DestinationType::kSqlite;
  } else if (name == "postgres") {
    destination.type = DestinationType::kPostgres;
  } else if (name == "snowflake") {
    destination.type = DestinationType::kSnowflake;
    destination.snowflake.database = "DATA_API";
  } else if (config.destinations.count(name) > 0 || absl::StrContains(name, ':')) {
    ASSIGN_OR_RETURN(destination, ParseDestination(name, config));
  } else {
    std::vector<std::string> known = {"sqlite", "postgres", "snowflake"};
    for (const auto& [each, unused] : config.destinations) known.push_back(each);
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is none of ", absl::StrJoin(known, ", "), DidYouMean(name, known)));
  }
  return metrics::DialectOf(destination);
}

absl::Status CheckDefinition(const std::string& word) {
  if (word == "corrected" || word == "guide") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--definition ", word, " is none of corrected, guide",
                                                 DidYouMean(word, {"corrected", "guide"})));
}

absl::Status ReadSettings(const std::vector<std::string>& settings, metrics::Question* question) {
  for (const std::string& setting : settings) {
    const std::pair<std::string, std::string> sides = absl::StrSplit(setting, absl::MaxSplits('=', 1));
    if (sides.first.empty() || sides.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set ", setting, ": write NAME=VALUE, or NAME=VALUE,VALUE"));
    }
    question->parameters[sides.first] = sides.second;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ComposedSql(Session& session, SqlFlags flags) {
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(const std::unique_ptr<metrics::Dialect> dialect, DialectNamed(flags.sql, config));
  RETURN_IF_ERROR(CheckDefinition(flags.definition));
  metrics::Question& question = flags.question;
  question.guide = flags.definition == "guide";
  RETURN_IF_ERROR(ReadSettings(flags.settings, &question));
  const absl::Time now = session.env().clock.Now().wall;
  if (question.from.empty()) question.from = FormatDay(now - absl::Hours(24 * 7));
  if (question.to.empty()) question.to = FormatDay(now);
  ASSIGN_OR_RETURN(const metrics::Request request, metrics::MakeRequest(question));
  return metrics::CellsSql(request, *dialect).sql;
}

absl::StatusOr<ExitCode> Show(Session& session, const SqlFlags& flags) {
  ASSIGN_OR_RETURN(const metrics::Metric* metric, metrics::FindMetric(flags.question.name));
  if (flags.sql.empty()) {
    session.out() << (session.flags().json ? MetricPageJson(*metric) : MetricPage(*metric, session.width()));
    return ExitCode::kDone;
  }
  ASSIGN_OR_RETURN(const std::string sql, ComposedSql(session, flags));
  session.out() << (session.flags().json ? absl::StrCat("{\"sql\":", QuoteJson(sql), "}") : sql) << "\n";
  return ExitCode::kDone;
}

// Views are made by whoever may make them there.
absl::StatusOr<ExitCode> PrintViews(Session& session, const std::string& system) {
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(const std::unique_ptr<metrics::Dialect> dialect, DialectNamed(system, config));
  for (const std::string& statement : metrics::ViewStatements(*dialect))
    session.out() << statement << ";\n\n";
  return ExitCode::kDone;
}

}  // namespace

void AddMetricsCommands(CLI::App& app, Action& chosen) {
  CLI::App* group =
      AddGroup(app, {"metrics",
                     "What the numbers of the vendor's guide are, and the SQL that computes them.",
                     {"penstock metrics list", "penstock metrics show deflections"}});
  AddCommand(*group, chosen, {"list", "Every metric with its title.", {"penstock metrics list"}},
             [](Session& session) {
               session.out() << (session.flags().json ? MetricListJson() : MetricList(session.width()));
               return absl::StatusOr<ExitCode>(ExitCode::kDone);
             });
  auto flags = std::make_shared<SqlFlags>();
  CLI::App* show =
      AddCommand(*group, chosen,
                 {"show",
                  "What a metric counts, how the guide differs, and what can be set; or its SQL, to be "
                  "typed into the warehouse.",
                  {"penstock metrics show deflections",
                   "penstock metrics show mttr --sql postgres --from 2026-03-01 \\\n"
                   "      --to 2026-04-01 --by week --set response=first"}},
                 [flags](Session& session) { return Show(session, *flags); });
  show->add_option("name", flags->question.name, "The metric")->option_text("NAME")->required();
  show->add_option("--sql", flags->sql, "Its SQL for sqlite, postgres, snowflake, or a destination")
      ->option_text("SYSTEM");
  show->add_option("--definition", flags->definition,
                   "corrected (the default), or guide: by the guide's letter")
      ->option_text("WHICH");
  show->add_option("--from", flags->question.from, "The first day, or a time. Left out: a week ago")
      ->option_text("DATE");
  show->add_option("--to", flags->question.to, "The day, or time, before which it ends. Left out: today")
      ->option_text("DATE");
  show->add_option("--tz", flags->question.zone, "The time zone of the days; UTC otherwise")
      ->option_text("ZONE");
  show->add_option("--by", flags->question.by, "A number for each day, week or month")->option_text("PERIOD");
  show->add_option("--group", flags->question.group,
                   "A number for each route, domain, platform, plugin or language")
      ->option_text("WHAT");
  show->add_option("--where", flags->question.where, "Only these: route=DM,Ticket")
      ->option_text("WHAT=VALUE");
  show->add_option("--set", flags->settings, "A parameter: clicks=no")->option_text("NAME=VALUE");
  auto system = std::make_shared<std::string>();
  CLI::App* install = AddCommand(*group, chosen,
                                 {"install",
                                  "The facts behind the metrics as views of the warehouse, V_FREE_TEXT and "
                                  "others, for tools that slice them.",
                                  {"penstock metrics install --print postgres | psql dwh"}},
                                 [system](Session& session) { return PrintViews(session, *system); });
  install
      ->add_option("--print", *system,
                   "Print the statements for sqlite, postgres, snowflake, or a destination")
      ->option_text("SYSTEM")
      ->required();
}

}  // namespace penstock::cli
