// SPDX-License-Identifier: Apache-2.0
// A person is forgotten: who that is, what goes from the store, and what comes no more.
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "tests/coordinator/forget_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST_F(Forget, SoDoesOneWhoseConversationComesWhileTheStoreIsLookedThrough) {
  Fetch(kInteractions, {In("anns", "i1"), In("bobs", "i2")});
  ForgetAnn();
  KeptStore::after_read = [this] { Fetch(kConversations, {Of("77", "anns")}); };
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
    const std::vector<store::Quarantined> quarantined = *store_->ListQuarantine(1);
    for (const store::Quarantined& entry : quarantined) {
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

TEST_F(Forget, ARowThatBecomesSomebodyElsesWhileTheStoreIsLookedThroughStays) {
  FetchEverything();
  ForgetAnn();
  KeptStore::after_read = [this] { Fetch(kConversations, {Of("88", "anns", kLater)}); };
  EXPECT_TRUE(Work());
  EXPECT_THAT(Ids(kConversations), ElementsAre("anns", "bobs"));
  EXPECT_THAT(Ids(kInteractions), ElementsAre("i2"));
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
