// SPDX-License-Identifier: Apache-2.0
#include "worker/page_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/random.h"
#include "proto/convert.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kFrom = *ParseDate("2026-03-02");
const absl::Time kTo = *ParseDate("2026-03-03");

v1::Row Record(const std::string& id, absl::Time created) {
  v1::Row row;
  row.set_id(id);
  *row.mutable_created_time() = ToProto(created);
  return row;
}

// A page that goes on, of `size` records in the order that was asked for.
DecodedPage Honest(int size) {
  DecodedPage page;
  page.next_link = "next";
  for (int i = 0; i < size; ++i) {
    page.rows.push_back(Record(absl::StrCat("id", 900 - i), kTo - absl::Seconds(1 + i)));
  }
  return page;
}
DecodedPage WithIds(const std::vector<std::string>& ids) {
  DecodedPage page;
  page.next_link = "next";
  for (const std::string& id : ids) page.rows.push_back(Record(id, kFrom));
  return page;
}
Asked Window(v1::PageOrder order = v1::ID_DESC) {
  return {.axis = v1::CREATED_TIME, .from = kFrom, .to = kTo, .order = order};
}

std::string WhyNotAsked(const Asked& asked, const DecodedPage& page) {
  const PageVerdict verdict = CheckPage(asked, page);
  EXPECT_EQ(verdict.why.empty(), !verdict.filter_ignored && !verdict.order_ignored);
  return verdict.why;
}

TEST(PageCheck, APageOfTheWindowInItsOrderIsBelieved) {
  EXPECT_THAT(WhyNotAsked(Window(), Honest(500)), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(v1::CREATED_TIME_DESC), Honest(500)), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(), DecodedPage()), IsEmpty());
}

TEST(PageCheck, TheWindowIsHalfOpenToTheMillisecondOfTheWire) {
  DecodedPage page;
  for (absl::Time inside : {kFrom, kFrom - absl::Microseconds(999), kTo, kTo + absl::Microseconds(999)}) {
    page.rows = {Record("a", inside)};
    EXPECT_THAT(WhyNotAsked(Window(), page), IsEmpty()) << inside;
  }
  for (absl::Time outside : {kFrom - absl::Milliseconds(2), kTo + absl::Milliseconds(1)}) {
    page.rows = {Record("b", outside), Record("a", outside)};
    EXPECT_THAT(WhyNotAsked(Window(), page), HasSubstr("ignores $filter: 2 of 2")) << outside;
  }
}

TEST(PageCheck, AServerThatIgnoresTheFilterIsNoticedInOnePage) {
  DecodedPage page = Honest(500);
  for (int i = 0; i < 26; ++i) page.rows[i] = Record(page.rows[i].id(), kFrom - absl::Hours(24 * 20));
  EXPECT_THAT(WhyNotAsked(Window(), page),
              AllOf(HasSubstr("ignores $filter: 26 of 500"), HasSubstr("one at 2026-02-10T00:00:00.000Z")));
}

TEST(PageCheck, AFewOddRecordsAreNoHabit) {
  DecodedPage page = Honest(500);
  for (int i = 0; i < 25; ++i) page.rows[i] = Record(page.rows[i].id(), absl::UnixEpoch());
  EXPECT_THAT(WhyNotAsked(Window(), page), IsEmpty());
}

TEST(PageCheck, OneOddRecordOfAFewIsNoHabitEither) {
  DecodedPage page = Honest(3);
  page.rows[1] = Record(page.rows[1].id(), absl::UnixEpoch());
  EXPECT_THAT(WhyNotAsked(Window(), page), IsEmpty());
  page.rows[2] = Record(page.rows[2].id(), absl::UnixEpoch());
  EXPECT_THAT(WhyNotAsked(Window(), page), HasSubstr("ignores $filter: 2 of 3"));
}

TEST(PageCheck, ARecordWithoutAReadableStampIsNeitherInsideNorOutside) {
  DecodedPage page = Honest(500);
  for (v1::Row& row : page.rows) row.clear_created_time();
  EXPECT_THAT(WhyNotAsked(Window(), page), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(v1::CREATED_TIME_DESC), page), IsEmpty());
}

TEST(PageCheck, EachAxisHasItsOwnStamp) {
  DecodedPage page = Honest(10);
  Asked later = {.axis = v1::LAST_UPDATED_TIME, .from = kTo, .to = std::nullopt, .order = {}};
  for (v1::Row& row : page.rows) *row.mutable_last_updated_time() = ToProto(kTo + absl::Hours(30));
  EXPECT_THAT(WhyNotAsked(later, page), IsEmpty());
  for (v1::Row& row : page.rows) *row.mutable_last_updated_time() = ToProto(kFrom);
  EXPECT_THAT(WhyNotAsked(later, page), HasSubstr("ignores $filter"));
}

TEST(PageCheck, WithoutBoundsEverythingIsInside) {
  Asked roster;
  DecodedPage page = Honest(10);
  page.rows[3] = Record(page.rows[3].id(), absl::UnixEpoch());
  EXPECT_THAT(WhyNotAsked(roster, page), IsEmpty());
}

TEST(PageCheck, AServerThatIgnoresTheOrderIsNoticedInOnePage) {
  for (v1::PageOrder order : {v1::ID_DESC, v1::CREATED_TIME_DESC}) {
    DecodedPage rising = Honest(500);
    std::reverse(rising.rows.begin(), rising.rows.end());
    EXPECT_THAT(WhyNotAsked(Window(order), rising), HasSubstr("ignores $orderby: 499 of 499"));
    SeededRandom random(7);
    DecodedPage shuffled = Honest(500);
    for (size_t i = shuffled.rows.size(); i > 1; --i) {
      std::swap(shuffled.rows[i - 1], shuffled.rows[static_cast<size_t>(random.Fraction() * i)]);
    }
    EXPECT_THAT(WhyNotAsked(Window(order), shuffled), HasSubstr("ignores $orderby"));
  }
}

TEST(PageCheck, ALonePageIsCompleteInAnyOrder) {
  DecodedPage page = Honest(500);
  std::reverse(page.rows.begin(), page.rows.end());
  page.next_link.clear();
  EXPECT_THAT(WhyNotAsked(Window(), page), IsEmpty());
}

TEST(PageCheck, IdsMayBeComparedAsBytesWithoutCaseOrAsNumbers) {
  EXPECT_THAT(WhyNotAsked(Window(), WithIds({"b", "a", "_x", "Z", "-q"})), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(), WithIds({"d", "C", "b", "A"})), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(), WithIds({"100", "99", "98", "9"})), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(), WithIds({"99", "98", "9", "100"})), IsEmpty());
  EXPECT_THAT(WhyNotAsked(Window(), WithIds({"x", "x", "x"})), IsEmpty()) << "repeated records";
  EXPECT_THAT(WhyNotAsked(Window(), WithIds({"1", "a", "2", "b"})), HasSubstr("2 of 3"));
}

}  // namespace
}  // namespace penstock::worker
