// SPDX-License-Identifier: Apache-2.0
#include "sandbox/fault_plan.h"

#include <set>

#include "base/instant.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

FaultPlan Plan(const std::vector<std::string>& words, uint64_t seed = 1) {
  auto plan = FaultPlan::Parse(words, seed);
  EXPECT_OK(plan);
  return *std::move(plan);
}

std::string Strikes(FaultPlan plan, Fault fault, int chances, Endpoint endpoint = Endpoint::kUsers) {
  std::string text;
  for (int i = 0; i < chances; ++i) text += plan.Strikes(fault, endpoint) ? 'x' : '.';
  return text;
}

TEST(FaultPlan, WithoutArgumentAlwaysWithACountTheFirstOnes) {
  EXPECT_EQ(Strikes(Plan({"500"}), Fault::k500, 4), "xxxx");
  EXPECT_EQ(Strikes(Plan({"500=2"}), Fault::k500, 4), "xx..");
  EXPECT_EQ(Strikes(Plan({"500=0"}), Fault::k500, 4), "....");
  EXPECT_EQ(Strikes(Plan({"500=1.0"}), Fault::k500, 4), "xxxx");
  EXPECT_EQ(Strikes(Plan({"401-once"}), Fault::k401Once, 3), "x..");
  EXPECT_EQ(Strikes(Plan({"500"}), Fault::k503, 2), "..");
}

TEST(FaultPlan, AShareStrikesAboutThatOftenAndTheSameWayForASeed) {
  const std::string first = Strikes(Plan({"cut=0.25"}, 5), Fault::kCut, 2000);
  EXPECT_NEAR(std::count(first.begin(), first.end(), 'x'), 500, 60);
  EXPECT_EQ(first, Strikes(Plan({"cut=0.25"}, 5), Fault::kCut, 2000));
  EXPECT_NE(first, Strikes(Plan({"cut=0.25"}, 6), Fault::kCut, 2000));
}

TEST(FaultPlan, StrikesOnlyTheEndpointItIsMeantFor) {
  EXPECT_EQ(Strikes(Plan({"403@users"}), Fault::k403, 2, Endpoint::kUsers), "xx");
  EXPECT_EQ(Strikes(Plan({"403@users"}), Fault::k403, 2, Endpoint::kPluginCalls), "..");
  EXPECT_EQ(Strikes(Plan({"403=1@users", "403=2@plugin-calls"}), Fault::k403, 3, Endpoint::kPluginCalls),
            "xx.");
}

TEST(FaultPlan, HandsOutUrlsKeysAndDays) {
  FaultPlan plan = Plan({"foreign-link=http://user@evil.test/x", "link-case=@nextLink@users",
                         "held-back=2026-03-05", "held-back=2026-03-07@users"});
  EXPECT_EQ(plan.Strikes(Fault::kForeignLink, Endpoint::kUsers), "http://user@evil.test/x");
  EXPECT_EQ(plan.Strikes(Fault::kLinkCase, Endpoint::kUsers), "@nextLink");
  EXPECT_EQ(plan.Strikes(Fault::kLinkCase, Endpoint::kPluginCalls), std::nullopt);
  EXPECT_EQ(plan.HeldBack(Endpoint::kUsers).size(), 2u);
  EXPECT_EQ(plan.HeldBack(Endpoint::kPluginCalls), std::vector<int64_t>{DayNumber(*ParseDate("2026-03-05"))});
}

TEST(FaultPlan, CountsWhatStruck) {
  FaultPlan plan = Plan({"500=2"});
  for (int i = 0; i < 5; ++i) plan.Strikes(Fault::k500, Endpoint::kUsers);
  EXPECT_EQ(plan.struck(), (std::map<std::string, uint64_t>{{"500", 2}}));
}

TEST(FaultPlan, WordsThatMeanNothingAreNamed) {
  for (const char* word : {"501", "", "500=often", "500=1.5", "500=-1", "500=", "403@nowhere", "held-back",
                           "held-back=yesterday", "foreign-link", "link-case="}) {
    EXPECT_THAT(FaultPlan::Parse({word}, 1), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::Not("")))
        << word;
  }
  EXPECT_THAT(FaultPlan::Parse({"501"}, 1),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("slow-drip")));
}

TEST(FaultPlan, EveryFaultHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const FaultInfo& info : AllFaults()) {
    EXPECT_FALSE(info.name.empty());
    EXPECT_FALSE(info.help.empty()) << info.name;
    names.insert(std::string(info.name));
  }
  EXPECT_EQ(names.size(), AllFaults().size());
}

}  // namespace
}  // namespace penstock::sandbox
