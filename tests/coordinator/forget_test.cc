// SPDX-License-Identifier: Apache-2.0
// A person is forgotten: what goes from the store, what comes no more, and when it is over.
#include <algorithm>
#include <atomic>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/erase_sweep.h"
#include "coordinator/forgotten.h"
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kStamp[] = "2026-02-21T06:00:00.000Z";
constexpr char kLater[] = "2026-02-22T06:00:00.000Z";
constexpr Endpoint kConversations = Endpoint::kConversations;
constexpr Endpoint kInteractions = Endpoint::kInteractions;
constexpr Endpoint kUsers = Endpoint::kUsers;

// Ann is user 77, Bob is user 88.
class Forget : public CoordinatorFixture {
 protected:
  static v1::Row User(const std::string& id, const std::string& address) {
    return Row(id, kStamp, absl::StrCat(",\"email_addr\":\"", address, "\""));
  }
  static v1::Row Of(const std::string& user, const std::string& id, const char* stamp = kStamp) {
    return Row(id, stamp, absl::StrCat(",\"user_id\":\"", user, "\""));
  }
  // Without a user_id.
  static v1::Row In(const std::string& conversation, const std::string& id) {
    return Row(id, kStamp, absl::StrCat(",\"conversation_id\":\"", conversation, "\""));
  }
  static v1::QuarantinedRecord Broken(const std::string& raw) {
    v1::QuarantinedRecord record;
    record.set_raw(raw);
    record.set_reason("it has no id");
    return record;
  }

  // A job that reads one page of the endpoint. What came of it.
  v1::PageCounts Fetch(Endpoint endpoint, std::vector<v1::Row> rows,
                       std::vector<v1::QuarantinedRecord> quarantined = {}) {
    Backfill({endpoint});
    const std::vector<v1::FetchAssignment> leases = Lease("fetcher");
    EXPECT_FALSE(leases.empty());
    const absl::StatusOr<v1::CommitPageResponse> response =
        workers_->CommitPage(Header(leases[0], 0, ""), std::move(rows), std::move(quarantined));
    EXPECT_OK(response);
    FinishAll("fetcher");
    return response->counts();
  }
  void FetchEverything() {
    Fetch(kUsers, {User("77", "Ann@Example.com"), User("88", "bob@example.com")});
    Fetch(kConversations, {Of("77", "anns"), Of("88", "bobs")});
    Fetch(kInteractions, {Of("77", "i1"), Of("88", "i2")});
  }

  v1::Erasure ForgetAnn() {
    v1::ForgetRequest request;
    request.add_users("77");
    request.add_addresses("ann@example.com");
    request.set_requested_by("carol");
    absl::StatusOr<v1::Erasure> erasure = admin_->Forget(request);
    EXPECT_OK(erasure);
    return erasure.value_or(v1::Erasure());
  }
  // What the coordinator does behind the answer, once. False: nothing is due.
  bool Work() {
    std::optional<ErasureWork> work;
    {
      const Core::Turn turn = core_->Enter();
      work = DueErasure(*core_);
    }
    if (!work.has_value()) return false;
    EXPECT_OK(work->sweep ? SweepStore(*core_, work->source, work->number, stop_)
                          : FinishErasure(*core_, work->source, work->number, stop_));
    return true;
  }
  v1::Erasure Erasure(uint64_t number) {
    v1::GetErasureRequest request;
    request.set_number(number);
    return *admin_->GetErasure(request);
  }
  // As if a worker had told that the destination holds everything.
  void Loaded(const std::string& destination) {
    const Core::Turn turn = core_->Enter();
    storage::LoadRecord load;
    load.set_source(1);
    load.set_destination(destination);
    load.set_loaded(core_->state().sources().at(1).last_change());
    ASSERT_OK(core_->Commit(turn, {load}));
    core_->load_try(1, destination).checked = true;
  }

