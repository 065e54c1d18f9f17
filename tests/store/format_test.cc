// SPDX-License-Identifier: Apache-2.0
// What format 1 looks like on the disks of those who run Penstock. A later version must read these bytes; a
// test that fails here is a new format (kValueFormat), not a typo.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "proto/storage.pb.h"
#include "store/encoding.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::store {
namespace {

using google::protobuf::Message;
using google::protobuf::TextFormat;

struct Kept {
  const char* type;
  const char* text;  // @ is a moment
  const char* bytes;
};

const Kept kFormat1[] = {
    // clang-format off
    {"StoreIdentity", R"(store_id: "00ff" epoch: 1772000001 commit: 300 )",
     "010a04303066661081a6facc0618ac02"},
    {"SourceRecord", R"(id: 1 name: "acme" url: "https://h/records" last_change: 300 blocked: "401" )"
     R"(blocked_endpoints { key: 5 value: "403" } first_contact @ per_minute: 60 users_per_minute: )"
     R"(30 retention_ms: 2592000000 publication_lag_ms: 172800000 )",
     "010801120461636d651a1168747470733a2f2f682f7265636f72647320ac022a033430313207080512033430333a0b0880a6"
     "facc0610c096b102403c481e508090fbd3095880f0b252"},
    {"JobRecord", R"(number: 1 source: 1 kind: BACKFILL state: RUNNING endpoints: 1 endpoints: 5 from @ to @ )"
     R"(created @ finished @ server_start @ requested_by: "me" )",
     "0108011001180120012a020105320b0880a6facc0610c096b1023a0b0880a6facc0610c096b102420b0880a6facc0610c096"
     "b1024a0b0880a6facc0610c096b102520b0880a6facc0610c096b1025a026d65"},
    {"WindowRecord", R"(number: 1001 job: 1 source: 1 endpoint: 4 axis: 2 purpose: CLOSING state: PARKED from @ to )"
     R"(@ token_epoch: 7 token_counter: 8 worker: "w" chain: 2 next_page: 3 next_link: "l" )"
     R"(restarts: 1 failed_leases: 2 reason: "r" pages: 9 counts { fetched: 6 inserted: 5 updated: )"
     R"(4 identical: 3 older: 2 quarantined: 1 } begun @ finished @ refused: true chain_records: )"
     R"(500 chain_fetched: 400 )",
     "0108e907100118012004280230023804420b0880a6facc0610c096b1024a0b0880a6facc0610c096b1025007580862017768"
     "0270037a016c80010188010292010172980109a2010c080610051804200328023001aa010b0880a6facc0610c096b102b201"
     "0b0880a6facc0610c096b102b80101c001f403c8019003"},
    {"RowRecord", R"(raw: "{}" created_time @ last_updated_time @ change: 300 permit: 301 )",
     "010a027b7d120b0880a6facc0610c096b1021a0b0880a6facc0610c096b10220ac0228ad02"},
    {"QuarantineRecord", R"(raw: "{}" reason: "no id" first_seen @ window: 1001 )",
     "010a027b7d12056e6f2069641a0b0880a6facc0610c096b10220e907"},
    {"DayCounterRecord", R"(rows: 500 )",
     "0108f403"},
    {"SlotRecord", R"(source: 1 ring: 1 index: 59 permit: 300 boot_id: "b" free_at_boot_ms: 3600000 )",
     "0108011001183b20ac022a01623080dddb01"},
    {"BudgetRecord", R"(source: 1 last_permit: 300 paused_until @ lowered_limit: 42 lowered_at @ refusals: 2 )",
     "01080110ac021a0b0880a6facc0610c096b102202a2a0b0880a6facc0610c096b1023002"},
    {"LoadRecord", R"(source: 1 destination: "pg" loaded: 300 failure: "f" failure_kind: 2 rows: 10 irregular: 1 )"
     R"(last_report @ )",
     "0108011202706718ac022201662802300a3801420b0880a6facc0610c096b102"},
    {"RowPlace", R"(change: 300 permit: 301 created_time @ last_updated_time @ raw_bytes: 2 )",
     "0108ac0210ad021a0b0880a6facc0610c096b102220b0880a6facc0610c096b1022802"},
    {"ChangedRow", R"(endpoint: 1 id: "x" row { raw: "{}" change: 300 } )",
     "0108011201781a070a027b7d20ac02"},
    {"ChangedRow", R"(endpoint: 1 id: "x" erased: true )",
     "0108011201782001"},
    {"RowRecord", R"(last_updated_time @ change: 300 permit: 301 stand_in: true )",
     "011a0b0880a6facc0610c096b10220ac0228ad023001"},
    {"SuppressionRecord", R"(source: 1 hash: "ab" erasure: 3 key_check: "cd" )",
     "01080112026162180322026364"},
    {"ErasureRecord", R"(source: 1 number: 3 requested @ requested_by: "me" rows { key: 5 value: 1 } )"
     R"(quarantined: 2 first_change: 301 last_change: 302 erased_here @ finished @ )",
     "01080110031a0b0880a6facc0610c096b10222026d652a0408051001300238ad0240ae024a0b0880a6facc0610c096b10252"
     "0b0880a6facc0610c096b102"},
    // clang-format on
};

std::unique_ptr<Message> NewMessage(const std::string& type) {
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat("penstock.storage.", type));
  if (descriptor == nullptr) return nullptr;
  const auto* factory = google::protobuf::MessageFactory::generated_factory();
  return std::unique_ptr<Message>(
      const_cast<google::protobuf::MessageFactory*>(factory)->GetPrototype(descriptor)->New());
}

TEST(Format, BytesOfFormatOneAreReadAndWrittenAsEver) {
  for (const Kept& kept : kFormat1) {
    SCOPED_TRACE(kept.type);
    const std::unique_ptr<Message> expected = NewMessage(kept.type);
    ASSERT_NE(expected, nullptr);
    ASSERT_TRUE(TextFormat::ParseFromString(
        absl::StrReplaceAll(kept.text, {{"@", "{ seconds: 1772000000 nanos: 5000000 }"}}), expected.get()));
    const std::unique_ptr<Message> read(expected->New());
    ASSERT_OK(DecodeValue(absl::HexStringToBytes(kept.bytes), *read));
    EXPECT_EQ(read->DebugString(), expected->DebugString());
    EXPECT_EQ(absl::BytesToHexString(EncodeValue(*expected)), kept.bytes);
  }
}

// A field that a later version added within the format: this version may rewrite the record and keeps it.
TEST(Format, AFieldOfALaterVersionSurvivesARewriteByThisOne) {
  storage::WindowRecord window;
  ASSERT_OK(DecodeValue(std::string("\x01\x08\x07\xF8\x07\x2A", 6), window));
  EXPECT_EQ(window.number(), 7u);
  window.set_pages(1);
  storage::WindowRecord again;
  ASSERT_OK(DecodeValue(EncodeValue(window), again));
  const auto& unknown = again.GetReflection()->GetUnknownFields(again);
  ASSERT_EQ(unknown.field_count(), 1);
  EXPECT_EQ(unknown.field(0).number(), 127);
  EXPECT_EQ(unknown.field(0).varint(), 42u);
}

}  // namespace
}  // namespace penstock::store
