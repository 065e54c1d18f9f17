// SPDX-License-Identifier: Apache-2.0
#include "base/config_reader.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

absl::Status At(const std::string& file, int line, absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(file, ":", line, ": ", message));
}

}  // namespace

absl::StatusOr<ConfigReader> ConfigReader::Of(const YAML::Node& node, const std::string& file,
                                              const std::string& where,
                                              const std::vector<std::string>& keys) {
  ConfigReader reader;
  reader.node_ = node;
  reader.file_ = file;
  reader.where_ = where;
  reader.line_ = std::max(node.Mark().line, 0) + 1;
  if (!node.IsMap()) {
    return At(file, reader.line_,
              absl::StrCat("'", where, "' must be a mapping: lines of the form key: value"));
  }
  for (const auto& entry : node) {
    const int line = entry.first.Mark().line + 1;
    if (!entry.first.IsScalar()) return At(file, line, absl::StrCat("a key of '", where, "' is not a word"));
    const std::string key = entry.first.Scalar();
    if (!reader.line_of_.emplace(key, line).second) {
      return At(file, line, absl::StrCat("key '", key, "' of '", where, "' stands there twice"));
    }
    if (!keys.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) {
      std::string hint = DidYouMean(key, keys);
      if (hint.empty()) hint = absl::StrCat("; the keys are ", absl::StrJoin(keys, ", "));
      return At(file, line, absl::StrCat("key '", key, "' is not known in '", where, "'", hint));
    }
    reader.keys_.push_back(key);
  }
  return reader;
}

absl::Status ConfigReader::Text(const std::string& key, std::string* target) const {
  if (!Has(key)) return absl::OkStatus();
  const YAML::Node value = node_[key];
  if (!value.IsScalar() || value.Scalar().empty()) return Error(key, "needs a text");
  for (char c : value.Scalar()) {
    if (absl::ascii_iscntrl(c)) return Error(key, "holds a control character");
  }
  *target = value.Scalar();
  return absl::OkStatus();
}

absl::Status ConfigReader::Number(const std::string& key, uint32_t lowest, uint32_t highest,
                                  uint32_t* target) const {
  if (!Has(key)) return absl::OkStatus();
  const YAML::Node value = node_[key];
  uint32_t number = 0;
  if (!value.IsScalar() || !absl::SimpleAtoi(value.Scalar(), &number) || number < lowest ||
      number > highest) {
    return Error(key, absl::StrCat("needs a whole number from ", lowest, " to ", highest));
  }
  *target = number;
  return absl::OkStatus();
}

absl::Status ConfigReader::Share(const std::string& key, double lowest, double highest,
                                 double* target) const {
  if (!Has(key)) return absl::OkStatus();
  const YAML::Node value = node_[key];
  double number = 0;
  // Not a number compares false.
  if (!value.IsScalar() || !absl::SimpleAtod(value.Scalar(), &number) ||
      !(number >= lowest && number <= highest)) {
    return Error(key, absl::StrCat("needs a number from ", lowest, " to ", highest));
  }
  *target = number;
  return absl::OkStatus();
}

absl::Status ConfigReader::Span(const std::string& key, absl::Duration* target) const {
  if (!Has(key)) return absl::OkStatus();
  const YAML::Node value = node_[key];
  const absl::StatusOr<absl::Duration> span = ParseSpan(value.IsScalar() ? value.Scalar() : "");
  if (!span.ok() || *span <= absl::ZeroDuration()) {
    return Error(key, "needs a duration: a number and s, m, h or d, for example 30d");
  }
  *target = *span;
  return absl::OkStatus();
}

absl::Status ConfigReader::Words(const std::string& key, std::vector<std::string>* target) const {
  if (!Has(key)) return absl::OkStatus();
  const YAML::Node value = node_[key];
  bool words = value.IsSequence();
  for (size_t i = 0; words && i < value.size(); ++i) {
    words = value[i].IsScalar() && !value[i].Scalar().empty();
    if (words) target->push_back(value[i].Scalar());
  }
  return words ? absl::OkStatus() : Error(key, "needs a list of words: [one, another]");
}

absl::Status ConfigReader::Choice(const std::string& key, const std::vector<std::string>& choices,
                                  size_t* target) const {
  if (!Has(key)) return absl::OkStatus();
  const YAML::Node value = node_[key];
  const std::string word = value.IsScalar() ? value.Scalar() : "";
  const auto found = std::find(choices.begin(), choices.end(), word);
  if (found == choices.end()) {
    return Error(key, absl::StrCat("cannot be '", word, "'; the choices are ", absl::StrJoin(choices, ", ")));
  }
  *target = static_cast<size_t>(found - choices.begin());
  return absl::OkStatus();
}

absl::Status ConfigReader::Require(const std::string& key) const {
  if (Has(key)) return absl::OkStatus();
  return At(file_, line_, absl::StrCat("'", where_, "' needs the key '", key, "'"));
}

absl::Status ConfigReader::NeedsAndForbids(const std::string& type, const std::vector<std::string>& needs,
                                           const std::vector<std::string>& forbids) const {
  for (const std::string& key : needs) RETURN_IF_ERROR(Require(key));
  for (const std::string& key : forbids) {
    if (Has(key)) return Error(key, absl::StrCat("does nothing with type ", type, "; leave it out"));
  }
  return absl::OkStatus();
}

std::string ConfigReader::Place(const std::string& key) const {
  const auto line = line_of_.find(key);
  return absl::StrCat(file_, ":", line == line_of_.end() ? line_ : line->second, ": key '", key, "'");
}

absl::Status ConfigReader::Error(const std::string& key, absl::string_view message) const {
  return absl::InvalidArgumentError(absl::StrCat(Place(key), " ", message));
}

}  // namespace penstock
