// SPDX-License-Identifier: Apache-2.0
#include "metrics/kept.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "destinations/table_profile.h"
#include "metrics/views.h"

namespace penstock::metrics {
namespace {

// A relation, and those of its columns that numbers are made of: nothing that people wrote but labels of buttons.
struct Kept {
  std::string relation;
  std::string columns;
  // It reads these of the kept ones, which have all the columns that it needs.
  std::vector<std::string> from = {};
};

const std::vector<Kept>& All() {
  static const auto* const all = new std::vector<Kept>{
      {"presence", "user_id conversation_id platform utc_day created_ms active actions happened"},
      {"attendance", "user_id utc_day created_ms active", {"presence"}},
      {"dialogue",
       "id conversation_id user_id route route_key domain type created_ms utc_day engaged first_ms"},
      {"homeless_action", "id conversation_id user_id platform created_ms utc_day"},
      {"form",
       "id conversation_id user_id platform label subject verdict it_ticket request agent feedback with_text "
       "guide_ticket guide_agent created_ms utc_day"},
      {"click", "id conversation_id user_id platform verdict guide_type from_last created_ms utc_day"},
      {"rating",
       "id survey_id conversation_id user_id platform label rating from_last guide_from_last created_ms "
       "utc_day",
       {"dialogue"}},
      {"csat_comment",
       "id survey_id survey_ms conversation_id user_id platform created_ms utc_day",
       {"dialogue"}},
      {"free_text",
       "id conversation_id user_id platform entity ticket agent negative deflected guide_deflected "
       "guide_escalated created_ms utc_day"},
      {"response",
       "id conversation_id user_id platform ticket agent guide_deflected guide_escalated response_ms chosen "
       "created_ms utc_day",
       {"free_text"}},
      {"unattributed_signal", "id conversation_id user_id platform ticket agent created_ms utc_day"},
      {"plugin_call",
       "id conversation_id interaction_id user_id plugin plugin_key served used ok created_ms utc_day"},
      {"rated_call", "id conversation_id user_id plugin plugin_key verdict guide_verdict created_ms utc_day"},
      {"unattributed_verdict", "id conversation_id user_id platform created_ms utc_day"},
      {"knowledge_call",
       "id conversation_id interaction_id user_id plugin plugin_key gap created_ms utc_day"},
      {"approval",
       "id conversation_id user_id plugin plugin_key ok resource_id approval_id created_ms utc_day"},
  };
  return *all;
}

// Relations whose rows another one's table has, with all that numbers ask of them.
const std::map<std::string, std::string>& Within() {
  static const auto* const within =
      new std::map<std::string, std::string>{{"conversation", "dialogue"}, {"message", "free_text"}};
  return *within;
}

// What is made of kept ones, and of the roster, when it is asked for.
const std::set<std::string>& MadeInPlace() {
  static const auto* const names = new std::set<std::string>{
      "frame",  "span",     "notification",    "survey",          "survey_result", "unattributed_escalation",
      "saving", "adoption", "custom_call",     "single_user",     "newcomer",      "returner",
      "person", "segment",  "segment_of_user", "segment_of_email"};
  return *names;
}

// Made once and read by many of those that are kept, while these are made. A user's own words stay out of it but for
// forms and buttons.
struct Stage {
  std::string relation;
  std::string columns;                    // empty: all
  std::vector<std::string> lookups = {};  // columns that its rows are found by
};

const std::vector<Stage>& Stages() {
  static const auto* const stages = new std::vector<Stage>{
      {"interaction",
       "id, tie, conversation_id, user_id, actor, active, platform, guide_type, type, label, parent_id, "
       "entity, "
       "subject, resource_id, form, verdict, created_ms, utc_day, updated_ms, CASE WHEN type IN "
       "('button_click', 'uiform_submission') THEN content END AS content",
       {"id", "conversation_id", "parent_id"}},
      {"form", "", {"parent_id"}},
      {"click", ""},
      {"signal", "", {"id"}},
      {"message_root", "", {"signal_id"}},
      {"call_root", "", {"signal_id"}},
  };
  return *stages;
}

std::string StageName(const std::string& relation) { return absl::StrCat("penstock_stage_", relation); }
std::string NextName(const std::string& relation) {
  return absl::StrCat("PENSTOCK_NEXT_", absl::AsciiStrToUpper(relation));
}

const Kept* Find(const std::string& relation) {
  for (const Kept& kept : All()) {
    if (kept.relation == relation) return &kept;
  }
  return nullptr;
}

// FNV-1a: the same on every machine.
std::string Tell(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

// What a kept table is made by: its relation's SQL, and its columns.
std::string MadeBy(const Kept& kept, const WithClause& with) {
  return Tell(absl::StrCat(kept.columns, "\n", with.Origin(kept.relation)));
}

// The clause that makes `relation`: what is staged and what it reads of kept ones come from tables.
WithClause Making(const std::string& relation, const std::vector<std::string>& staged, const Dialect& dialect,
                  const Values& own) {
  WithClause with(DefaultsFor(relation, own), dialect);
  for (const std::string& each : staged) {
    if (each != relation) with.ReadFrom(each, StageName(each));
  }
  const Kept* kept = Find(relation);
  if (kept == nullptr) return with;
  for (const std::string& each : kept->from) with.ReadFrom(each, dialect.Bookkeeping(NextName(each)));
  return with;
}

}  // namespace

std::string KeptTable(const std::string& relation) {
  return absl::StrCat(destinations::kFactTablePrefix, absl::AsciiStrToUpper(relation));
}

std::vector<std::string> KeptRelations() {
  std::vector<std::string> names;
  for (const Kept& kept : All()) names.push_back(kept.relation);
  return names;
}

bool KeptFacts::Use(const std::string& select, const Dialect& dialect, WithClause* with) const {
  if (!current) return false;
  std::map<std::string, std::string> tables;
  for (const auto& [relation, made] : made_by) {
    const Kept* kept = Find(relation);
    if (kept != nullptr && MadeBy(*kept, *with) == made) tables[relation] = KeptTable(relation);
  }
  for (const auto& [relation, other] : Within()) {
    const auto table = tables.find(other);
    if (table != tables.end()) tables[relation] = table->second;
  }
  for (const auto& [relation, table] : tables) with->ReadFrom(relation, dialect.Bookkeeping(table));
  const std::set<std::string> needed = with->Needs(select);
  return std::all_of(needed.begin(), needed.end(), [&](const std::string& name) {
    return tables.count(name) > 0 || MadeInPlace().count(name) > 0;
  });
}

std::string KeptSql(const Dialect& dialect) {
  return absl::StrCat(
      "SELECT f.relation, f.made_by, CASE WHEN l.store_id = f.store_id AND l.change_number = f.change_number "
      "AND "
      "l.loaded_at = f.loaded_at AND l.rows_written = f.rows_written THEN 1 ELSE 0 END AS "
      "current_rows\nFROM ",
      dialect.Bookkeeping(destinations::kFactsTable), " f\nLEFT JOIN ",
      dialect.Bookkeeping(destinations::kLoadsTable), " l ON 1 = 1");
}

KeptFacts ReadKept(const std::vector<std::vector<std::optional<std::string>>>& rows) {
  KeptFacts kept;
  kept.there = !rows.empty();
  kept.current = kept.there;
  for (const auto& row : rows) {
    if (row.size() != 3 || !row[0].has_value() || !row[1].has_value()) return {};
    kept.made_by[*row[0]] = *row[1];
    kept.current = kept.current && row[2] == "1";
  }
  return kept;
}

std::vector<std::string> KeptStatements(const Dialect& dialect, const Values& own) {
  std::vector<std::string> statements;
  const auto add = [&](std::string statement) {
    if (!statement.empty()) statements.push_back(std::move(statement));
  };
  std::vector<std::string> staged;
  for (const Stage& stage : Stages()) {
    const std::string name = StageName(stage.relation);
    const std::string select =
        absl::StrCat("SELECT ", stage.columns.empty() ? "*" : stage.columns, " FROM ", stage.relation);
    add(absl::StrCat("CREATE TEMPORARY TABLE ", name, " AS\n",
                     Making(stage.relation, staged, dialect, own).Before(select)));
    for (const std::string& column : stage.lookups) {
      add(absl::StrCat("CREATE INDEX ", name, "_", column, " ON ", name, "(", column, ")"));
    }
    add(dialect.Analyze(name));
    staged.push_back(stage.relation);
  }
  std::vector<std::string> made;
  for (const Kept& kept : All()) {
    const std::vector<std::string> columns = absl::StrSplit(kept.columns, ' ');
    const std::string next = dialect.Bookkeeping(NextName(kept.relation));
    add(absl::StrCat(
        "CREATE TABLE ", next, " AS\n",
        Making(kept.relation, staged, dialect, own)
            .Before(absl::StrCat("SELECT ", absl::StrJoin(columns, ", "), " FROM ", kept.relation))));
    add(dialect.Analyze(next));
    made.push_back(absl::StrCat("('", kept.relation, "', '",
                                MadeBy(kept, WithClause(DefaultsFor(kept.relation, own), dialect)), "')"));
  }
  for (const std::string& stage : staged) add(absl::StrCat("DROP TABLE ", StageName(stage)));
  for (const Kept& kept : All()) {
    add(absl::StrCat("DROP TABLE IF EXISTS ", dialect.Bookkeeping(KeptTable(kept.relation))));
    add(absl::StrCat("ALTER TABLE ", dialect.Bookkeeping(NextName(kept.relation)), " RENAME TO ",
                     dialect.QuoteName(KeptTable(kept.relation))));
  }
  const std::string facts = dialect.Bookkeeping(destinations::kFactsTable);
  add(absl::StrCat("DROP TABLE IF EXISTS ", facts));
  add(absl::StrCat("CREATE TABLE ", facts, " AS\nWITH made(relation, made_by) AS (SELECT * FROM (VALUES\n  ",
                   absl::StrJoin(made, ",\n  "),
                   ") AS listed)\nSELECT m.relation, m.made_by, l.store_id, l.change_number, l.loaded_at, "
                   "l.rows_written FROM made m CROSS JOIN ",
                   dialect.Bookkeeping(destinations::kLoadsTable), " l"));
  return statements;
}

}  // namespace penstock::metrics
