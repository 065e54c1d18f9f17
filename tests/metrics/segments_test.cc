// SPDX-License-Identifier: Apache-2.0
#include "metrics/segments.h"

#include "absl/strings/str_cat.h"
#include "metrics/request.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string Refusal(const std::string& csv) {
  const absl::StatusOr<Segments> segments = ParseSegments(csv, "s.csv");
  EXPECT_EQ(segments.status().code(), absl::StatusCode::kInvalidArgument) << csv;
  return std::string(segments.status().message());
}

TEST(SegmentsFile, NamesUsersByTheirId) {
  ASSERT_OK_AND_ASSIGN(const Segments segments, ParseSegments("\xEF\xBB\xBFuser_id,segment\r\n"
                                                              "12345678901234567890,Engineering\r\n"
                                                              "\n"
                                                              " 7 ,\"Sales, \"\"North\"\"\"\n",
                                                              "s.csv"));
  EXPECT_THAT(segments.of_user, UnorderedElementsAre(Pair("12345678901234567890", "Engineering"),
                                                     Pair("7", "Sales, \"North\"")));
  EXPECT_THAT(segments.of_email, IsEmpty());
}

TEST(SegmentsFile, OrByTheirAddressInAnyCase) {
  ASSERT_OK_AND_ASSIGN(const Segments segments, ParseSegments("Email,Segment\nAnn@Example.com,HR", "s.csv"));
  EXPECT_THAT(segments.of_email, UnorderedElementsAre(Pair("ann@example.com", "HR")));
}

TEST(SegmentsFile, AWrongLineIsNamed) {
  EXPECT_EQ(Refusal(""), "s.csv:1: the file is empty");
  EXPECT_EQ(Refusal("name,segment\n"), "s.csv:1: the first line must be user_id,segment or email,segment");
  EXPECT_EQ(Refusal("user_id,segment\n7\n"), "s.csv:2: 1 values where 2 are expected");
  EXPECT_EQ(Refusal("user_id,segment\n7,\n"), "s.csv:2: a value is empty; leave the line out");
  EXPECT_EQ(Refusal("email,segment\na@b,x\n\nA@b,y\n"), "s.csv:4: 'A@b' stands in line 2 already");
  EXPECT_THAT(Refusal("user_id,segment\n7,\"x\n"), HasSubstr("s.csv:2: a double quote is not closed"));
  EXPECT_THAT(Refusal("user_id,segment\n\"7\"8,x\n"), HasSubstr("something stands behind it"));
  std::string many = "user_id,segment\n";
  for (size_t i = 0; i <= kSegmentsMax; ++i) absl::StrAppend(&many, i, ",x\n");
  EXPECT_THAT(Refusal(many), HasSubstr("more than 20000 users"));
}

TEST(SegmentsFile, OneThatIsNotThereIsNamed) {
  EXPECT_THAT(ReadSegments("/nowhere/s.csv").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/s.csv")));
}

TEST(SegmentsFile, WithoutOneNobodyIsInASegment) {
  EXPECT_THAT(
      MakeRequest({.name = "active_users", .from = "2026-03-01", .to = "2026-03-02", .group = "segment"})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("metrics: segments")));
}

}  // namespace
}  // namespace penstock::metrics
