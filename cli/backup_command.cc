// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(200);

struct Flags {
  std::string to;
  std::optional<uint32_t> keep;
  bool list = false;
};

absl::Status NoDirectory() {
  return absl::InvalidArgumentError(
      "nothing says where backups are kept; give the configuration file a 'backup' with a 'dir', or where no "
      "process runs "
      "say --to DIR");
}

// With what the command line says.
absl::StatusOr<std::optional<BackupConfig>> ConfigOf(Session& session, const Flags& flags) {
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  std::optional<BackupConfig> backup = config.backup;
  if (!flags.to.empty()) {
    if (!backup.has_value()) backup.emplace();
    backup->dir = flags.to;
  }
  if (backup.has_value() && flags.keep.has_value()) backup->keep = *flags.keep;
  return backup;
}

absl::StatusOr<ExitCode> Report(Session& session, const v1::BackupRun& run, const std::string& directory) {
  if (run.state() != v1::BackupRun::DONE) {
    return WithExitCode(absl::InternalError(absl::StrCat("no backup was made: ", run.failure())),
                        ExitCode::kLocalTrouble);
  }
  if (session.flags().json) {
    session.out() << ToJson(run) << "\n";
    return ExitCode::kDone;
  }
  const v1::Backup& backup = run.backup();
  session.out() << Wrap(Printable(absl::StrCat("Backup ", backup.number(), " in ", directory,
                                               ": the store of ", FormatMinute(FromProto(backup.taken())),
                                               " UTC, ", SizeWords(backup.bytes()), ".")),
                        session.width(), 2)
                << "\n";
  return ExitCode::kDone;
}

// Until the attempt has ended, one way or the other.
absl::StatusOr<ExitCode> MakeWith(Session& session, AdminConnection& admin,
                                  const std::function<absl::Status()>& alive) {
  v1::CreateBackupRequest request;
  request.set_requested_by(session.env().variable("USER"));
  ASSIGN_OR_RETURN(v1::BackupRun run, admin.Call(&AdminStub::CreateBackup, request));
  const uint64_t number = run.number();
  std::string directory;
  while (run.state() == v1::BackupRun::RUNNING) {
    const int signal = session.env().stop_signal();
    if (signal != 0) return static_cast<ExitCode>(128 + signal);
    RETURN_IF_ERROR(alive());
    session.env().clock.Sleep(kPoll);
    ASSIGN_OR_RETURN(const v1::ListBackupsResponse list,
                     admin.Call(&AdminStub::ListBackups, v1::ListBackupsRequest()));
    if (list.last().number() != number) {
      return absl::UnavailableError(
          "the coordinator was started again meanwhile; look with: penstock backup --list");
    }
    run = list.last();
    directory = list.directory();
  }
  return Report(session, run, directory);
}

absl::StatusOr<ExitCode> Make(Session& session, const Flags& flags) {
  ASSIGN_OR_RETURN(const Address address, FindAddress(session.flags(), session.env()));
  ASSIGN_OR_RETURN(const bool held, IsServed(address));
  if (held) {
    if (!flags.to.empty() || flags.keep.has_value()) {
      return absl::InvalidArgumentError(
          "--to and --keep are for a state that no process holds; the one that runs keeps backups as its "
          "configuration "
          "says (backup: dir, keep)");
    }
    ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
    return MakeWith(session, *admin, [] { return absl::OkStatus(); });
  }
  LoadOptions options;  // without sources and destinations: of these nothing is asked
  options.config.state = address.state;
  ASSIGN_OR_RETURN(options.config.backup, ConfigOf(session, flags));
  if (!options.config.backup.has_value()) return NoDirectory();
  return session.env().host(session, options, Loads::kNo,
                            [&](AdminConnection& admin, const std::function<absl::Status()>& alive) {
                              return MakeWith(session, admin, alive);
                            });
}

void Print(Session& session, const v1::ListBackupsResponse& list) {
  const auto line = [&](const std::string& text) {
    session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  };
  if (list.backups().empty()) {
    line(absl::StrCat("There are no backups in ", list.directory(), "."));
    session.out() << session.Next("backup", 0) << "\n";
    return;
  }
  Table table({{"NUMBER", Table::kRight},
               {"TAKEN (UTC)"},
               {"AGE", Table::kRight},
               {"SIZE", Table::kRight},
               {"STORE"}});
  const absl::Time now = session.env().clock.Now().wall;
  for (const v1::Backup& backup : list.backups()) {
    if (!backup.damage().empty()) {
      table.Add({absl::StrCat(backup.number()), "", "", "", absl::StrCat("DAMAGED: ", backup.damage())});
      continue;
    }
    const absl::Time taken = FromProto(backup.taken());
    table.Add({absl::StrCat(backup.number()), FormatMinute(taken),
               FormatSpan(std::max(now - taken, absl::ZeroDuration())), SizeWords(backup.bytes()),
               backup.store_id()});
  }
  session.out() << table.Render(session.width());
  line(absl::StrCat("In ", list.directory(), ". The newest ", list.keep(), " are kept; ",
                    list.has_every() ? absl::StrCat("one is made every ", FormatSpan(FromProto(list.every())))
                                     : "they are made only when somebody asks",
                    "."));
  if (list.last().state() == v1::BackupRun::FAILED)
    line(absl::StrCat("The last try: ", list.last().failure()));
  session.out() << "penstock restore --from " << ShellWord(list.directory()) << " --state NEW_DIRECTORY\n";
}

absl::StatusOr<v1::ListBackupsResponse> Listed(Session& session, const Flags& flags) {
  bool held = false;
  if (flags.to.empty()) {
    ASSIGN_OR_RETURN(held, IsAnyServed(session.flags(), session.env()));
  }
  if (held) {
    ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
    return admin->Call(&AdminStub::ListBackups, v1::ListBackupsRequest());
  }
  ASSIGN_OR_RETURN(const std::optional<BackupConfig> backup, ConfigOf(session, flags));
  if (!backup.has_value()) return NoDirectory();
  return session.env().list_backups(*backup);
}

absl::StatusOr<ExitCode> List(Session& session, const Flags& flags) {
  ASSIGN_OR_RETURN(const v1::ListBackupsResponse list, Listed(session, flags));
  if (list.directory().empty()) return NoDirectory();
  if (session.flags().json) {
    session.out() << ToJson(list) << "\n";
  } else {
    Print(session, list);
  }
  return ExitCode::kDone;
}

}  // namespace

void AddBackupCommand(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* backup = AddCommand(
      app, chosen,
      {"backup",
       "Copy the whole state to the directory that the configuration names ('backup: {dir: ..}'), while work "
       "goes on. "
       "Only what is new is copied; files that did not change are shared by several backups.",
       {"penstock --config penstock.yaml backup", "penstock --config penstock.yaml backup --list",
        "penstock --state ./state backup --to /backup/penstock --keep 3"}},
      [flags](Session& session) { return flags->list ? List(session, *flags) : Make(session, *flags); });
  backup->add_option("--to", flags->to, "Another directory, where no process holds the state")
      ->option_text("DIR");
  backup->add_option("--keep", flags->keep, "How many stay, this one included, likewise")
      ->option_text("N")
      ->check(CLI::Range(1u, 1000u));
  backup->add_flag("--list", flags->list, "Show the backups with their age and size, and make none");
}

}  // namespace penstock::cli
