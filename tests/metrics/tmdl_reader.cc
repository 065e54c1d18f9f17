// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/tmdl_reader.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace penstock::metrics::powerbi {
namespace {

// What may stand in an object: types of others, properties; flags end in '!', expressions in '='.
const std::map<std::string, std::set<std::string>>& Known() {
  static const auto* const known = new std::map<std::string, std::set<std::string>>{
      {"", {"database", "model", "table", "relationship", "expression", "ref", "annotation"}},
      {"database", {"compatibilityLevel"}},
      {"model",
       {"culture", "defaultPowerBIDataSourceVersion", "discourageImplicitMeasures!", "sourceQueryCulture",
        "dataAccessOptions"}},
      {"dataAccessOptions", {"legacyRedirects!", "returnErrorValuesAsNull!"}},
      {"table", {"dataCategory", "measure", "column", "partition", "refreshPolicy"}},
      {"measure", {"formatString", "displayFolder"}},
      {"column",
       {"dataType", "isKey!", "isHidden!", "formatString", "summarizeBy", "sourceColumn", "annotation"}},
      {"partition", {"mode", "source="}},
      {"refreshPolicy",
       {"policyType", "rollingWindowGranularity", "rollingWindowPeriods", "incrementalGranularity",
        "incrementalPeriods", "sourceExpression="}},
      {"relationship", {"fromColumn", "toColumn"}},
      {"expression", {"annotation"}},
      {"ref", {}},
      {"annotation", {}},
  };
  return *known;
}

// A word, or what stands in quotes; taken off the line.
std::string TakeName(absl::string_view* line) {
  std::string name;
  if (!absl::ConsumePrefix(line, "'")) {
    const size_t end = std::min(line->find(' '), line->size());
    name = std::string(line->substr(0, end));
    line->remove_prefix(end);
    return name;
  }
  while (!line->empty()) {
    if (absl::ConsumePrefix(line, "''")) {
      name += "'";
    } else if (absl::ConsumePrefix(line, "'")) {
      return name;
    } else {
      name += line->front();
      line->remove_prefix(1);
    }
  }
  ADD_FAILURE() << "a quote does not end: " << name;
  return name;
}

class Reader {
 public:
  explicit Reader(const std::string& text) : lines_(absl::StrSplit(text, '\n')) {
    EXPECT_TRUE(absl::EndsWith(text, "\n"));
  }

  std::vector<TmdlObject> Objects() {
    TmdlObject file;
    Body(0, &file);
    EXPECT_GE(at_, lines_.size());
    return file.children;
  }

 private:
  // How deep the next line stands that is not blank; -1 at the end.
  int Depth() {
    while (at_ < lines_.size() && lines_[at_].empty()) ++at_;
    if (at_ == lines_.size()) return -1;
    const size_t depth = lines_[at_].find_first_not_of('\t');
    EXPECT_NE(depth, std::string::npos) << "line " << at_ + 1 << " is blank but not empty";
    return static_cast<int>(depth);
  }

  std::string Lines(int depth) {
    std::string text;
    while (at_ < lines_.size() && absl::StartsWith(lines_[at_], std::string(depth, '\t'))) {
      absl::StrAppend(&text, lines_[at_++].substr(depth), "\n");
    }
    EXPECT_NE(text, "") << "line " << at_ << " has no expression";
    return text;
  }

  void Property(const std::string& name, const std::string& value, TmdlObject* of) {
    EXPECT_TRUE(of->properties.emplace(name, value).second) << name << " stands twice in " << of->name;
  }

  void Body(int depth, TmdlObject* of) {
    const std::set<std::string>& known = Known().at(of->type);
    while (Depth() == depth) {
      absl::string_view line = absl::string_view(lines_[at_]).substr(depth);
      SCOPED_TRACE(absl::StrCat("line ", at_ + 1, ": ", line));
      EXPECT_NE(line.front(), ' ');
      EXPECT_NE(line.back(), ' ');
      ++at_;
      if (absl::StartsWith(line, "/// ")) continue;
      const std::string word(line.substr(0, line.find_first_of(" :")));
      if (known.count(absl::StrCat(word, "!")) > 0) {
        EXPECT_EQ(line, word);
        Property(word, "true", of);
      } else if (known.count(absl::StrCat(word, "=")) > 0) {
        EXPECT_EQ(line, absl::StrCat(word, " ="));
        Property(word, Lines(depth + 2), of);
      } else if (absl::StartsWith(line, absl::StrCat(word, ": "))) {
        EXPECT_EQ(known.count(word), 1) << "not in " << of->type;
        Property(word, std::string(line.substr(word.size() + 2)), of);
      } else {
        EXPECT_EQ(known.count(word), 1) << "not in " << of->type;
        Object(word, line, depth, of);
      }
    }
    EXPECT_LT(Depth(), depth) << "too deep for " << of->type << " " << of->name;
  }

  void Object(const std::string& type, absl::string_view line, int depth, TmdlObject* of) {
    TmdlObject object;
    object.type = type;
    line.remove_prefix(type.size());
    if (absl::ConsumePrefix(&line, " ")) object.name = TakeName(&line);
    if (type == "ref") {
      EXPECT_TRUE(absl::ConsumePrefix(&line, " ")) << "no name";
      object.expression = TakeName(&line);
    }
    if (absl::ConsumePrefix(&line, " = ")) {
      object.expression = std::string(line);
      line = "";
    }
    EXPECT_EQ(line, "") << "too much";
    if (Known().count(type) > 0) Body(depth + 1, &object);
    of->children.push_back(std::move(object));
  }

  const std::vector<std::string> lines_;
  size_t at_ = 0;
};

}  // namespace

std::vector<const TmdlObject*> TmdlObject::All(const std::string& wanted) const {
  std::vector<const TmdlObject*> found;
  for (const TmdlObject& child : children) {
    if (child.type == wanted) found.push_back(&child);
  }
  return found;
}

std::vector<TmdlObject> ReadTmdl(const std::string& text) { return Reader(text).Objects(); }

}  // namespace penstock::metrics::powerbi
