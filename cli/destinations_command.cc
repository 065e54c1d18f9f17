// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/adopt_command.h"
#include "cli/command.h"
#include "cli/destination_steering.h"
#include "cli/flags.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/upkeep.h"
#include "cli/words.h"

namespace penstock::cli {
namespace {

std::string StateWord(const v1::Destination& destination) {
  if (destination.has_pause()) return "paused";
  if (!destination.failure().empty()) return "failed";
  if (destination.resync()) return "to be loaded again";
  if (destination.loading()) return "loading";
  return destination.behind() > 0 ? "waiting" : "up to date";
}

absl::StatusOr<ExitCode> List(Session& session) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  v1::ListDestinationsRequest request;
  request.set_source(session.flags().source);
  ASSIGN_OR_RETURN(v1::ListDestinationsResponse response, admin->Call(&AdminStub::ListDestinations, request));
  std::ostream& out = session.out();
  if (session.flags().json) {
    out << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  if (response.destinations_size() == 0) {
    out << "No destination: rows stay in the store. To fill one:\n"
        << session.Next("load --destination sqlite:warehouse.db") << "\n";
    return ExitCode::kDone;
  }
  Table table({{"DESTINATION"},
               {"SOURCE"},
               {"STATE"},
               {"LOADED", Table::kRight},
               {"BEHIND", Table::kRight},
               {"ROWS", Table::kRight}});
  for (const v1::Destination& destination : response.destinations()) {
    table.Add({destination.name(), destination.source(), StateWord(destination),
               WithSeparators(destination.loaded()), WithSeparators(destination.behind()),
               WithSeparators(destination.rows())});
  }
  out << table.Render(session.width());
  for (const v1::Destination& destination : response.destinations()) {
    if (destination.irregular() > 0) {
      out << Wrap(absl::StrCat(destination.name(), ": ", Counted(destination.irregular(), "field"),
                               " did not fit a column: NULL there, whole in the store."),
                  session.width(), 2)
          << "\n";
    }
    for (const std::string& line : SetAsideWords(destination)) {
      out << Wrap(Printable(line), session.width(), 2) << "\n";
    }
    if (destination.has_pause()) {
      out << Wrap(Printable(absl::StrCat(destination.name(), ": ", PauseWords(destination))), session.width(),
                  2)
          << "\n"
          << session.Next(absl::StrCat("destinations resume ", ShellWord(destination.name()))) << "\n";
    }
    if (destination.failure().empty()) continue;
    out << Wrap(Printable(absl::StrCat(destination.name(), ": ", destination.failure())), session.width(), 2)
        << "\n"
        << session.Next(absl::StrCat("destinations test ", ShellWord(destination.name()))) << "\n";
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Test(Session& session, const std::string& text) {
  ASSIGN_OR_RETURN(Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(DestinationConfig destination, ParseDestination(text, config));
  RETURN_IF_ERROR(DestinationTrouble(session.env().test_destination(destination)));
  if (session.flags().json) {
    session.out() << "{\"name\":" << QuoteJson(destination.name) << ",\"ok\":true}\n";
  } else {
    session.out() << destination.name << ": can be reached and written.\n";
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Resync(Session& session, const std::string& text, bool wait) {
  return AskAbout(session, text, Loads::kYes,
                  [&](AdminConnection& admin, const auto& alive) -> absl::StatusOr<ExitCode> {
                    ASSIGN_OR_RETURN(const v1::Destination asked, AskResync(admin, text));
                    // In this process nobody would do it afterwards.
                    if (wait || admin.inside()) return AwaitLoaded(session, admin, text, alive);
                    if (session.flags().json) {
                      session.out() << ToJson(asked) << "\n";
                      return ExitCode::kDone;
                    }
                    session.out() << Wrap(absl::StrCat(text, " is loaded again from the first change",
                                                       asked.has_pause() ? ", once it is resumed" : "",
                                                       ". To see how far it is:"),
                                          session.width(), 2)
                                  << "\n"
                                  << session.Next("destinations list") << "\n";
                    return ExitCode::kDone;
                  });
}

absl::StatusOr<ExitCode> VerifyOne(Session& session, const std::string& text) {
  return AskAbout(session, text, Loads::kYes, [&](AdminConnection& admin, const auto& alive) {
    return Verify(session, admin, text, alive);
  });
}

absl::StatusOr<ExitCode> PrintDdl(Session& session, const std::string& text, const std::string& reader) {
  ASSIGN_OR_RETURN(Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(DestinationConfig destination, ParseDestination(text, config));
  ASSIGN_OR_RETURN(const std::string sql, session.env().ddl(destination, reader));
  if (session.flags().json) {
    session.out() << "{\"name\":" << QuoteJson(destination.name) << ",\"sql\":" << QuoteJson(sql) << "}\n";
  } else {
    session.out() << sql;
  }
  return ExitCode::kDone;
}

void AddDestination(CLI::App& app, std::string& text) {
  app.add_option("destination", text,
                 "sqlite:FILE, postgresql://.., snowflake://.., sqlserver:.., or a name of the configuration")
      ->option_text("D")
      ->required();
}

void AddUpkeepCommands(CLI::App& group, Action& chosen) {
  auto resynced = std::make_shared<std::string>();
  auto wait = std::make_shared<bool>(false);
  CLI::App* resync = AddCommand(
      group, chosen,
      {"resync",
       "Load everything again from the store, without any request: what is missing or wrong there is "
       "written, "
       "rows that were set aside are tried again, the others stay as they are.",
       {"penstock --state ./state destinations resync sqlite:warehouse.db",
        "penstock --config penstock.yaml destinations resync warehouse --wait"}},
      [resynced, wait](Session& session) { return Resync(session, *resynced, *wait); });
  AddDestination(*resync, *resynced);
  resync->add_flag("--wait", *wait, "Stay until it is loaded (always so where no coordinator runs)");

  auto verified = std::make_shared<std::string>();
  CLI::App* verify =
      AddCommand(group, chosen,
                 {"verify",
                  "Compare every row with the store, all columns, without any request and without writing. "
                  "Rows that are "
                  "missing, differ or are newer there are named, and the exit code is 5.",
                  {"penstock --state ./state destinations verify sqlite:warehouse.db",
                   "penstock --config penstock.yaml destinations verify warehouse"}},
                 [verified](Session& session) { return VerifyOne(session, *verified); });
  AddDestination(*verify, *verified);
}

}  // namespace

void AddDestinationsCommands(CLI::App& app, Action& chosen) {
  CLI::App* group = AddGroup(app, {"destinations",
                                   "The warehouses that rows are loaded into.",
                                   {"penstock --state ./state destinations list"}});
  AddCommand(*group, chosen,
             {"list",
              "How far each is loaded, and what it failed with.",
              {"penstock --state ./state destinations list"}},
             List);
  auto tested = std::make_shared<std::string>();
  CLI::App* test =
      AddCommand(*group, chosen,
                 {"test",
                  "Open a destination from here, without changing it: can it be reached, may it be written?",
                  {"penstock destinations test sqlite:warehouse.db",
                   "penstock --config penstock.yaml destinations test warehouse"}},
                 [tested](Session& session) { return Test(session, *tested); });
  AddDestination(*test, *tested);

  auto described = std::make_shared<std::string>();
  auto reader = std::make_shared<std::string>("penstock_reader");
  CLI::App* ddl =
      AddCommand(*group, chosen,
                 {"ddl",
                  "Print what whoever administers the database runs once: database, schema, tables with what "
                  "each column "
                  "means, keys, and the rights of the loader and of a role that only reads.",
                  {"penstock --config penstock.yaml destinations ddl warehouse | psql -h db",
                   "penstock destinations ddl sqlite:warehouse.db | sqlite3 warehouse.db"}},
                 [described, reader](Session& session) { return PrintDdl(session, *described, *reader); });
  AddDestination(*ddl, *described);
  ddl->add_option("--reader", *reader, "The role for those who only read (default penstock_reader)")
      ->option_text("ROLE");
  AddUpkeepCommands(*group, chosen);
  AddDestinationSteering(*group, chosen);
  AddAdoptCommand(*group, chosen);
}

}  // namespace penstock::cli
