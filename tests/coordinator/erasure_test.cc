// SPDX-License-Identifier: Apache-2.0
// How the forgetting of a person goes on: cut off, refused, asked for again, until it is over.
#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "tests/coordinator/forget_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST_F(Forget, ASweepThatWasStoppedOrFailedGoesOnAfterARestart) {
  FetchEverything();
  ForgetAnn();
  stop_ = true;
  EXPECT_THAT(SweepStore(*core_, 1, 1, stop_), StatusIs(absl::StatusCode::kCancelled, HasSubstr("goes on")));
  stop_ = false;
  KeptStore::refuse_commits = absl::ResourceExhaustedError("the disk is full");
  EXPECT_THAT(SweepStore(*core_, 1, 1, stop_),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("full")));
  KeptStore::refuse_commits = absl::OkStatus();
  Start();
  EXPECT_FALSE(Erasure(1).has_erased_here());
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
  EXPECT_EQ(Erasure(1).rows_size(), 3);
  EXPECT_FALSE(Work()) << "warehouse has not heard of it";
}

TEST_F(Forget, WhereverItIsCutOffItEndsTheSameAfterARestart) {
  bool cut = true;
  int commits = 0;
  for (; cut; ++commits) {
    SCOPED_TRACE(absl::StrCat("cut off after commit ", commits));
    store_ = store::NewMemoryStore("store", 1);
    Start();
    Fetch(kInteractions, {In("anns", "i0")}, {Broken(R"({"id":null,"user_id":77})")});
    FetchEverything();
    ForgetAnn();
    cut = false;
    int left = commits;
    const auto work = [&] {
      KeptStore::during_commit = [&] {
        if (--left == 0) KeptStore::refuse_commits = absl::UnavailableError("killed");
      };
      if (left == 0) KeptStore::refuse_commits = absl::UnavailableError("killed");
      const absl::StatusOr<bool> worked = TryWork();
      KeptStore::during_commit = nullptr;
      KeptStore::refuse_commits = absl::OkStatus();
      if (worked.ok()) return *worked;
      cut = true;
      left = -1;
      Start();
      return true;
    };
    while (work()) {
    }
    for (int restarts = 0; restarts < 2; ++restarts) {
      Loaded("warehouse");
      while (work()) {
      }
    }
    EXPECT_TRUE(Erasure(1).has_finished());
    EXPECT_THAT(Words(), IsEmpty());
    EXPECT_THAT(Ids(kUsers), ElementsAre("88"));
    EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
    EXPECT_THAT(Ids(kInteractions), ElementsAre("i2"));
    EXPECT_EQ(Counted(kInteractions), 3u);
    const v1::Erasure erasure = Erasure(1);
    std::map<Endpoint, uint64_t> rows;
    for (const v1::ErasedRows& of : erasure.rows()) rows[FromProto(of.endpoint())] = of.rows();
    EXPECT_THAT(rows, UnorderedElementsAre(Pair(kUsers, 1), Pair(kConversations, 1), Pair(kInteractions, 2)));
    EXPECT_EQ(erasure.quarantined(), 1u);
  }
  EXPECT_GT(commits, 5);
}

TEST_F(Forget, WordStaysUntilEveryDestinationHeardItAndGoesThen) {
  FetchEverything();
  Loaded("warehouse");
  Loaded("old");  // by an earlier configuration
  ForgetAnn();
  Work();
  EXPECT_THAT(Words(), UnorderedElementsAre("77", "anns", "i1"));
  EXPECT_FALSE(Work());
  ASSERT_EQ(Erasure(1).destinations_size(), 2);
  EXPECT_THAT(Erasure(1).destinations(0).why(), HasSubstr("no configuration names it here"));
  EXPECT_THAT(Erasure(1).destinations(1).why(), HasSubstr("changes behind"));

  Loaded("warehouse");
  EXPECT_EQ(Erasure(1).destinations(1).why(), "");
  EXPECT_FALSE(Work());
  Loaded("old");
  EXPECT_TRUE(Work());
  EXPECT_THAT(Words(), IsEmpty());
  EXPECT_TRUE(Erasure(1).has_finished());
  EXPECT_THAT(Erasure(1).destinations(), IsEmpty());
  EXPECT_FALSE(Work());
}

TEST_F(Forget, ADestinationIsAskedAnewAfterEachStart) {
  FetchEverything();
  ForgetAnn();
  Work();
  Loaded("warehouse");
  Start();  // meanwhile it may have been put back from a backup
  EXPECT_FALSE(Work());
  EXPECT_THAT(Erasure(1).destinations(0).why(), HasSubstr("since the coordinator started"));
}

