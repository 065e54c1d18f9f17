// SPDX-License-Identifier: Apache-2.0
#include "worker/json_copies.h"

#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "worker/json_value.h"

namespace penstock::worker {
namespace {

const Hidden kAddress{"jane@example.com", "", true};
const Hidden kName{"Doe", "h4sh", true};
const Hidden kActor{"user", "", false};

std::string Without(const std::string& json) { return WithoutCopies(json, {kAddress, kName}); }

TEST(JsonCopies, AStringThatIsTheTextBecomesNullOrItsHash) {
  EXPECT_EQ(Without(R"([{"id":"jane@example.com"},"Doe"])"), R"([{"id":null},"h4sh"])");
}

TEST(JsonCopies, TheCaseOfLettersDoesNotMatter) {
  EXPECT_EQ(Without(R"(["Jane@Example.COM","DOE"])"), R"([null,"h4sh"])");
}

TEST(JsonCopies, AnEscapedSpellingIsTheSameText) {
  EXPECT_EQ(Without(R"(["jane\u0040example.com","D\u006fe"])"), R"([null,"h4sh"])");
}

TEST(JsonCopies, AStringWithTheTextAsAWordInItGoesAsAWhole) {
  EXPECT_EQ(Without(R"({"a":"sip:jane@example.com","b":"Jane Doe","c":"jane_doe","d":"doe.j@x.org"})"),
            R"({"a":null,"b":null,"c":null,"d":null})");
}

TEST(JsonCopies, ALongerWordIsAnother) {
  const std::string json = R"({"a":"Does","b":"Redoe","c":"jane@example.community","d":"Doeß"})";
  EXPECT_EQ(Without(json), json);
}

TEST(JsonCopies, InOtherTablesOnlyTheWholeStringCounts) {
  EXPECT_EQ(WithoutCopies(R"({"content":"Add a user to a group","actor":"user"})", {kActor}),
            R"({"content":"Add a user to a group","actor":null})");
}

TEST(JsonCopies, ANameOfAMemberGoesToo) {
  EXPECT_EQ(Without(R"({"jane@example.com" : 1,"doe":{"x":"y"}})"), R"({"" : 1,"h4sh":{"x":"y"}})");
}

TEST(JsonCopies, ANumberIsComparedByItsSpelling) {
  EXPECT_EQ(WithoutCopies(R"([6453775005100987289, 64537750051009872891,-1.5e3])",
                          {{"6453775005100987289", "", false}, {"-1.5e3", "h", false}}),
            R"([null, 64537750051009872891,"h"])");
}

TEST(JsonCopies, AllElseStaysAsItWasSpelled) {
  const std::string json = R"( { "a" : [true,null, -0.50 ,"x\"\\y\u00e9\ud83d"] ,"b":{} } )";
  EXPECT_EQ(Without(json), json);
  EXPECT_EQ(Without(R"("jane@example.com")"), "null");
  EXPECT_EQ(Without("17"), "17");
}

// Draws JSON in which the hidden texts stand in whatever spelling JSON allows.
class Drawer {
 public:
  explicit Drawer(uint64_t seed) : random_(seed) {}

  std::string Value(int depth) {
    const uint64_t kind = random_.Next() % (depth == 0 ? 3 : 5);
    if (kind == 0) return Pick({"null", "true", "-0.5e+3", "12", "[]", "{}"});
    if (kind == 1) return String();
    if (kind == 2) return String();
    std::string text = kind == 3 ? "[" : "{";
    const uint64_t members = random_.Next() % 4;
    for (uint64_t i = 0; i < members; ++i) {
      absl::StrAppend(&text, i == 0 ? "" : ",", Space(),
                      kind == 3 ? "" : absl::StrCat(String(), Space(), ":"), Value(depth - 1), Space());
    }
    return absl::StrCat(text, kind == 3 ? "]" : "}");
  }

 private:
  std::string Pick(const std::vector<std::string>& choices) {
    return choices[random_.Next() % choices.size()];
  }
  std::string Space() { return Pick({"", " ", "\n\t"}); }
  std::string String() {
    std::string spelled = "\"";
    for (char c : Pick({"jane@example.com", "Doe", "sip:jane@example.com;x", "Mrs Doe", "harmless", ""})) {
      const bool upper = random_.Next() % 3 == 0;
      const char letter = upper ? absl::ascii_toupper(c) : c;
      absl::StrAppend(
          &spelled, random_.Next() % 4 == 0
                        ? absl::StrCat("\\u", absl::Hex(static_cast<unsigned char>(letter), absl::kZeroPad4))
                        : std::string(1, letter));
    }
    return absl::StrCat(spelled, Pick({"", "", "\\\""}), "\"");
  }

  SeededRandom random_;
};

// Each string of the text, decoded.
std::vector<std::string> Strings(absl::string_view json) {
  std::vector<std::string> strings;
  for (size_t at = json.find('"'); at != absl::string_view::npos; at = json.find('"', at)) {
    size_t end = ++at;
    while (json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    strings.push_back(absl::AsciiStrToLower(DecodeJsonString(json.substr(at, end - at))->text));
    at = end + 1;
  }
  return strings;
}

TEST(JsonCopies, WhateverTheSpellingTheResultIsJsonWithoutTheTexts) {
  size_t hidden = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const std::string json = Drawer(seed).Value(4);
    ASSERT_TRUE(IsJson(json)) << json;
    const std::string without = Without(json);
    ASSERT_TRUE(IsJson(without)) << "seed " << seed << ": " << json << " became " << without;
    for (const std::string& text : Strings(without)) {
      ASSERT_FALSE(absl::StrContains(text, "jane@") || absl::StrContains(text, "doe"))
          << "seed " << seed << ": " << json << " became " << without;
    }
    hidden += without != json;
  }
  EXPECT_GT(hidden, 1000u);
}

}  // namespace
}  // namespace penstock::worker
