// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(Ids, AnIdIsSixteenLowerCaseHexDigits) {
  SeededRandom random(1);
  const std::string first = NewId(random);
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(first, NewId(random));
}

TEST(Ids, AnIdKeepsItsLeadingZeros) {
  class Zero final : public Random {
    uint64_t Next() override { return 10; }
  } zero;
  EXPECT_EQ(NewId(zero), "000000000000000a");
}

TEST(Ids, NamesAreReadBackAsTheirNumbers) {
  EXPECT_EQ(JobName(12), "job-12");
  EXPECT_EQ(WindowName(1043), "w-1043");
  EXPECT_EQ(*ParseJobName("job-12"), 12u);
  EXPECT_EQ(*ParseWindowName("w-1043"), 1043u);
}

TEST(Ids, TheBareNumberIsAcceptedToo) {
  EXPECT_EQ(*ParseJobName("12"), 12u);
  EXPECT_EQ(*ParseWindowName("18446744073709551615"), UINT64_MAX);
}

TEST(Ids, AnythingElseIsRefusedByName) {
  for (const char* name : {"", "job-", "job-0", "job--1", "job-1x", "w-1", "job-18446744073709551616"}) {
    EXPECT_THAT(ParseJobName(name), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr(absl::StrCat("'", name, "'").c_str())));
  }
  EXPECT_THAT(ParseWindowName("job-3"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("w-1043")));
}

TEST(Ids, WhiteSpaceAroundANumberIsRefused) {
  EXPECT_FALSE(ParseJobName("job- 12").ok());
  EXPECT_FALSE(ParseJobName(" 12").ok());
  EXPECT_FALSE(ParseJobName("12\n").ok());
  EXPECT_FALSE(ParseJobName("job-+12").ok());
}

}  // namespace
}  // namespace penstock