TEST_F(Forget, APausedDestinationIsNamed) {
  FetchEverything();
  v1::PauseDestinationRequest pause;
  pause.set_name("warehouse");
  ASSERT_OK(admin_->PauseDestination(pause));
  EXPECT_THAT(ForgetAnn().destinations(0).why(), HasSubstr("looked through"));
  Work();
  EXPECT_EQ(Erasure(1).destinations(0).why(), "it is paused");
}

TEST_F(Forget, WhoeverOnlyReadsTheStateIsToldThatNothingGoesOn) {
  FetchEverything();
  ForgetAnn();
  CoreOptions reading = Options();
  reading.read_only = true;
  Start(reading);
  EXPECT_EQ(Erasure(1).trouble(), "no coordinator runs now");
}

TEST_F(Forget, TwoPeopleAreTwoErasuresEachWithItsOwnCounts) {
  FetchEverything();
  ForgetAnn();
  v1::ForgetRequest bob;
  bob.add_users("88");
  EXPECT_EQ(admin_->Forget(bob)->number(), 2u);
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), IsEmpty());
  EXPECT_EQ(Erasure(2).rows_size(), 3);
  EXPECT_EQ(admin_->ListErasures({})->erasures_size(), 2);
}

TEST_F(Forget, AskedForTwiceItIsErasedByTheFirstAndTheSecondFindsNothing) {
  FetchEverything();
  ForgetAnn();
  EXPECT_EQ(ForgetAnn().number(), 2u);
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
  EXPECT_FALSE(Erasure(2).has_erased_here());
  EXPECT_TRUE(Work());
  EXPECT_EQ(Erasure(1).rows_size(), 3);
  EXPECT_EQ(Erasure(2).rows_size(), 0);
}

TEST_F(Forget, ARequestThatComesAgainLaterErasesWhatAnOldCopyBroughtBack) {
  FetchEverything();
  ForgetAnn();
  Work();
  // As if by a version that knows of no suppressions.
  store::Batch batch;
  batch.page.emplace();
  batch.page->source = 1;
  batch.page->endpoint = kConversations;
  batch.page->permit = 1'000;
  batch.page->rows = {Of("77", "anns", kLater)};
  ASSERT_OK(store_->Commit(std::move(batch)));
  Start();
  ForgetAnn();
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
  EXPECT_EQ(Counted(kConversations), 2u);
}

TEST_F(Forget, OneThatIsNotOverAfterAWeekIsAnAlarm) {
  FetchEverything();
  ForgetAnn();
  Work();
  const auto stands = [&] {
    const v1::GetStatusResponse status = *admin_->GetStatus({});
    const auto& alarms = status.sources(0).alarms();
    return std::any_of(alarms.begin(), alarms.end(),
                       [](const v1::Alarm& alarm) { return alarm.name() == "not-erased"; });
  };
  EXPECT_FALSE(stands());
  clock_.Advance(kErasureMayTake);
  EXPECT_TRUE(stands());
  Loaded("warehouse");
  Work();
  EXPECT_FALSE(stands());
}

TEST_F(Forget, WhatIsKeptForGoodNamesNobody) {
  FetchEverything();
  Loaded("warehouse");
  ForgetAnn();
  Work();
  Loaded("warehouse");
  Work();
  ASSERT_TRUE(Erasure(1).has_finished());
  EXPECT_OK(store_->ForEachRecord([](store::Record record) {
    const std::string text =
        std::visit([](const auto& message) { return message.ShortDebugString(); }, record);
    for (const char* word : {"\"77\"", "anns", "example.com\""}) {
      EXPECT_FALSE(absl::StrContains(absl::AsciiStrToLower(text), word)) << text;
    }
  }));
}

TEST_F(Forget, WithAnotherKeyTheStateDoesNotStart) {
  ForgetAnn();
  for (const std::string& key : {std::string(kHashKeyBytes, 'l'), std::string()}) {
    CoreOptions options = Options();
    options.forget_key = key;
    EXPECT_THAT(
        Core::Open(std::make_unique<KeptStore>(store_, 9), clock_, random_, options).status(),
        StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("forget-key is missing or another one")));
  }
  CoreOptions reading = Options();
  reading.forget_key.clear();
  reading.read_only = true;
  EXPECT_OK(Core::Open(std::make_unique<KeptStore>(store_, 9), clock_, random_, reading));
  Start();
}

}  // namespace
}  // namespace penstock::coordinator
