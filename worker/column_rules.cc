// SPDX-License-Identifier: Apache-2.0
#include "worker/column_rules.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/keyed_hash.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"
#include "destinations/table_profile.h"
#include "worker/json_copies.h"

namespace penstock::worker {
namespace {

using destinations::ColumnType;
using destinations::JsonText;
using destinations::Table;

// Enough to tell rules apart; it need not withstand anyone.
constexpr size_t kFingerprintDigits = 16;
// The key of a fingerprint where nothing is hashed: there is nothing to hide.
constexpr char kNoKey[] = "penstock, columns without a key.";
static_assert(sizeof(kNoKey) - 1 == kHashKeyBytes);

// EXTRA comes after the profile's own columns.
size_t ExtraPlace(const Table& table) { return table.columns.size(); }

bool NamesPlace(const Table& table, size_t place, const std::string& name) {
  return absl::EqualsIgnoreCase(
      name, place == ExtraPlace(table) ? std::string(destinations::kExtraColumn) : table.columns[place].name);
}

// By the destination's own names, or by the guide's.
absl::StatusOr<size_t> FindColumn(const ColumnName& name, TableNames names) {
  const Table& table = destinations::TableOf(names, name.endpoint);
  const Table& guide = destinations::GuideTable(name.endpoint);
  for (size_t place = 0; place <= ExtraPlace(table); ++place) {
    if (NamesPlace(table, place, name.column)) return place;
  }
  for (size_t place = 0; place < ExtraPlace(guide); ++place) {
    if (NamesPlace(guide, place, name.column)) return place;
  }
  std::vector<std::string> known;
  for (const destinations::Column& column : table.columns) known.push_back(column.name);
  known.emplace_back(destinations::kExtraColumn);
  std::string hint = DidYouMean(name.column, known);
  if (hint.empty()) hint = absl::StrCat("; they are ", absl::StrJoin(known, ", "));
  return absl::NotFoundError(absl::StrCat("is not one of its columns", hint));
}

bool IsAnyOf(const std::string& field, const std::set<std::string>& fields) {
  return fields.count(field) > 0;
}

absl::Status CheckDrop(const Table& table, size_t place) {
  if (place == ExtraPlace(table)) return absl::OkStatus();
  if (place == 0) return absl::InvalidArgumentError("is the key, by which a row is found: it stays as it is");
  if (IsAnyOf(table.columns[place].fields.front(), {"last_updated_time", "created_time"})) {
    return absl::InvalidArgumentError(
        "is a stamp, by which versions and days are told apart: it stays as it is");
  }
  return absl::OkStatus();
}

absl::Status CheckHash(const Table& table, size_t place) {
  RETURN_IF_ERROR(CheckDrop(table, place));
  if (place == ExtraPlace(table) || table.columns[place].type != ColumnType::kText)
    return absl::InvalidArgumentError("is not a text, and only texts are hashed: drop it");
  const std::set<std::string> references = {"user_id", "conversation_id", "interaction_id", "plugin_call_id",
                                            "parent_interaction_id"};
  if (IsAnyOf(table.columns[place].fields.front(), references)) {
    return absl::InvalidArgumentError(
        "refers to the key of another table, which stays as it is: hashed, it would join nothing; drop it");
  }
  return absl::OkStatus();
}

struct Rule {
  Endpoint endpoint;
  size_t place;
  bool hash;
};

absl::StatusOr<std::vector<Rule>> Rules(const DestinationConfig& config) {
  std::vector<Rule> rules;
  std::set<std::pair<Endpoint, size_t>> named;
  const auto add = [&](const ColumnName& name, bool hash) {
    const Table& table = destinations::TableOf(config.tables, name.endpoint);
    const absl::StatusOr<size_t> place = FindColumn(name, config.tables);
    absl::Status status = place.status();
    if (status.ok()) status = hash ? CheckHash(table, *place) : CheckDrop(table, *place);
    if (status.ok() && !named.emplace(name.endpoint, *place).second)
      status = absl::InvalidArgumentError("is named twice: drop it or hash it");
    if (status.ok()) rules.push_back({name.endpoint, *place, hash});
    if (status.ok()) return status;
    return absl::InvalidArgumentError(absl::StrCat(name.place, " names ", Name(name.endpoint), ".",
                                                   name.column, ", which ", status.message()));
  };
  for (const ColumnName& name : config.columns.drop) RETURN_IF_ERROR(add(name, false));
  for (const ColumnName& name : config.columns.hash) RETURN_IF_ERROR(add(name, true));
  return rules;
}

std::string Fingerprint(const std::vector<Rule>& rules, const std::string& key) {
  std::set<std::string> words;  // the order in the file says nothing
  for (const Rule& rule : rules)
    words.insert(absl::StrCat(rule.hash ? "hash " : "drop ", Name(rule.endpoint), " ", rule.place));
  return KeyedHash(key, absl::StrCat("columns: ", absl::StrJoin(words, ", "))).substr(0, kFingerprintDigits);
}

}  // namespace

absl::Status CheckColumns(const DestinationConfig& config) { return Rules(config).status(); }

absl::Status CheckColumns(const Config& config) {
  for (const auto& [name, destination] : config.destinations) RETURN_IF_ERROR(CheckColumns(destination));
  return absl::OkStatus();
}

absl::StatusOr<ColumnRules> ColumnRules::Open(const DestinationConfig& config) {
  ColumnRules rules;
  ASSIGN_OR_RETURN(const std::vector<Rule> list, Rules(config));
  if (list.empty()) return rules;
  rules.key_ = kNoKey;
  if (!config.columns.hash.empty()) {
    ASSIGN_OR_RETURN(rules.key_, ReadHashKeyFile(config.columns.hash_key_file));
  }
  rules.fingerprint_ = Fingerprint(list, rules.key_);
  for (const Rule& rule : list) rules.tables_[rule.endpoint].push_back({rule.place, rule.hash});
  return rules;
}

void ColumnRules::Apply(destinations::TypedRow& row) const {
  const auto table = tables_.find(row.endpoint);
  if (table == tables_.end()) return;
  row.extra.clear();
  std::vector<Hidden> hidden;
  for (const Column& column : table->second) {
    if (column.place == row.values.size()) continue;  // EXTRA
    destinations::Value& value = row.values[column.place];
    std::string hash;
    if (const auto* text = std::get_if<std::string>(&value)) {
      if (column.hash) hash = KeyedHash(key_, *text);
      // The users' texts say who somebody is; those of other tables are words that any sentence may have.
      if (!text->empty()) hidden.push_back({*text, hash, row.endpoint == Endpoint::kUsers});
    }
    value = hash.empty() ? destinations::Value() : destinations::Value(std::move(hash));
  }
  if (hidden.empty()) return;
  for (destinations::Value& value : row.values) {
    if (auto* json = std::get_if<JsonText>(&value)) json->text = WithoutCopies(json->text, hidden);
  }
}

}  // namespace penstock::worker
