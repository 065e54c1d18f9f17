// SPDX-License-Identifier: Apache-2.0
#include "worker/column_rules.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/keyed_hash.h"
#include "tests/fakes/status_matchers.h"
#include "worker/normaliser.h"

namespace penstock::worker {

using destinations::ColumnType;
using destinations::JsonText;
using destinations::Table;
using destinations::TypedRow;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kKey(kHashKeyBytes, 'k');
constexpr char kJane[] = R"({"id":"18446744073709551615","first_name":"Jane","last_name":"Doe",
    "email_addr":"jane@example.com","access_to_bot":true,"login":"jane@example.com",
    "external_ids":[{"source":"OKTA","external_id":"Jane@example.com"},{"source":"SNOW","external_id":"e35d"}],
    "last_updated_time":"2026-03-01T00:00:00.000Z"})";

class Columns : public ::testing::Test {
 protected:
  Columns() { WriteKey(kKey); }
  ~Columns() override { std::remove(config_.columns.hash_key_file.c_str()); }

  void WriteKey(const std::string& key) {
    config_.columns.hash_key_file = absl::StrCat(::testing::TempDir(), "/columns_key.", getpid());
    std::ofstream(config_.columns.hash_key_file) << absl::BytesToHexString(key) << "\n";
    chmod(config_.columns.hash_key_file.c_str(), 0600);
  }
  static ColumnName Named(const std::string& word) {
    const std::vector<std::string> parts = absl::StrSplit(word, '.');
    return {*ParseEndpoint(parts[0]), parts[1], "p.yaml:7: key 'drop'"};
  }
  void Drop(const std::string& word) { config_.columns.drop.push_back(Named(word)); }
  void Hash(const std::string& word) { config_.columns.hash.push_back(Named(word)); }
  std::string Fingerprint() {
    const absl::StatusOr<ColumnRules> rules = ColumnRules::Open(config_);
    EXPECT_OK(rules);
    return rules.ok() ? rules->fingerprint() : "";
  }
  // Normalised, and as the destination may hold it.
  TypedRow Load(Endpoint endpoint, const std::string& raw) {
    const absl::StatusOr<ColumnRules> rules = ColumnRules::Open(config_);
    EXPECT_OK(rules);
    v1::Change change;
    change.mutable_row()->set_id("18446744073709551615");
    change.mutable_row()->set_raw(raw);
    absl::StatusOr<Normalised> normalised =
        Normalise(change, destinations::TableOf(config_.tables, endpoint));
    EXPECT_OK(normalised);
    if (rules.ok()) rules->Apply(normalised->row);
    return normalised->row;
  }
  // "null", a text, or JSON, under the guide's name.
  static std::string Cell(const TypedRow& row, const std::string& column) {
    const Table& table = destinations::GuideTable(row.endpoint);
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i].name != column) continue;
      if (const auto* text = std::get_if<std::string>(&row.values[i])) return *text;
      if (const auto* json = std::get_if<JsonText>(&row.values[i])) return "json " + json->text;
      return std::holds_alternative<std::monostate>(row.values[i]) ? "null" : "something";
    }
    ADD_FAILURE() << "no column " << column;
    return "";
  }
  void ExpectRefused(const std::string& message) {
    EXPECT_THAT(CheckColumns(config_),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("p.yaml:7: key 'drop' names "), HasSubstr(message))));
    config_.columns.drop.clear();
    config_.columns.hash.clear();
  }

  DestinationConfig config_;
};

TEST_F(Columns, ADroppedColumnIsEmptyAndAHashedOneHoldsTheHashOfItsText) {
  Drop("users.EMAIL_ADDR");
  Hash("users.LAST_NAME");
  const TypedRow row = Load(Endpoint::kUsers, kJane);
  EXPECT_EQ(Cell(row, "EMAIL_ADDR"), "null");
  EXPECT_EQ(Cell(row, "LAST_NAME"), KeyedHash(kKey, "Doe"));
  EXPECT_EQ(Cell(row, "FIRST_NAME"), "Jane");
  EXPECT_EQ(Cell(row, "USER_RECORD_ID"), "18446744073709551615");
}

