// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_powerbi.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/terminal.h"
#include "metrics/catalogue.h"
#include "metrics/dialect.h"
#include "metrics/powerbi/measures.h"
#include "metrics/powerbi/project.h"
#include "metrics/powerbi/tables.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;
namespace powerbi = metrics::powerbi;

struct PowerbiFlags {
  std::string destination;
  std::string out;
  std::string mode = "import";
  std::string server;
};

// What the files are called: as the destination, unless that is spelled out.
std::string ProjectName(const std::string& destination) {
  const bool word = std::all_of(destination.begin(), destination.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
  return word ? destination : "penstock";
}

absl::Status Trouble(const fs::path& path) {
  return WithExitCode(absl::UnavailableError(absl::StrCat(
                          path.string(), ": cannot be written; is the folder yours, is the disk full?")),
                      ExitCode::kLocalTrouble);
}

absl::Status WriteFiles(const fs::path& folder, const powerbi::Files& files) {
  for (const auto& [name, text] : files) {
    const fs::path path = folder / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return Trouble(path);
  }
  return absl::OkStatus();
}

// A model that is there is replaced only when that is wanted, all of it; a report never.
absl::Status WriteProject(Session& session, const fs::path& folder, const std::string& name,
                          const powerbi::Source& source, powerbi::Mode mode) {
  const fs::path model = folder / powerbi::ModelFolder(name);
  std::error_code error;
  if (fs::exists(model, error)) {
    if (!session.flags().yes) {
      return absl::FailedPreconditionError(
          absl::StrCat(model.string(),
                       " is there already, perhaps changed by hand; choose another --out, or add --yes to ",
                       "replace the model and leave the report as it is"));
    }
    fs::remove_all(model, error);
    if (error) return Trouble(model);
  }
  RETURN_IF_ERROR(WriteFiles(folder, powerbi::ModelFiles(name, source, mode)));
  if (fs::exists(folder / absl::StrCat(name, ".pbip"), error)) return absl::OkStatus();
  return WriteFiles(folder, powerbi::ReportFiles(name));
}

std::vector<const metrics::Metric*> LeftOut() {
  std::vector<const metrics::Metric*> all;
  for (const metrics::Metric& metric : metrics::AllMetrics()) {
    if (!powerbi::WhyNoMeasure(metric).empty()) all.push_back(&metric);
  }
  return all;
}

std::string Json(const std::string& pbids, const std::string& project) {
  const std::string left_out =
      absl::StrJoin(LeftOut(), ",", [](std::string* out, const metrics::Metric* metric) {
        absl::StrAppend(out, "{\"metric\":", QuoteJson(metric->name),
                        ",\"why\":", QuoteJson(powerbi::WhyNoMeasure(*metric)), "}");
      });
  return absl::StrCat("{\"pbids\":", QuoteJson(pbids),
                      ",\"project\":", project.empty() ? "null" : QuoteJson(project), ",\"left_out\":[",
                      project.empty() ? "" : left_out, "]}\n");
}

void SayProject(Session& session, const std::string& project, const std::string& destination) {
  const std::vector<const metrics::Metric*> left_out = LeftOut();
  const size_t width = session.width();
  session.out() << Wrap(absl::StrCat(project, ": ", Counted(powerbi::Tables().size(), "table"), ", and ",
                                     metrics::AllMetrics().size() - left_out.size(), " of ",
                                     Counted(metrics::AllMetrics().size(), "metric"), " as measures."),
                        width, 2)
                << "\n\nNo measures, but numbers of penstock metrics run:\n";
  for (const metrics::Metric* metric : left_out) {
    const std::string line = absl::StrCat(metric->name, ": ", powerbi::WhyNoMeasure(*metric), ".");
    session.out() << "  " << Wrap(line, width - 2, 4) << "\n";
  }
  session.out() << "\nThe views that it reads, with days of your time zone:\n"
                << session.Next(absl::StrCat("metrics install --destination ", ShellWord(destination),
                                             " --tz Europe/Berlin"))
                << "\n";
}

absl::StatusOr<ExitCode> Powerbi(Session& session, const PowerbiFlags& flags) {
  ASSIGN_OR_RETURN(const powerbi::Mode mode, powerbi::ParseMode(flags.mode));
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(const DestinationConfig destination, ParseDestination(flags.destination, config));
  ASSIGN_OR_RETURN(const powerbi::Source source, powerbi::SourceOf(destination, flags.server));
  const std::string name = ProjectName(flags.destination);
  const fs::path folder = flags.out;
  const std::string pbids = (folder / absl::StrCat(name, ".pbids")).string();
  // Without views of the facts there is nothing that a model could read.
  const bool views = metrics::DialectOf(destination).ok();
  if (views) RETURN_IF_ERROR(WriteProject(session, folder, name, source, mode));
  RETURN_IF_ERROR(WriteFiles(folder, {{absl::StrCat(name, ".pbids"), powerbi::Pbids(source, mode)}}));
  const std::string project = views ? (folder / absl::StrCat(name, ".pbip")).string() : "";
  if (session.flags().json) {
    session.out() << Json(pbids, project);
    return ExitCode::kDone;
  }
  session.out() << Wrap(absl::StrCat(pbids, ": the connection alone."), session.width(), 2) << "\n";
  if (views) {
    SayProject(session, project, flags.destination);
    return ExitCode::kDone;
  }
  session.out()
      << Wrap(
             "There is no semantic model with it: the views that it would read are not written for SQL "
             "Server yet. The file opens the tables as they stand; a PostgreSQL or Snowflake destination "
             "of the same store has the model.",
             session.width())
      << "\n";
  return ExitCode::kDone;
}

}  // namespace

void AddMetricsPowerbi(CLI::App& group, Action& chosen) {
  auto flags = std::make_shared<PowerbiFlags>();
  CLI::App* command =
      AddCommand(group, chosen,
                 {"powerbi",
                  "Files for Power BI Desktop: a connection, and a project whose model has the facts, their "
                  "relations and a measure for each metric.",
                  {"penstock metrics powerbi --destination pg --out powerbi",
                   "penstock metrics powerbi --destination sf --out powerbi --mode directquery"}},
                 [flags](Session& session) { return Powerbi(session, *flags); });
  command
      ->add_option("--destination", flags->destination,
                   "The warehouse: a name of the configuration, or spelled out")
      ->option_text("D")
      ->required();
  command->add_option("--out", flags->out, "The folder to write to")->option_text("DIR")->required();
  command
      ->add_option("--mode", flags->mode,
                   "import (the default): a copy, of which the last 32 days are refreshed; directquery: the "
                   "warehouse is asked each time")
      ->option_text("MODE");
  command
      ->add_option("--server", flags->server,
                   "Where Power BI finds the server, if elsewhere than Penstock does")
      ->option_text("HOST[:PORT]");
}

}  // namespace penstock::cli
