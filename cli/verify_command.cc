// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/terminal.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(500);

// By the process that holds the state, beside its work.
absl::StatusOr<v1::StoreCheck> Ask(Session& session) {
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(v1::StoreCheck check, admin->Call(&AdminStub::CheckStore, v1::CheckStoreRequest()));
  const uint64_t number = check.number();
  while (check.state() == v1::StoreCheck::RUNNING && session.env().stop_signal() == 0) {
    session.env().clock.Sleep(kPoll);
    ASSIGN_OR_RETURN(check, admin->Call(&AdminStub::GetStoreCheck, v1::GetStoreCheckRequest()));
    if (check.number() != number)
      return absl::UnavailableError("the coordinator was started again meanwhile; verify again");
  }
  return check;
}

absl::StatusOr<ExitCode> VerifyState(Session& session) {
  ASSIGN_OR_RETURN(const Address address, FindAddress(session.flags(), session.env()));
  ASSIGN_OR_RETURN(const bool served, IsServed(address));
  absl::StatusOr<v1::StoreCheck> check = served ? Ask(session) : session.env().check_store(address.state);
  RETURN_IF_ERROR(check.status());
  if (const int signal = session.env().stop_signal(); signal != 0) return static_cast<ExitCode>(128 + signal);
  if (check->state() == v1::StoreCheck::FAILED) {
    return WithExitCode(
        absl::InternalError(absl::StrCat("the store was not checked to the end: ", check->failure())),
        ExitCode::kLocalTrouble);
  }
  const bool whole = check->differing() == 0;
  if (session.flags().json) {
    session.out() << ToJson(*check) << "\n";
    return whole ? ExitCode::kDone : ExitCode::kDifference;
  }
  const auto line = [&](const std::string& text) {
    session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  };
  if (whole) {
    line(absl::StrCat("The store is whole: ", SizeWords(check->bytes()),
                      " of files agree with their checksums, ", Counted(check->rows(), "row"),
                      " with the change sequence and the counters."));
    return ExitCode::kDone;
  }
  for (const std::string& difference : check->differences()) line(absl::StrCat("DIFFERS: ", difference));
  line(absl::StrCat(
      Counted(check->differing(), "difference"),
      ": the disk or the memory changed what was written. Look for a backup that is whole, and restore it; "
      "the sync brings what came since, as far back as the source goes:"));
  session.out() << "  penstock verify --from BACKUP_DIRECTORY\n";
  return ExitCode::kDifference;
}

absl::StatusOr<ExitCode> VerifyBackups(Session& session, const std::string& from) {
  ASSIGN_OR_RETURN(const v1::ListBackupsResponse list, session.env().verify_backups(from));
  bool whole = true;
  for (const v1::Backup& backup : list.backups()) whole = whole && backup.damage().empty();
  if (session.flags().json) {
    session.out() << ToJson(list) << "\n";
    return whole ? ExitCode::kDone : ExitCode::kDifference;
  }
  if (list.backups().empty())
    session.out() << Wrap(absl::StrCat("There are no backups in ", from, "."), session.width()) << "\n";
  for (const v1::Backup& backup : list.backups()) {
    const std::string text =
        backup.damage().empty()
            ? absl::StrCat("backup ", backup.number(), " of ", FormatMinute(FromProto(backup.taken())),
                           " UTC: every file agrees with its checksum (", SizeWords(backup.bytes()), ")")
            : absl::StrCat("backup ", backup.number(), " is DAMAGED: ", backup.damage());
    session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  }
  if (whole) return ExitCode::kDone;
  session.out() << "Check the volume, and make a new one: penstock backup\n";
  return ExitCode::kDifference;
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Action& chosen) {
  auto from = std::make_shared<std::string>();
  CLI::App* verify =
      AddCommand(app, chosen,
                 {"verify",
                  "Read everything that is stored and compare it with its checksums and with itself, beside "
                  "the work; or every file "
                  "of every backup. Exit code 5 when something differs. (What a warehouse holds: penstock "
                  "destinations verify.)",
                  {"penstock --state ./state verify", "penstock verify --from /backup/penstock"}},
                 [from](Session& session) {
                   return from->empty() ? VerifyState(session) : VerifyBackups(session, *from);
                 });
  verify->add_option("--from", *from, "A directory of backups, in place of the state")->option_text("DIR");
}

}  // namespace penstock::cli