TEST_F(Columns, CopiesInAJsonColumnAndInExtraGoWithIt) {
  Drop("users.EMAIL_ADDR");
  const TypedRow row = Load(Endpoint::kUsers, kJane);
  EXPECT_EQ(Cell(row, "DATA_EXTERNAL_SYSTEM_ID_DETAILS"),
            R"(json [{"source":"OKTA","external_id":null},{"source":"SNOW","external_id":"e35d"}])");
  EXPECT_EQ(row.extra, "") << "nobody knows what an unknown field holds";
}

TEST_F(Columns, NullStaysNullUnderAHash) {
  Hash("users.LAST_NAME");
  EXPECT_EQ(Cell(Load(Endpoint::kUsers, R"({"id":"1","last_name":null})"), "LAST_NAME"), "null");
  EXPECT_EQ(Cell(Load(Endpoint::kUsers, R"({"id":"1"})"), "LAST_NAME"), "null");
}

TEST_F(Columns, AnotherTableIsLeftAsItIs) {
  Drop("users.EMAIL_ADDR");
  const TypedRow row = Load(Endpoint::kInteractions, R"({"id":"i","user_id":"1","mail":"jane@example.com"})");
  EXPECT_EQ(Cell(row, "USER_RECORD_ID"), "1");
  EXPECT_EQ(row.extra, R"({"mail":"jane@example.com"})");
}

TEST_F(Columns, EveryFieldThatFillsADroppedColumnIsGone) {
  Drop("plugin-calls.PLUGIN_NAME");
  const TypedRow row =
      Load(Endpoint::kPluginCalls, R"({"id":"c","plugin_name":"Reset","name":"Reset Password"})");
  EXPECT_EQ(Cell(row, "PLUGIN_NAME"), "null");
  EXPECT_EQ(row.extra, "");
}

TEST_F(Columns, AWordThatIsCommonElsewhereEmptiesNoSentence) {
  Drop("interactions.ACTOR");
  const TypedRow row =
      Load(Endpoint::kInteractions, R"({"id":"i","actor":"user","detail":{"content":"add a user"}})");
  EXPECT_EQ(Cell(row, "ACTOR"), "null");
  EXPECT_EQ(Cell(row, "DATA_INTERACTION_DETAILS"), R"(json {"content":"add a user"})");
}

TEST_F(Columns, AJsonColumnAReferenceAndExtraCanBeDropped) {
  Drop("interactions.DATA_INTERACTION_DETAILS");
  Drop("interactions.USER_RECORD_ID");
  Drop("users.EXTRA");
  const TypedRow row = Load(Endpoint::kInteractions, R"({"id":"i","user_id":"1","detail":{"content":"x"}})");
  EXPECT_EQ(Cell(row, "DATA_INTERACTION_DETAILS"), "null");
  EXPECT_EQ(Cell(row, "USER_RECORD_ID"), "null");
  const TypedRow user = Load(Endpoint::kUsers, kJane);
  EXPECT_EQ(user.extra, "");
  EXPECT_EQ(Cell(user, "EMAIL_ADDR"), "jane@example.com");
}

TEST_F(Columns, AreNamedInAnyCaseByTheGuidesNamesOrTheVendors) {
  config_.tables = TableNames::kVendor;
  Drop("users.email_addr");
  Drop("conversations.DATA_CONVERSATION_DETAILS");
  Drop("interactions.DETAILS");
  EXPECT_OK(CheckColumns(config_));
  EXPECT_EQ(Cell(Load(Endpoint::kConversations, R"({"id":"c","detail":{"ticket_id":"T"}})"),
                 "DATA_CONVERSATION_DETAILS"),
            "null");
  config_.tables = TableNames::kGuide;
  config_.columns.drop = {Named("interactions.DETAILS")};
  ExpectRefused("is not one of its columns");
}