  std::vector<std::string> Ids(Endpoint endpoint) {
    std::vector<std::string> ids;
    EXPECT_OK(store_->ScanRows(1, endpoint, [&](const v1::Row& row) {
      ids.push_back(row.id());
      return true;
    }));
    return ids;
  }
  uint64_t Counted(Endpoint endpoint) {
    return store_->CountRows(1, endpoint, std::nullopt, std::nullopt).value_or(999);
  }
  std::vector<std::string> Words() {
    std::vector<std::string> ids;
    for (const v1::Change& change : store_->ReadChanges(1, 0, 1 << 20)->changes) {
      if (change.erased()) ids.push_back(change.row().id());
    }
    return ids;
  }
  std::atomic<bool> stop_ = false;
};

TEST_F(Forget, EveryRecordOfThePersonGoesTheOthersStayAndTheCountsToo) {
  FetchEverything();
  ForgetAnn();
  EXPECT_THAT(Ids(kUsers), ElementsAre("88")) << "at once";
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
  EXPECT_THAT(Ids(kInteractions), ElementsAre("i2"));
  for (Endpoint endpoint : {kUsers, kConversations, kInteractions}) EXPECT_EQ(Counted(endpoint), 2u);
  const v1::Erasure erasure = Erasure(1);
  EXPECT_TRUE(erasure.has_erased_here());
  EXPECT_EQ(erasure.requested_by(), "carol");
  ASSERT_EQ(erasure.rows_size(), 3);
  for (const v1::ErasedRows& rows : erasure.rows()) EXPECT_EQ(rows.rows(), 1u);
}

TEST_F(Forget, ALaterReadingDoesNotBringThePersonBack) {
  FetchEverything();
  ForgetAnn();
  Work();
  const uint64_t head = core_->state().sources().at(1).last_change();
  EXPECT_EQ(Fetch(kUsers, {User("77", "ann@example.com"), User("88", "bob@example.com")}).identical(), 2u);
  EXPECT_EQ(Fetch(kConversations, {Of("77", "anns"), Of("88", "bobs")}).identical(), 2u);
  EXPECT_EQ(core_->state().sources().at(1).last_change(), head) << "nothing new for anybody";
  EXPECT_EQ(Fetch(kConversations, {Of("77", "anns", kLater)}).updated(), 1u);
  EXPECT_THAT(Ids(kUsers), ElementsAre("88"));
  EXPECT_THAT(Ids(kConversations), ElementsAre("bobs"));
}

TEST_F(Forget, WhatIsNewOfThePersonIsCountedAndNotStored) {
  ForgetAnn();
  Work();
  EXPECT_EQ(Fetch(kConversations, {Of("77", "anns")}).inserted(), 1u);
  EXPECT_EQ(Fetch(kInteractions, {In("anns", "i1"), In("bobs", "i2")}).inserted(), 2u)
      << "i1 does not say whose it is; its conversation was Ann's";
  EXPECT_THAT(Ids(kConversations), IsEmpty());
  EXPECT_THAT(Ids(kInteractions), ElementsAre("i2"));
  EXPECT_EQ(Counted(kConversations), 1u);
  EXPECT_EQ(Counted(kInteractions), 2u);
}

TEST_F(Forget, ARecordThatCameBeforeItsConversationGoesWithIt) {
  Fetch(kInteractions, {In("anns", "i1"), In("bobs", "i2")});
  Fetch(kConversations, {Of("77", "anns"), Of("88", "bobs")});
  ForgetAnn();
  Work();
  EXPECT_THAT(Ids(kInteractions), ElementsAre("i2"));
}

TEST_F(Forget, ARecordOfSomebodyElseInTheirConversationStays) {
  Fetch(kConversations, {Of("77", "anns")});
  Fetch(kInteractions, {Row("i1", kStamp, R"(,"user_id":"88","conversation_id":"anns")"), In("anns", "i2")});
  ForgetAnn();
  Work();
  EXPECT_THAT(Ids(kInteractions), ElementsAre("i1"));
}

