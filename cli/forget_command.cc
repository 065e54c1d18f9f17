// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(500);
// For destinations, once the store is done: one that takes longer is named and goes on by itself.
constexpr absl::Duration kPatience = absl::Seconds(15);

struct Who {
  std::string user, address;
  bool list = false;
};

// The process that holds the state or, where none runs, a coordinator in this one, with every destination that the
// configuration names.
absl::StatusOr<ExitCode> AskCoordinator(Session& session, const UseCoordinator& use) {
  ASSIGN_OR_RETURN(const bool served, IsServed(session.flags(), session.env()));
  if (served) {
    ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
    return use(*admin, [] { return absl::OkStatus(); });
  }
  ASSIGN_OR_RETURN(const LoadOptions options, CheckState(session.flags(), session.env()));
  const Loads loads = options.config.destinations.empty() ? Loads::kNo : Loads::kYes;
  return session.env().host(session, options, loads, use);
}

std::string Question(const v1::Person& person) {
  const auto join = [](const auto& words) { return absl::StrJoin(words, ", "); };
  return absl::StrCat(
      person.users_size() == 1 ? "User " : "Users ", join(person.users()),
      person.addresses().empty() ? "" : absl::StrCat(" (", join(person.addresses()), ")"),
      person.stored() == 0 ? ", who is not stored now," : "",
      " and every record of theirs will be erased from the store and from every destination for good, and "
      "never be stored again. Erase them?");
}

// "users 1, conversations 24, quarantined 2".
std::string RowsWords(const v1::Erasure& erasure) {
  std::vector<std::string> words;
  for (const v1::ErasedRows& rows : erasure.rows())
    words.push_back(absl::StrCat(Word(rows.endpoint()), " ", WithSeparators(rows.rows())));
  if (erasure.quarantined() > 0)
    words.push_back(absl::StrCat("quarantined ", WithSeparators(erasure.quarantined())));
  return words.empty() ? "nothing was stored" : absl::StrJoin(words, ", ");
}

// Of every kind.
uint64_t Erased(const v1::Erasure& erasure) {
  uint64_t erased = erasure.quarantined();
  for (const v1::ErasedRows& rows : erasure.rows()) erased += rows.rows();
  return erased;
}

std::string StateWords(const v1::Erasure& erasure) {
  if (erasure.has_finished()) return absl::StrCat("done ", FormatMinute(FromProto(erasure.finished())));
  if (!erasure.trouble().empty()) return "stands still";
  if (!erasure.has_erased_here()) return "the store is looked through";
  std::vector<std::string> waiting;
  for (const v1::ErasureWait& wait : erasure.destinations()) {
    if (!wait.why().empty()) waiting.push_back(wait.destination());
  }
  return waiting.empty() ? "nearly done" : absl::StrCat("waits for ", absl::StrJoin(waiting, ", "));
}

ExitCode CodeOf(const v1::Erasure& erasure) {
  if (erasure.has_finished()) return ExitCode::kDone;
  return erasure.has_erased_here() ? ExitCode::kNeedsALook : ExitCode::kLocalTrouble;
}

// Which copies still hold them, and until when.
std::string BackupWords(AdminConnection& admin, const v1::Erasure& erasure) {
  constexpr char kOthers[] =
      "Copies that somebody else made of the state directory or of a warehouse keep the person "
      "until they are deleted.";
  // Nobody knows a number before the directory was read.
  const absl::StatusOr<v1::ListBackupsResponse> list =
      admin.Call(&AdminStub::ListBackups, v1::ListBackupsRequest());
  if (!list.ok())
    return absl::StrCat("Backups may hold them still: ", list.status().message(), ". ", kOthers);
  if (erasure.backups() == 0) return absl::StrCat("No backup of Penstock's holds any of it. ", kOthers);
  const std::string until =
      erasure.has_backups_gone()
          ? absl::StrCat("the last of them goes by the schedule on ",
                         FormatDay(FromProto(erasure.backups_gone())))
          : absl::StrCat("they go when ", list->keep(), " newer ones were made (penstock backup)");
  return absl::StrCat(Counted(erasure.backups(), "backup"), " in ", list->directory(),
                      " may hold them still; ", until, ". ", kOthers);
}

void Print(Session& session, AdminConnection& admin, const v1::Erasure& erasure) {
  const auto line = [&](const std::string& text) {
    session.out() << Wrap(Printable(text), session.width(), 2) << "\n";
  };
  line(absl::StrCat("Erased from the store of ", erasure.source(), ": ", RowsWords(erasure), "."));
  if (!erasure.has_erased_here()) {
    line(absl::StrCat(
        "More may be there: ", erasure.trouble().empty() ? "it is still looked through" : erasure.trouble(),
        ". It goes on by itself, also after a restart."));
  }
  for (const v1::ErasureWait& wait : erasure.destinations()) {
    line(wait.why().empty() ? absl::StrCat(wait.destination(), " holds nothing of it any more.")
                            : absl::StrCat(wait.destination(), " may still hold rows: ", wait.why(), "."));
  }
  if (erasure.has_finished()) {
    line("No destination holds any of it.");
  } else if (erasure.has_erased_here()) {
    line(
        "They are deleted there with the next load, without another command. Until then the ids of the "
        "erased rows stay in the store.");
  }
  line(BackupWords(admin, erasure));
  if (!erasure.has_finished()) session.out() << session.Next("forget --list", 0) << "\n";
}

