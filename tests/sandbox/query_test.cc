// SPDX-License-Identifier: Apache-2.0
#include "sandbox/query.h"

#include "tests/fakes/status_matchers.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

TEST(Query, ReadsConditionsJoinedByAnd) {
  ASSERT_OK_AND_ASSIGN(
      const auto filter,
      ParseFilter("created_time ge '2026-03-01T00:00:00.000Z' and created_time lt '2026-03-02' "
                  "and id eq 'a'"));
  ASSERT_EQ(filter.size(), 3u);
  EXPECT_EQ(filter[0].property, "created_time");
  EXPECT_EQ(filter[0].comparison, Comparison::kGe);
  EXPECT_EQ(filter[0].literal, "2026-03-01T00:00:00.000Z");
  EXPECT_EQ(filter[1].comparison, Comparison::kLt);
  EXPECT_EQ(filter[2].comparison, Comparison::kEq);
}

TEST(Query, ADoubledQuoteStandsForOne) {
  ASSERT_OK_AND_ASSIGN(const auto filter, ParseFilter("last_name eq 'O''Neill and sons'"));
  ASSERT_EQ(filter.size(), 1u);
  EXPECT_EQ(filter[0].literal, "O'Neill and sons");
}

TEST(Query, WhatTheApiIsNotKnownToUnderstandIsRefused) {
  for (const char* text :
       {"", "id", "id eq", "id eq 5", "created_time ge 2026-03-01T00:00:00Z", "id ne 'a'",
        "id eq 'a' or id eq 'b'", "not id eq 'a'", "(id eq 'a')", "contains(id,'a')", "id eq 'a",
        "id eq 'a' and", "id eq 'a'and id eq 'b'", "id eq'a'", "id EQ 'a'", "id eq \"a\"", "'a' eq id"}) {
    EXPECT_THAT(ParseFilter(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("$filter")))
        << text;
  }
}

TEST(Query, OrdersBySeveralKeys) {
  ASSERT_OK_AND_ASSIGN(const auto order, ParseOrder("created_time desc, id asc,user_id"));
  ASSERT_EQ(order.size(), 3u);
  EXPECT_TRUE(order[0].descending);
  EXPECT_FALSE(order[1].descending);
  EXPECT_EQ(order[2].property, "user_id");
  for (const char* text : {"", "id down", "id desc,", "id desc now", "1d", "tolower(id)"}) {
    EXPECT_THAT(ParseOrder(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("$orderby")))
        << text;
  }
}

TEST(Query, ReadsAllOptionsTogether) {
  ASSERT_OK_AND_ASSIGN(const Query query, ParseQuery({{"$top", "10"},
                                                      {"$skip", "20"},
                                                      {"$count", "true"},
                                                      {"$select", "id, user_id"},
                                                      {"$orderby", "id desc"},
                                                      {"$filter", "id gt 'a'"},
                                                      {"trace", "ignored"}}));
  EXPECT_EQ(query.top, 10u);
  EXPECT_EQ(query.skip, 20u);
  EXPECT_TRUE(query.count);
  EXPECT_EQ(query.select, (std::vector<std::string>{"id", "user_id"}));
  EXPECT_EQ(query.filter.size(), 1u);
  EXPECT_TRUE(query.skip_token.empty());
}

TEST(Query, OptionsThatMakeNoSenseAreRefused) {
  const std::vector<Parameters> bad = {{{"$top", "-1"}},
                                       {{"$top", "ten"}},
                                       {{"$top", ""}},
                                       {{"$skip", "99999999999999999999999"}},
                                       {{"$count", "yes"}},
                                       {{"$expand", "user"}},
                                       {{"$top", "1"}, {"$top", "2"}},
                                       {{"$skiptoken", ""}},
                                       {{"$skiptoken", "abc"}, {"$top", "5"}},
                                       {{"$select", "*"}}};
  for (const Parameters& parameters : bad) {
    EXPECT_THAT(ParseQuery(parameters), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("$")))
        << parameters.begin()->first << "=" << parameters.begin()->second;
  }
}

TEST(Query, ParametersAreDecodedAndKeepTheirEqualSigns) {
  EXPECT_EQ(
      DecodeParameters("%24filter=id+ge+%27a%2Bb%27&$top=5&set=500=2&&flag&bad=%zz%4"),
      (Parameters{
          {"$filter", "id ge 'a+b'"}, {"$top", "5"}, {"set", "500=2"}, {"flag", ""}, {"bad", "%zz%4"}}));
  EXPECT_TRUE(DecodeParameters("").empty());
}

TEST(Query, TextAndQueryAreInverse) {
  const std::string filter = "last_name eq 'O''Neill' and created_time ge '2026' and id gt ''";
  const std::string order = "created_time desc,id asc";
  ASSERT_OK_AND_ASSIGN(const auto conditions, ParseFilter(filter));
  ASSERT_OK_AND_ASSIGN(const auto keys, ParseOrder(order));
  EXPECT_EQ(FilterText(conditions), filter);
  EXPECT_EQ(OrderText(keys), order);
}

}  // namespace
}  // namespace penstock::sandbox