TEST(ColumnNames, NoNameOfTheGuideIsAnotherColumnsNameOfTheVendor) {
  for (Endpoint endpoint : kAllEndpoints) {
    const Table& guide = destinations::GuideTable(endpoint);
    const Table& vendor = destinations::VendorTable(endpoint);
    for (size_t i = 0; i < guide.columns.size(); ++i) {
      for (size_t j = 0; j < vendor.columns.size(); ++j)
        EXPECT_TRUE(i == j || guide.columns[i].name != vendor.columns[j].name) << guide.columns[i].name;
    }
  }
}

TEST_F(Columns, AnUnknownOneIsRefusedWithTheNearestName) {
  Drop("users.EMAIL_ADR");
  ExpectRefused("users.EMAIL_ADR, which is not one of its columns; did you mean 'EMAIL_ADDR'?");
  Drop("users.PENSTOCK_SEQ");
  ExpectRefused("users.PENSTOCK_SEQ, which is not one of its columns; they are USER_RECORD_ID, FIRST_NAME");
}

TEST_F(Columns, KeysAndStampsStayAndOnlyTextsThatReferToNothingAreHashed) {
  for (const char* word : {"users.USER_RECORD_ID", "interactions.INTERACTION_ID"}) {
    Drop(word);
    ExpectRefused("is the key");
    Hash(word);
    ExpectRefused("is the key");
  }
  for (const char* word :
       {"users.TS_LAST_UPDATED_AT", "interactions.TS_INTERACTION", "conversations.TS_LAST_UPDATED"}) {
    Drop(word);
    ExpectRefused("is a stamp");
  }
  for (const char* word : {"users.DATA_EXTERNAL_SYSTEM_ID_DETAILS", "users.HAS_ACCESS_TO_BOT",
                           "users.TS_FIRST_INTERACTION_AT", "users.EXTRA"}) {
    Hash(word);
    ExpectRefused("is not a text");
  }
  for (const char* word : {"interactions.USER_RECORD_ID", "interactions.PARENT_INTERACTION_ID",
                           "plugin-resources.PLUGIN_CALL_ID", "plugin-calls.CONVERSATION_ID"}) {
    Hash(word);
    ExpectRefused("it would join nothing; drop it");
  }
  Drop("users.EMAIL_ADDR");
  Hash("users.EMAIL_ADDR");
  ExpectRefused("is named twice");
}

TEST_F(Columns, TheFingerprintChangesWithTheRulesAndTheKeyAndNotWithTheirOrder) {
  std::set<std::string> seen = {Fingerprint()};
  EXPECT_EQ(Fingerprint(), "");
  Drop("users.EMAIL_ADDR");
  EXPECT_TRUE(seen.insert(Fingerprint()).second);
  Drop("users.LAST_NAME");
  const std::string two = Fingerprint();
  EXPECT_TRUE(seen.insert(two).second);
  std::swap(config_.columns.drop[0], config_.columns.drop[1]);
  EXPECT_EQ(Fingerprint(), two);
  config_.columns.drop.pop_back();
  Hash("users.EMAIL_ADDR");
  EXPECT_TRUE(seen.insert(Fingerprint()).second);
  WriteKey(std::string(kHashKeyBytes, 'l'));
  EXPECT_TRUE(seen.insert(Fingerprint()).second);
}

TEST_F(Columns, WithoutTheKeyNothingIsOpened) {
  Hash("users.LAST_NAME");
  std::remove(config_.columns.hash_key_file.c_str());
  EXPECT_THAT(ColumnRules::Open(config_), StatusIs(absl::StatusCode::kNotFound, HasSubstr("columns_key")));
  EXPECT_OK(CheckColumns(config_)) << "config check opens no secret";
}

}  // namespace penstock::worker
