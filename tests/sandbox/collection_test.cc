// SPDX-License-Identifier: Apache-2.0
#include "sandbox/collection.h"

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "sandbox/folder_table.h"
#include "sandbox/synthetic_tenant.h"
#include "tests/fakes/status_matchers.h"
#include "tests/sandbox/page_reader.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

// Rows: id and created_time. Two share a time, one has none, one has a text that is no time.
constexpr char kRows[] = R"([
  {"id":"b","created_time":"2026-03-02T00:00:00.000Z","user_id":"7"},
  {"id":"a","created_time":"2026-03-01T00:00:00.000Z","user_id":"8"},
  {"id":"d","created_time":null},
  {"id":"c","created_time":"2026-03-02T00:00:00.000Z"},
  {"id":"e","created_time":"yesterday"}])";

std::unique_ptr<Collection> NewCollection(const std::string& json = kRows) {
  auto table = ReadRecords(json, Endpoint::kConversations, "test");
  EXPECT_OK(table);
  return std::make_unique<Collection>(Endpoint::kConversations, *std::move(table));
}

Query Parsed(const std::string& filter, const std::string& order) {
  Query query;
  if (!filter.empty()) query.filter = *ParseFilter(filter);
  if (!order.empty()) query.order = *ParseOrder(order);
  return query;
}

std::string Ids(Collection& collection, const Query& query, const Visibility& visibility = {}) {
  const auto page = collection.Read(query, std::nullopt, 1000, visibility);
  if (!page.ok()) return std::string(page.status().message());
  std::string text = "[";
  std::vector<size_t> ends;
  collection.Append(page->rows, &text, &ends);
  std::string ids;
  for (const std::string& id : Parse("{\"value\":" + text + "]}").ids) ids += id;
  return ids;
}

TEST(Collection, SortsBySeveralKeysInBothDirections) {
  const auto collection = NewCollection();
  EXPECT_EQ(Ids(*collection, Parsed("", "")), "badce") << "the order of the data";
  EXPECT_EQ(Ids(*collection, Parsed("", "id desc")), "edcba");
  EXPECT_EQ(Ids(*collection, Parsed("", "created_time desc,id desc")), "ecbad");
  EXPECT_EQ(Ids(*collection, Parsed("", "created_time desc,id asc")), "ebcad");
  EXPECT_EQ(Ids(*collection, Parsed("", "created_time,id")), "dabce") << "null sorts first";
  EXPECT_EQ(Ids(*collection, Parsed("", "user_id desc")), "abdce") << "ties keep the order of the data";
}

TEST(Collection, AFilterMeansTheSameUnderEveryOrder) {
  const auto collection = NewCollection();
  const std::string filter = "created_time ge '2026-03-01T12:00:00.000Z' and created_time lt '2026-03-03'";
  EXPECT_EQ(Ids(*collection, Parsed(filter, "")), "bc");
  EXPECT_EQ(Ids(*collection, Parsed(filter, "id desc")), "cb");
  EXPECT_EQ(Ids(*collection, Parsed(filter, "created_time desc,id asc")), "bc");
  EXPECT_EQ(Ids(*collection, Parsed(filter, "created_time,id desc")), "cb");
  EXPECT_EQ(Ids(*collection, Parsed(filter + " and user_id eq '7'", "created_time")), "b");
  EXPECT_EQ(Ids(*collection, Parsed("created_time gt '9'", "created_time desc")), "e")
      << "texts are compared, whatever they mean";
}

TEST(Collection, CountsWhatAFilterLeaves) {
  const auto collection = NewCollection();
  ASSERT_OK_AND_ASSIGN(const uint64_t all, collection->Count({}, {}));
  EXPECT_EQ(all, 5u);
  ASSERT_OK_AND_ASSIGN(const uint64_t some,
                       collection->Count(*ParseFilter("created_time ge '2026-03-02'"), {}));
  EXPECT_EQ(some, 3u);
}

