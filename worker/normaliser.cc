// SPDX-License-Identifier: Apache-2.0
#include "worker/normaliser.h"

#include <simdjson.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/json_value.h"

namespace penstock::worker {
namespace {

using destinations::Column;
using destinations::ColumnType;
using destinations::JsonText;
using destinations::Table;
using destinations::Value;

namespace ondemand = simdjson::ondemand;

absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }

// A member of the record: its decoded name and the text of its value, which nobody has checked yet.
struct Member {
  std::string name;
  absl::string_view text;
};

struct Members {
  std::vector<Member> list;  // in source order; of several with one name, the last
  uint32_t broken = 0;       // what could not be told apart
};

constexpr size_t kKeptBytes = 1 << 20;

// The bytes that simdjson reads, which must be followed by padding. One per thread, so that a row costs no
// allocation.
struct Reader {
  ondemand::parser parser;
  std::string bytes;
};

simdjson::simdjson_result<ondemand::document> Iterate(Reader& reader, const std::string& raw) {
  if (reader.bytes.size() < raw.size() + simdjson::SIMDJSON_PADDING) {
    reader.bytes.resize(raw.size() + simdjson::SIMDJSON_PADDING);
  }
  raw.copy(reader.bytes.data(), raw.size());
  return reader.parser.iterate(reader.bytes.data(), raw.size(), reader.bytes.size());
}

// The key's text in the document, without its quotes.
absl::string_view RawKey(const char* begin) {
  const char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {begin, static_cast<size_t>(end - begin)};
}

simdjson::simdjson_result<std::string_view> RawValue(ondemand::value value) {
  ondemand::json_type type;
  if (const auto error = value.type().get(type)) return error;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    return object.raw_json();
  }
  if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return error;
    return array.raw_json();
  }
  return value.raw_json_token();
}

// Appends a member; an earlier one of the same name goes.
class MemberList {
 public:
  void Add(std::string name, absl::string_view text) {
    const auto [it, fresh] = places_.try_emplace(name, members_.size());
    if (!fresh) {
      members_[it->second].reset();
      it->second = members_.size();
    }
    members_.push_back(Member{std::move(name), text});
  }

  std::vector<Member> Take() {
    std::vector<Member> taken;
    taken.reserve(places_.size());
    for (std::optional<Member>& member : members_) {
      if (member.has_value()) taken.push_back(*std::move(member));
    }
    return taken;
  }

 private:
  std::vector<std::optional<Member>> members_;
  absl::flat_hash_map<std::string, size_t> places_;
};

// Splits the record. What stands behind a place that is not JSON is counted as broken, not read.
absl::StatusOr<Members> Split(Reader& reader, const std::string& raw) {
  ondemand::document document;
  ondemand::object object;
  if (raw.empty() || Iterate(reader, raw).get(document) || document.get_object().get(object)) {
    return absl::InvalidArgumentError("the record is not a JSON object");
  }
  Members members;
  MemberList list;
  for (auto field : object) {
    ondemand::raw_json_string key;
    ondemand::value value;
    std::string_view text;
    if (field.key().get(key) || field.value().get(value) || RawValue(value).get(text)) {
      ++members.broken;
      break;
    }
    std::optional<DecodedString> name = DecodeJsonString(RawKey(key.raw()));
    if (!name.has_value()) {
      ++members.broken;
      continue;
    }
    // A token reaches to the next one: white space belongs to neither.
    list.Add(std::move(name->text), absl::StripAsciiWhitespace(ToAbsl(text)));
  }
  members.list = list.Take();
  return members;
}

// A value as its column takes it. `fits` is false when the value, or a part of it, does not: then NULL or
// U+FFFD stands there.
struct Cell {
  Value value;
  bool fits = true;
};

Cell Misfit() { return {Value(), false}; }

std::optional<DecodedString> AsString(absl::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  return DecodeJsonString(text.substr(1, text.size() - 2));
}

Cell TextCell(absl::string_view text) {
  if (std::optional<DecodedString> decoded = AsString(text)) {
    return {Value(std::move(decoded->text)), decoded->exact};
  }
  // By its own token: an id beyond 64 bits stays what it was.
  if (IsJsonNumber(text)) return {Value(std::string(text)), true};
  return Misfit();
}

Cell TimestampCell(absl::string_view text) {
  if (std::optional<DecodedString> decoded = AsString(text)) {
    if (std::optional<absl::Time> time = ParseStamp(decoded->text)) return {Value(*time), true};
  }
  return Misfit();
}

Cell BooleanCell(absl::string_view text) {
  if (text == "true" || text == "\"true\"" || text == "1") return {Value(true), true};
  if (text == "false" || text == "\"false\"" || text == "0") return {Value(false), true};
  return Misfit();
}

Cell MakeCell(ColumnType type, absl::string_view text) {
  if (text == "null") return {};
  switch (type) {
    case ColumnType::kText:
      return TextCell(text);
    case ColumnType::kTimestamp:
      return TimestampCell(text);
    case ColumnType::kBoolean:
      return BooleanCell(text);
    case ColumnType::kJson:
      return IsJson(text) ? Cell{Value(JsonText{std::string(text)}), true} : Misfit();
  }
  CHECK(false);
}

// The member that fills the column: the first of its fields that is there and not null. `used` marks it, and
// nulls of its other fields, as not to be kept in EXTRA.
const Member* Choose(const Column& column, const std::vector<Member>& members, std::vector<bool>* used) {
  const Member* chosen = nullptr;
  for (const std::string& field : column.fields) {
    for (size_t i = 0; i < members.size(); ++i) {
      if (members[i].name != field) continue;
      const bool null = members[i].text == "null";
      if (chosen != nullptr && !null) continue;
      (*used)[i] = true;
      if (!null) chosen = &members[i];
    }
  }
  return chosen;
}

// A JSON object of the members that no column took, each value as it was spelled.
std::string Extra(const std::vector<Member>& members, const std::vector<bool>& used, uint32_t* irregular) {
  std::string extra;
  for (size_t i = 0; i < members.size(); ++i) {
    if (used[i]) continue;
    if (!IsJson(members[i].text)) {
      ++*irregular;
      continue;
    }
    absl::StrAppend(&extra, extra.empty() ? "{" : ",", QuoteJson(members[i].name), ":", members[i].text);
  }
  if (!extra.empty()) extra += '}';
  return extra;
}

}  // namespace

absl::StatusOr<Normalised> Normalise(const v1::Change& change, const Table& table) {
  static thread_local Reader reader;
  // What one huge record needed is not kept for the small ones after it: simdjson takes several times a
  // record's size.
  if (reader.bytes.size() > kKeptBytes) reader = Reader();
  ASSIGN_OR_RETURN(const Members members, Split(reader, change.row().raw()));

  Normalised result;
  result.irregular = members.broken;
  result.row.endpoint = table.endpoint;
  result.row.change = change.number();
  if (change.row().has_last_updated_time()) result.row.stamp = FromProto(change.row().last_updated_time());
  result.row.values.reserve(table.columns.size());
  std::vector<bool> used(members.list.size(), false);
  for (const Column& column : table.columns) {
    const Member* member = Choose(column, members.list, &used);
    // The key is the id under which the store has the row, whatever became of the record's text.
    if (result.row.values.empty()) {
      result.row.values.emplace_back(change.row().id());
      continue;
    }
    Cell cell = member == nullptr ? Cell() : MakeCell(column.type, member->text);
    if (!cell.fits) ++result.irregular;
    result.row.values.push_back(std::move(cell.value));
  }
  result.row.extra = Extra(members.list, used, &result.irregular);
  return result;
}

}  // namespace penstock::worker
