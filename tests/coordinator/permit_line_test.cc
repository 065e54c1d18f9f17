// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "coordinator/permit_desk.h"

namespace penstock::coordinator {
namespace {

PermitAsk Ask(const std::string& id, WorkClass work, uint64_t job = 1,
              Endpoint endpoint = Endpoint::kConversations) {
  return {id, 1, endpoint, 1001, job, {work, 0}};
}

// Gives the permit to the first in line and has it stand in line again.
std::string GiveNext(PermitDesk& desk) {
  const PermitAsk first = desk.Waiting(1).front();
  desk.Give(first.request_id, 1, absl::ZeroDuration());
  desk.Join(first);
  return first.request_id;
}

TEST(PermitLine, ASyncOvertakesABackfillAtTheNextPermit) {
  PermitDesk desk;
  for (int i = 0; i < 14; ++i) desk.Join(Ask(absl::StrCat("backfill-", i), WorkClass::kBackfill));
  desk.Give("backfill-0", 1, absl::ZeroDuration());
  const PermitAsk sync = Ask("sync", WorkClass::kSync, 2);
  desk.Join(sync);
  EXPECT_EQ(desk.Ahead(sync), 0u);
}

TEST(PermitLine, ABackfillKeepsAFifthHoweverMuchElseWaits) {
  PermitDesk desk;
  desk.Join(Ask("deadline", WorkClass::kDeadline));
  desk.Join(Ask("sync", WorkClass::kSync, 2));
  desk.Join(Ask("backfill", WorkClass::kBackfill, 3));
  std::map<std::string, int> given;
  for (int i = 0; i < 100; ++i) ++given[GiveNext(desk)];
  EXPECT_EQ(given["backfill"], 20);
  EXPECT_EQ(given["deadline"], 80);
}

TEST(PermitLine, ABackfillsShareIsTheConfiguredOne) {
  PermitDesk desk;
  desk.KeepShare(1, 0.5);
  desk.Join(Ask("sync", WorkClass::kSync, 2));
  desk.Join(Ask("backfill", WorkClass::kBackfill, 3));
  std::map<std::string, int> given;
  for (int i = 0; i < 300; ++i) GiveNext(desk);
  for (int i = 0; i < 100; ++i) ++given[GiveNext(desk)];
  EXPECT_EQ(given["backfill"], 50);
}

TEST(PermitLine, ASyncMeetsNoBackfillUntilTheShareOfFiveMinutesIsUsedUp) {
  PermitDesk desk;
  desk.Join(Ask("backfill", WorkClass::kBackfill, 3));
  for (int i = 0; i < 1'000; ++i) GiveNext(desk);
  desk.Join(Ask("sync", WorkClass::kSync, 2));
  for (int i = 0; i < static_cast<int>(kBackfillCreditMax); ++i) ASSERT_EQ(GiveNext(desk), "sync") << i;
  std::map<std::string, int> given;
  for (int i = 0; i < 100; ++i) ++given[GiveNext(desk)];
  EXPECT_EQ(given["backfill"], 20);
}

TEST(PermitLine, WhatGoesPastNobodyCostsABackfillNothing) {
  PermitDesk desk;
  desk.Join(Ask("sync", WorkClass::kSync, 2));
  for (int i = 0; i < 100; ++i) GiveNext(desk);
  desk.Join(Ask("backfill", WorkClass::kBackfill, 3));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(GiveNext(desk), "sync");
  EXPECT_EQ(GiveNext(desk), "backfill");
}

TEST(PermitLine, OfTwoBackfillsTheOneThatAPersonPutFirstComesFirst) {
  PermitDesk desk;
  desk.Join(Ask("usual", WorkClass::kBackfill, 1));
  PermitAsk first = Ask("first", WorkClass::kBackfill, 2);
  first.urgency.behind = -10;
  desk.Join(first);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(GiveNext(desk), "first");
  desk.Join(Ask("sync", WorkClass::kSync, 3));
  EXPECT_EQ(GiveNext(desk), "sync");
}

TEST(PermitLine, WithinAClassTheEndpointServedLongestAgoComesFirst) {
  PermitDesk desk;
  for (int i = 0; i < 10; ++i) {
    desk.Join(Ask(absl::StrCat("resources-", i), WorkClass::kBackfill, 1, Endpoint::kPluginResources));
  }
  desk.Join(Ask("interactions", WorkClass::kBackfill, 1, Endpoint::kInteractions));
  int interactions = 0;
  for (int i = 0; i < 10; ++i) interactions += GiveNext(desk) == "interactions";
  EXPECT_EQ(interactions, 5);
}

}  // namespace
}  // namespace penstock::coordinator