TEST_F(Forget, AQuarantinedRecordThatNamesThePersonGoesAndIsNotKeptAgain) {
  const std::vector<v1::QuarantinedRecord> broken = {Broken(R"({"id":null,"email_addr":"ANN@example.com"})"),
                                                     Broken(R"({"id":{},"user_id":77})"),
                                                     Broken(R"({"id":null,"email_addr":"bob@example.com"})")};
  Fetch(kUsers, {}, broken);
  ForgetAnn();
  Work();
  const auto bobs = [&] {
    size_t kept = 0, all = 0;
    for (const store::Quarantined& entry : *store_->ListQuarantine(1)) {
      EXPECT_FALSE(absl::StrContains(entry.record.raw(), "ANN@"));
      EXPECT_FALSE(absl::StrContains(entry.record.raw(), "77}"));
      kept += absl::StrContains(entry.record.raw(), "bob@");
      ++all;
    }
    EXPECT_EQ(all, 3u) << "the source has as many";
    return kept;
  };
  EXPECT_EQ(bobs(), 1u);
  EXPECT_EQ(Erasure(1).quarantined(), 2u);
  Fetch(kUsers, {}, broken);
  EXPECT_EQ(bobs(), 1u);
}

TEST_F(Forget, ARecordOfMoreWordsThanAnyoneLooksAtIsNotKept) {
  ForgetAnn();
  Work();
  std::string raw = "{\"id\":null,\"list\":[0";
  for (size_t i = 0; i < kQuarantineWordsMax; ++i) absl::StrAppend(&raw, ",1");
  Fetch(kUsers, {}, {Broken(raw + "]}")});
  ASSERT_THAT(*store_->ListQuarantine(1), SizeIs(1));
  EXPECT_EQ(store_->ListQuarantine(1)->front().record.raw().size(), 64u);
}

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

TEST_F(Forget, WordStaysUntilEveryDestinationHeardItAndGoesThen) {
  FetchEverything();
  Loaded("warehouse");
  Loaded("old");  // by an earlier configuration
  ForgetAnn();
  Work();
  EXPECT_THAT(Words(), ::testing::UnorderedElementsAre("77", "anns", "i1"));
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

TEST_F(Forget, APersonIsFoundByTheirAddressInAnyCase) {
  FetchEverything();
  Fetch(kUsers, {User("99", "ANN@EXAMPLE.COM")});
  v1::FindPersonRequest request;
  request.set_address("ann@example.com");
  ASSERT_OK_AND_ASSIGN(const v1::Person person, admin_->FindPerson(request));
  EXPECT_THAT(person.users(), ElementsAre("77", "99"));
  EXPECT_THAT(person.addresses(), ElementsAre("Ann@Example.com"));
  EXPECT_EQ(person.stored(), 2u);
  request.set_address("nobody@example.com");
  EXPECT_THAT(admin_->FindPerson(request), StatusIs(absl::StatusCode::kNotFound, HasSubstr("--user ID")));
}

TEST_F(Forget, APersonIsFoundByTheirIdWhetherStoredOrNot) {
  FetchEverything();
  v1::FindPersonRequest request;
  request.set_user("77");
  ASSERT_OK_AND_ASSIGN(v1::Person person, admin_->FindPerson(request));
  EXPECT_THAT(person.addresses(), ElementsAre("Ann@Example.com"));
  EXPECT_EQ(person.stored(), 1u);
  request.set_user("unknown");
  ASSERT_OK_AND_ASSIGN(person, admin_->FindPerson(request));
  EXPECT_THAT(person.users(), ElementsAre("unknown"));
  EXPECT_EQ(person.stored(), 0u);
  request.set_address("a@example.com");
  EXPECT_THAT(admin_->FindPerson(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("one of the two")));
}

TEST_F(Forget, WhatNamesNobodyIsRefused) {
  v1::ForgetRequest request;
  EXPECT_THAT(admin_->Forget(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no user id")));
  request.add_users("");
  EXPECT_THAT(admin_->Forget(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 bytes")));
  *request.mutable_users(0) = std::string(kForgottenBytesMax + 1, '7');
  EXPECT_THAT(admin_->Forget(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1025 bytes")));
  EXPECT_THAT(core_->state().erasures(), IsEmpty());
  EXPECT_THAT(admin_->GetErasure({}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("no erasure 0")));
}

}  // namespace
}  // namespace penstock::coordinator
