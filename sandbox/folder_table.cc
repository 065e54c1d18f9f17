// SPDX-License-Identifier: Apache-2.0
#include "sandbox/folder_table.h"

#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock::sandbox {
namespace {

class FolderTable final : public RecordTable {
 public:
  FolderTable(std::string text, std::vector<absl::string_view> records, std::vector<Property> properties)
      : text_(std::move(text)), records_(std::move(records)), properties_(std::move(properties)) {}

  uint32_t size() const override { return records_.size(); }
  void Append(uint32_t row, std::string* out) const override {
    out->append(records_[row].data(), records_[row].size());
  }
  const std::vector<Property>& properties() const override { return properties_; }
  const Column* column(absl::string_view name) override {
    for (const Property& property : properties_) {
      if (property.name != name || !property.comparable) continue;
      std::unique_ptr<Column>& column = columns_[property.name];
      if (column == nullptr) column = ReadColumn(*this, name);
      return column.get();
    }
    return nullptr;
  }

 private:
  const std::string text_;
  const std::vector<absl::string_view> records_;  // into text_
  const std::vector<Property> properties_;
  std::map<std::string, std::unique_ptr<Column>> columns_;
};

bool IsScalar(simdjson::ondemand::json_type type) {
  return type == simdjson::ondemand::json_type::string || type == simdjson::ondemand::json_type::number;
}

// A property that the vendor does not publish (yet) can be asked for like any other.
void NoteProperties(simdjson::ondemand::object record, std::vector<Property>& properties) {
  for (auto field : record) {
    const std::string_view key = field.unescaped_key();
    bool known = false;
    for (const Property& property : properties) known = known || property.name == key;
    const simdjson::ondemand::json_type type = field.value().type();
    if (!known && type != simdjson::ondemand::json_type::null) {
      properties.push_back({std::string(key), IsScalar(type)});
    }
  }
}

// Throws simdjson_error.
void CutRecords(const std::string& text, simdjson::ondemand::parser& parser,
                std::vector<absl::string_view>& records, std::vector<Property>& properties) {
  simdjson::ondemand::document document = parser.iterate(text);
  simdjson::ondemand::array values;
  if (document.type() == simdjson::ondemand::json_type::array) {
    values = document.get_array();
  } else {
    values = document["value"].get_array();
  }
  for (auto element : values) {
    simdjson::ondemand::object record = element.get_object();
    NoteProperties(record, properties);
    record.reset();
    const std::string_view raw = record.raw_json();
    records.push_back(absl::StripAsciiWhitespace(absl::string_view(raw.data(), raw.size())));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordTable>> ReadRecords(std::string json, Endpoint endpoint,
                                                         const std::string& name) {
  // The parser reads a few bytes beyond the end; the copy kept must be the one that the slices point into.
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  auto text = std::make_unique<std::string>(std::move(json));
  std::vector<absl::string_view> records;
  std::vector<Property> properties = PublishedProperties(endpoint);
  simdjson::ondemand::parser parser;
  try {
    CutRecords(*text, parser, records, properties);
  } catch (const simdjson::simdjson_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected {\"value\": [records]} as the Data API sends it, after ",
                     records.size(), " records: ", error.what()));
  }
  // Moving a long string keeps its buffer, so the slices stay valid; a short one holds no record.
  if (records.empty()) text->clear();
  return std::unique_ptr<RecordTable>(
      new FolderTable(std::move(*text), std::move(records), std::move(properties)));
}

absl::StatusOr<std::unique_ptr<RecordTable>> ReadFolder(const std::string& folder, Endpoint endpoint) {
  const std::string path = absl::StrCat(folder, "/", Name(endpoint), ".json");
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return absl::InvalidArgumentError(absl::StrCat(folder,
                                                   ": not a folder; --data wants the folder that holds ",
                                                   Name(endpoint), ".json and its four neighbours"));
  }
  if (!std::filesystem::exists(path, error)) return ReadRecords("[]", endpoint, path);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || !content) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  return ReadRecords(std::move(content).str(), endpoint, path);
}

}  // namespace penstock::sandbox
