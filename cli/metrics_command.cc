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
#include "cli/metrics_dialect.h"
#include "cli/metrics_flags.h"
#include "cli/metrics_page.h"
#include "cli/metrics_powerbi.h"
#include "cli/metrics_run.h"
#include "metrics/catalogue.h"
#include "metrics/compose.h"
#include "metrics/own_settings.h"
#include "metrics/request.h"
#include "metrics/views.h"

namespace penstock::cli {
namespace {

// What `show --sql` composes: the question as it would be run.
struct ShowFlags {
  std::string sql;
  QuestionFlags asked;
};

absl::StatusOr<std::string> ComposedSql(Session& session, const ShowFlags& flags) {
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(const std::unique_ptr<metrics::Dialect> dialect, DialectNamed(flags.sql, config));
  ASSIGN_OR_RETURN(const std::vector<metrics::Question> questions, Questions(flags.asked));
  std::vector<std::string> statements;
  for (metrics::Question question : questions) {
    ASSIGN_OR_RETURN(question, metrics::WithOwn(std::move(question), config.metrics));
    ASSIGN_OR_RETURN(question, metrics::WithTimes(question, session.env().clock.Now().wall));
    ASSIGN_OR_RETURN(const metrics::Request request, metrics::MakeRequest(question));
    statements.push_back(metrics::CellsSql(request, *dialect).sql);
  }
  return absl::StrJoin(statements, ";\n\n");
}

absl::StatusOr<ExitCode> Show(Session& session, const ShowFlags& flags) {
  ASSIGN_OR_RETURN(const metrics::Metric* metric, metrics::FindMetric(flags.asked.question.name));
  if (flags.sql.empty()) {
    session.out() << (session.flags().json ? MetricPageJson(*metric) : MetricPage(*metric, session.width()));
    return ExitCode::kDone;
  }
  ASSIGN_OR_RETURN(const std::string sql, ComposedSql(session, flags));
  session.out() << (session.flags().json ? absl::StrCat("{\"sql\":", QuoteJson(sql), "}") : sql) << "\n";
  return ExitCode::kDone;
}

}  // namespace

void AddMetricsCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(app, {"metrics",
                                   "The numbers of the vendor's guide: what they are, and what they give.",
                                   {"penstock metrics list", "penstock metrics run deflections --by week"}});
  AddCommand(*group, chosen, {"list", "Every metric with its title.", {"penstock metrics list"}},
             [](Session& session) {
               session.out() << (session.flags().json ? MetricListJson() : MetricList(session.width()));
               return absl::StatusOr<ExitCode>(ExitCode::kDone);
             });
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* show =
      AddCommand(*group, chosen,
                 {"show",
                  "What a metric counts, how the guide differs, and what can be set; or its SQL, to be "
                  "typed into the warehouse.",
                  {"penstock metrics show deflections",
                   "penstock metrics show mttr --sql postgres --from 2026-03-01 \\\n"
                   "      --to 2026-04-01 --by week --set response=first"}},
                 [flags](Session& session) { return Show(session, *flags); });
  AddQuestionFlags(*show, flags->asked);
  show->add_option("--sql", flags->sql, "Its SQL for sqlite, postgres, snowflake, or a destination")
      ->option_text("SYSTEM");
  AddMetricsRun(*group, chosen);
  AddMetricsRows(*group, chosen);
  AddMetricsReport(*group, chosen);
  AddMetricsInstall(*group, chosen);
  AddMetricsPowerbi(*group, chosen);
}

}  // namespace penstock::cli