TEST(Collection, PropertiesThatDoNotExistOrCannotBeComparedAreRefused) {
  const auto collection = NewCollection();
  EXPECT_THAT(Ids(*collection, Parsed("nonsense eq 'a'", "")), HasSubstr("'nonsense'"));
  EXPECT_THAT(Ids(*collection, Parsed("detail eq 'a'", "")), HasSubstr("'detail'"));
  EXPECT_THAT(Ids(*collection, Parsed("", "detail")), HasSubstr("$orderby"));
  EXPECT_THAT(collection->CheckSelect({"id", "nonsense"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'nonsense'")));
  EXPECT_OK(collection->CheckSelect({"id", "detail"}));
}

TEST(Collection, PagesFollowEachOtherWithoutGapOrRepetition) {
  const auto collection = NewCollection();
  Query query = Parsed("created_time ge '2026'", "id desc");
  query.skip = 1;
  std::vector<uint32_t> rows;
  std::optional<Collection::Position> from;
  int pages = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, collection->Read(query, from, 2, {}));
    EXPECT_EQ(page.total, 4u);
    EXPECT_EQ(page.before.has_value(), true) << "something always stands before, the skipped one included";
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    from = page.next;
    ++pages;
  } while (from);
  EXPECT_EQ(rows, (std::vector<uint32_t>{3, 0, 1}));
  EXPECT_EQ(pages, 2);
}

TEST(Collection, AHeldBackDayIsAbsentAndRowsWithoutATimeAreNot) {
  const auto collection = NewCollection();
  Visibility visibility;
  visibility.held_back = {DayNumber(*ParseDate("2026-03-02"))};
  EXPECT_EQ(Ids(*collection, Parsed("", ""), visibility), "ade");
  EXPECT_EQ(Ids(*collection, Parsed("created_time ge '2026-03-01'", "created_time desc"), visibility), "ea");
}

TEST(Collection, WhatWasForgottenAndWhatIsNotPublishedIsInvisible) {
  const absl::Time now = *ParseDate("2026-03-31T12:00:00Z");
  const auto tenant =
      std::make_shared<SyntheticTenant>(SyntheticOptions{.days = 40, .conversations = 20}, now);
  Collection collection(Endpoint::kConversations, NewSyntheticTable(tenant, Endpoint::kConversations));
  Visibility visibility{now, now - absl::Hours(24 * 30), {}};
  ASSERT_OK_AND_ASSIGN(const uint64_t visible, collection.Count({}, visibility));
  const std::string bounds = absl::StrCat("created_time ge '", FormatStamp(*visibility.oldest),
                                          "' and last_updated_time le '", FormatStamp(now), "'");
  ASSERT_OK_AND_ASSIGN(const uint64_t expected, collection.Count(*ParseFilter(bounds), {}));
  EXPECT_EQ(visible, expected);
  EXPECT_LT(visible, 30u * 20u) << "neither today nor what is older than 30 days";
  EXPECT_GT(visible, 28u * 20u);
}

TEST(Collection, ATokenOfAnOrderThatChangedIsGone) {
  const absl::Time now = *ParseDate("2026-03-31");
  const auto tenant =
      std::make_shared<SyntheticTenant>(SyntheticOptions{.days = 3, .conversations = 20}, now);
  Collection collection(Endpoint::kConversations, NewSyntheticTable(tenant, Endpoint::kConversations));
  const Query by_stamp = Parsed("", "last_updated_time,id");
  const Query by_id = Parsed("", "id");
  ASSERT_OK_AND_ASSIGN(const auto stamp_page, collection.Read(by_stamp, std::nullopt, 5, {}));
  ASSERT_OK_AND_ASSIGN(const auto id_page, collection.Read(by_id, std::nullopt, 5, {}));
  ASSERT_TRUE(collection.Republish(tenant->first_day(), now));
  EXPECT_THAT(collection.Read(by_stamp, stamp_page.next, 5, {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("again")));
  EXPECT_OK(collection.Read(by_id, id_page.next, 5, {}));
  const std::string stamp = absl::StrCat("last_updated_time eq '", FormatStamp(now), "'");
  ASSERT_OK_AND_ASSIGN(const uint64_t moved, collection.Count(*ParseFilter(stamp), {}));
  EXPECT_EQ(moved, 20u);
  EXPECT_FALSE(collection.Republish(5, now)) << "not a day of this tenant";
}

}  // namespace
}  // namespace penstock::sandbox