// Until it is finished, or only waits for destinations.
absl::StatusOr<v1::Erasure> Await(Session& session, AdminConnection& admin, v1::Erasure erasure,
                                  const std::function<absl::Status()>& alive) {
  v1::GetErasureRequest request;
  request.set_source(erasure.source());
  request.set_number(erasure.number());
  std::optional<absl::Duration> since;
  while (!erasure.has_finished()) {
    RETURN_IF_ERROR(alive());
    const absl::Duration now = session.env().clock.Now().boot;
    const bool waits = erasure.has_erased_here() || !erasure.trouble().empty();
    if (waits && !since.has_value()) since = now;
    if ((waits && now - *since >= kPatience) || session.env().stop_signal() != 0) break;
    session.env().clock.Sleep(kPoll);
    ASSIGN_OR_RETURN(erasure, admin.Call(&AdminStub::GetErasure, request));
  }
  return erasure;
}

absl::StatusOr<ExitCode> Forget(Session& session, const Who& who) {
  v1::FindPersonRequest wanted;
  wanted.set_source(session.flags().source);
  wanted.set_user(who.user);
  wanted.set_address(who.address);
  return AskCoordinator(
      session,
      [&](AdminConnection& admin, const std::function<absl::Status()>& alive) -> absl::StatusOr<ExitCode> {
        ASSIGN_OR_RETURN(const v1::Person person, admin.Call(&AdminStub::FindPerson, wanted));
        ASSIGN_OR_RETURN(const bool confirmed, Confirmed(session, "forgetting a person",
                                                         Wrap(Printable(Question(person)), session.width())));
        if (!confirmed) {
          session.out() << "Nobody was forgotten.\n";
          return ExitCode::kDone;
        }
        v1::ForgetRequest request;
        request.set_source(session.flags().source);
        *request.mutable_users() = person.users();
        *request.mutable_addresses() = person.addresses();
        request.set_requested_by(session.env().variable("USER"));
        ASSIGN_OR_RETURN(v1::Erasure erasure, admin.Call(&AdminStub::Forget, request));
        ASSIGN_OR_RETURN(erasure, Await(session, admin, std::move(erasure), alive));
        if (session.flags().json) {
          session.out() << ToJson(erasure) << "\n";
        } else {
          Print(session, admin, erasure);
        }
        const int signal = session.env().stop_signal();
        return signal != 0 ? static_cast<ExitCode>(128 + signal) : CodeOf(erasure);
      });
}

absl::StatusOr<ExitCode> List(Session& session) {
  v1::ListErasuresRequest request;
  request.set_source(session.flags().source);
  ASSIGN_OR_RETURN(AdminConnection * admin, session.Admin());
  ASSIGN_OR_RETURN(const v1::ListErasuresResponse response, admin->Call(&AdminStub::ListErasures, request));
  if (session.flags().json) {
    session.out() << ToJson(response) << "\n";
    return ExitCode::kDone;
  }
  if (response.erasures().empty()) {
    session.out() << "Nobody was forgotten here.\n";
    return ExitCode::kDone;
  }
  Table table({{"NUMBER"}, {"SOURCE"}, {"ASKED"}, {"BY"}, {"ERASED", Table::kRight}, {"STATE"}});
  for (const v1::Erasure& erasure : response.erasures()) {
    table.Add({absl::StrCat(erasure.number()), erasure.source(), FormatMinute(FromProto(erasure.requested())),
               erasure.requested_by(), WithSeparators(Erased(erasure)), StateWords(erasure)});
  }
  session.out() << table.Render(session.width());
  for (const v1::Erasure& erasure : response.erasures()) {
    if (erasure.has_finished() || erasure.trouble().empty()) continue;
    session.out() << Wrap(absl::StrCat(erasure.number(), " stands still: ", Printable(erasure.trouble())),
                          session.width(), 2)
                  << "\n";
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Perform(Session& session, const Who& who) {
  const int said = !who.user.empty() + !who.address.empty() + who.list;
  if (said != 1) {
    return absl::InvalidArgumentError(
        "say who, by one of --user ID and --email ADDRESS; or --list, for those who were forgotten");
  }
  return who.list ? List(session) : Forget(session, who);
}

}  // namespace

void AddForgetCommand(CLI::App& app, Action& chosen) {
  auto who = std::make_shared<Who>();
  CLI::App* forget = AddCommand(
      app, chosen,
      {"forget",
       "Erase a person for good: from the store, what is quarantined, and every destination, also one that "
       "is down "
       "now. A later sync does not bring them back. What stays is when, who asked, and how many rows went.",
       {"penstock --state ./state forget --user 3263211580452466396",
        "penstock --config penstock.yaml forget --email ann@example.com --yes",
        "penstock --state ./state forget --list"}},
      [who](Session& session) { return Perform(session, *who); });
  forget->add_option("--user", who->user, "Their id in the API, stored or not")->option_text("ID");
  forget->add_option("--email", who->address, "Every stored user with this address, in any case")
      ->option_text("ADDRESS");
  forget->add_flag("--list", who->list, "Show the erasures until now, and what they wait for");
}

}  // namespace penstock::cli
