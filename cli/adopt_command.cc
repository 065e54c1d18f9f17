// SPDX-License-Identifier: Apache-2.0
#include "cli/adopt_command.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/json_text.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "cli/flags.h"
#include "cli/terminal.h"

namespace penstock::cli {
namespace {

template <typename Items, typename Writer>
std::string JsonList(const Items& items, const Writer& write) {
  return absl::StrCat(
      "[", absl::StrJoin(items, ",", [&](std::string* out, const auto& item) { *out += write(item); }), "]");
}

std::string Json(const FoundTable& table) {
  return absl::StrCat(
      "{\"endpoint\":", QuoteJson(Name(table.endpoint)), ",\"table\":", QuoteJson(table.name),
      ",\"exists\":", table.exists ? "true" : "false", ",\"refusal\":", QuoteJson(table.refusal),
      ",\"missing\":", JsonList(table.missing, [](const std::string& column) { return QuoteJson(column); }),
      ",\"other_types\":",
      JsonList(table.other_types,
               [](const FoundTable::OtherType& other) {
                 return absl::StrCat("{\"column\":", QuoteJson(other.column),
                                     ",\"type\":", QuoteJson(other.type), ",\"ours\":", QuoteJson(other.ours),
                                     "}");
               }),
      ",\"unique_key\":", table.unique_key ? "true" : "false", ",\"rows\":", table.rows,
      ",\"without_id\":", table.without_id, ",\"duplicate_ids\":", table.duplicate_ids,
      ",\"surplus\":", table.surplus, ",\"examples\":",
      JsonList(table.examples,
               [](const FoundTable::Duplicate& duplicate) {
                 return absl::StrCat("{\"id\":", QuoteJson(duplicate.id), ",\"rows\":", duplicate.rows, "}");
               }),
      ",\"removed\":", table.removed, ",\"key_added\":", table.key_added ? "true" : "false", "}");
}

class Report {
 public:
  Report(Session& session, const std::string& text) : session_(session), text_(text) {}

  ExitCode Print(const std::vector<FoundTable>& tables) {
    for (const FoundTable& table : tables) Print(table);
    bool refused = false, surplus = false, no_key = false;
    for (const FoundTable& table : tables) {
      refused |= !table.refusal.empty();
      surplus |= table.surplus > 0;
      no_key |= table.exists && table.refusal.empty() && !table.unique_key && table.surplus == 0;
    }
    if (surplus)
      Next("Of each id the newest row stays, and the others are removed, with", "--remove-duplicates");
    if (no_key) Next("Without a unique key a table is locked while a batch is put. To add one", "--add-key");
    return refused ? ExitCode::kDestinationRefused : surplus ? ExitCode::kNeedsALook : ExitCode::kDone;
  }

 private:
  void Line(const std::string& text, size_t indent) {
    session_.out() << std::string(indent, ' ') << Wrap(Printable(text), session_.width() - indent, indent + 2)
                   << "\n";
  }
  void Next(const std::string& text, const std::string& flag) {
    Line(text, 0);
    session_.out() << session_.Next(absl::StrCat("destinations adopt ", ShellWord(text_), " ", flag)) << "\n";
  }

  void Print(const FoundTable& table) {
    if (!table.exists) return Line(absl::StrCat(table.name, ": not there; the next load makes it"), 0);
    if (!table.refusal.empty()) return Line(absl::StrCat(table.name, ": REFUSED: ", table.refusal), 0);
    Line(absl::StrCat(table.name, ": ", Counted(table.rows, "row"), ", ",
                      table.unique_key ? "a unique key" : "no unique key",
                      table.key_added ? " (added now)" : ""),
         0);
    if (table.removed > 0)
      Line(absl::StrCat(Counted(table.removed, "row"), " removed: older ones of their ids"), 2);
    if (table.surplus > 0) {
      Line(absl::StrCat(Counted(table.duplicate_ids, "id"), " several times, ", Counted(table.surplus, "row"),
                        " too many: ",
                        absl::StrJoin(table.examples, ", ",
                                      [](std::string* out, const FoundTable::Duplicate& duplicate) {
                                        absl::StrAppend(out, QuoteJson(duplicate.id), " ", duplicate.rows,
                                                        " times");
                                      }),
                        table.duplicate_ids > table.examples.size() ? " .." : ""),
           2);
    }
    if (table.without_id > 0)
      Line(absl::StrCat(Counted(table.without_id, "row"), " without an id; they stay"), 2);
    if (!table.missing.empty()) {
      Line(absl::StrCat("lacks ", absl::StrJoin(table.missing, ", "), "; the next load adds ",
                        table.missing.size() == 1 ? "it" : "them"),
           2);
    }
    if (!table.other_types.empty()) {
      Line(absl::StrCat("types that stay as they are: ",
                        absl::StrJoin(table.other_types, ", ",
                                      [](std::string* out, const FoundTable::OtherType& other) {
                                        absl::StrAppend(out, other.column, " ", other.type,
                                                        " (ours: ", other.ours, ")");
                                      })),
           2);
    }
  }

  Session& session_;
  const std::string& text_;
};

absl::StatusOr<ExitCode> Adopt(Session& session, const std::string& text, const AdoptOptions& options) {
  ASSIGN_OR_RETURN(const Config config, session.LoadedConfig());
  ASSIGN_OR_RETURN(const DestinationConfig destination, ParseDestination(text, config));
  if (options.remove_duplicates) {
    ASSIGN_OR_RETURN(const bool confirmed,
                     Confirmed(session, "removing duplicates",
                               absl::StrCat("Of each id in ", text,
                                            " all rows but the newest are removed for good. "
                                            "Remove them?")));
    if (!confirmed) {
      session.out() << "Nothing was removed.\n";
      return ExitCode::kDone;
    }
  }
  const absl::StatusOr<std::vector<FoundTable>> tables = session.env().adopt(destination, options);
  RETURN_IF_ERROR(DestinationTrouble(tables.status()));
  if (!session.flags().json) return Report(session, text).Print(*tables);
  session.out() << "{\"name\":" << QuoteJson(text) << ",\"tables\":" << JsonList(*tables, Json) << "}\n";
  ExitCode code = ExitCode::kDone;
  for (const FoundTable& table : *tables) {
    if (table.surplus > 0) code = Worse(code, ExitCode::kNeedsALook);
    if (!table.refusal.empty()) code = Worse(code, ExitCode::kDestinationRefused);
  }
  return code;
}

}  // namespace

void AddAdoptCommand(CLI::App& group, Action& chosen) {
  auto text = std::make_shared<std::string>();
  auto options = std::make_shared<AdoptOptions>();
  CLI::App* adopt = AddCommand(
      group, chosen,
      {"adopt",
       "Look at tables that were there before Penstock, table by table: columns it will add, types other "
       "than its "
       "own, a missing unique key, ids that several rows have. Changes nothing unless told; loads take such "
       "tables "
       "as they are.",
       {"penstock --config penstock.yaml destinations adopt warehouse",
        "penstock destinations adopt sqlite:old.db --remove-duplicates --add-key"}},
      [text, options](Session& session) { return Adopt(session, *text, *options); });
  adopt
      ->add_option("destination", *text,
                   "sqlite:FILE, postgresql://.., snowflake://.., or a name of the configuration")
      ->option_text("D")
      ->required();
  adopt->add_flag("--remove-duplicates", options->remove_duplicates,
                  "Of the rows of one id keep the one with the latest stamp, and remove the others for good");
  adopt->add_flag("--add-key", options->add_key,
                  "Add a unique key on the id to each table that has none, where no id is there twice");
}

}  // namespace penstock::cli
