// SPDX-License-Identifier: Apache-2.0
#include "coordinator/person_fields.h"

#include <gmock/gmock.h>

#include <vector>

namespace penstock::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Words(absl::string_view raw) {
  std::vector<std::string> words;
  ForEachWord(raw, [&](absl::string_view word) {
    words.emplace_back(word);
    return true;
  });
  return words;
}

TEST(PersonFields, AreStringsAndNumbersAsTheyStand) {
  const PersonFields fields = ReadPersonFields(
      R"({"id":"c","user_id":3263211580452466396 ,"conversation_id":"a\u002Fb","email_addr":"Ann@x.org"})");
  EXPECT_EQ(fields.user, "3263211580452466396");
  EXPECT_EQ(fields.conversation, "a/b");
  EXPECT_EQ(fields.address, "Ann@x.org");
}

TEST(PersonFields, AreThoseOfTheRecordItselfAndTheLastOfEqualKeys) {
  EXPECT_EQ(ReadPersonFields(R"({"detail":{"user_id":"1"},"list":[{"user_id":"2"}]})").user, "");
  EXPECT_EQ(ReadPersonFields(R"({"user_id":"1","user_id":"2"})").user, "2");
  EXPECT_EQ(ReadPersonFields(R"({"user_id":"1","user_id":null})").user, "");
  EXPECT_EQ(ReadPersonFields(R"({"us\u0065r_id":"1"})").user, "1") << "however the key is escaped";
}

TEST(PersonFields, OfOtherValuesAndOfBrokenBytesAreEmpty) {
  for (const char* raw : {R"({"user_id":null})", R"({"user_id":true})", R"({"user_id":["1"]})", "[]", "1", "",
                          "{", R"({"user_id)", "\xFF"}) {
    EXPECT_EQ(ReadPersonFields(raw).user, "") << raw;
  }
}

TEST(Words, AreStringsNumbersAndWhatElseStandsTogether) {
  EXPECT_THAT(Words(R"({"a b":12,"c":["d\"e",-1.5e3,null]})"),
              ElementsAre("a b", "12", "c", "d\"e", "-1.5e3", "null"));
  EXPECT_THAT(Words("ann@x.org; id=7"), ElementsAre("ann@x.org", "id", "7")) << "no JSON at all";
  EXPECT_THAT(Words("\"ends in the middle"), ElementsAre("ends in the middle"));
  EXPECT_THAT(Words("\"ends in an escape\\"), ElementsAre("ends in an escape\\"));
  EXPECT_THAT(Words(" ,{}"), IsEmpty());
}

TEST(Words, EndWhenNobodyWantsMore) {
  int seen = 0;
  ForEachWord("a b c d", [&](absl::string_view) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace penstock::coordinator
