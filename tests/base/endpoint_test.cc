// SPDX-License-Identifier: Apache-2.0
#include "base/endpoint.h"

#include <set>

#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Endpoint, EveryNameIsReadBackAsTheSameEndpoint) {
  std::set<std::string> names;
  for (Endpoint endpoint : kAllEndpoints) {
    ASSERT_OK_AND_ASSIGN(Endpoint parsed, ParseEndpoint(Name(endpoint)));
    EXPECT_EQ(parsed, endpoint);
    names.insert(std::string(Name(endpoint)));
  }
  EXPECT_EQ(names.size(), 5u);
}

TEST(Endpoint, TheStoredNumbersNeverChange) {
  EXPECT_EQ(static_cast<int>(Endpoint::kConversations), 1);
  EXPECT_EQ(static_cast<int>(Endpoint::kInteractions), 2);
  EXPECT_EQ(static_cast<int>(Endpoint::kPluginCalls), 3);
  EXPECT_EQ(static_cast<int>(Endpoint::kPluginResources), 4);
  EXPECT_EQ(static_cast<int>(Endpoint::kUsers), 5);
}

TEST(Endpoint, AnUnknownNameIsNamedAndTheValidOnesAreListed) {
  EXPECT_THAT(ParseEndpoint("plugins"), StatusIs(absl::StatusCode::kInvalidArgument,
                                                 AllOf(HasSubstr("'plugins'"), HasSubstr("plugin-calls"))));
  EXPECT_THAT(ParseEndpoint("Users"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'Users'")));
}

TEST(Endpoint, AListKeepsItsOrderAndLosesItsDuplicates) {
  ASSERT_OK_AND_ASSIGN(std::vector<Endpoint> endpoints, ParseEndpoints("plugin-calls,users,plugin-calls"));
  EXPECT_THAT(endpoints, ElementsAre(Endpoint::kPluginCalls, Endpoint::kUsers));
}

TEST(Endpoint, AnEmptyListMeansAllFive) {
  ASSERT_OK_AND_ASSIGN(std::vector<Endpoint> endpoints, ParseEndpoints(""));
  EXPECT_EQ(endpoints.size(), 5u);
}

TEST(Endpoint, AnEmptyWordInAListIsRefused) {
  EXPECT_THAT(ParseEndpoints("users,"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("''")));
}

TEST(Endpoint, OnlyUsersHaveNoCreatedTime) {
  for (Endpoint endpoint : kAllEndpoints) EXPECT_EQ(HasCreatedTime(endpoint), endpoint != Endpoint::kUsers);
}

}  // namespace
}  // namespace penstock
