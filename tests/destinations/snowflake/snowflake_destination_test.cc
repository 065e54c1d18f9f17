// SPDX-License-Identifier: Apache-2.0
// What is Snowflake's own, beside the contract that every destination keeps.
#include "destinations/snowflake/snowflake_destination.h"

#include "absl/strings/str_cat.h"
#include "tests/contracts/destination_contract_builders.h"
#include "tests/destinations/snowflake/snowflake_server.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/worker/tls_server.h"

namespace penstock::destinations::snowflake {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SnowflakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!SnowflakeServer::Installed()) GTEST_SKIP() << "no snowduck here: `./dev test` installs it";
    schema_ = server().NewSchema();
    destination_ = Open(server().Config(schema_));
  }
  SnowflakeServer& server() { return SnowflakeServer::Shared(); }
  std::unique_ptr<SnowflakeDestination> Open(const SnowflakeConfig& config) {
    return std::make_unique<SnowflakeDestination>(config, clock_, TableNames::kGuide, SystemRandom(),
                                                  server().Http(clock_));
  }
  std::string One(const std::string& sql) {
    const auto rows = server().Query(schema_, sql);
    return rows.empty() ? "<no row>" : rows[0][0];
  }
  std::string Rows() { return One(absl::StrCat("SELECT count(*) FROM ", kTable)); }
  std::string Staged() { return One("SELECT count(*) FROM PENSTOCK_STAGE"); }

  FakeClock clock_;
  std::string schema_;
  std::unique_ptr<SnowflakeDestination> destination_;
};

TEST_F(SnowflakeTest, ARoundIsOneStatementThatStagesAndOneTransactionWithAMergePerTable) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->ReadCursor());
  std::vector<TypedRow> rows;
  for (uint64_t change = 1; change <= 400; ++change)
    rows.push_back(Conversation(absl::StrCat("c", change), change));
  rows.push_back(rows.back());
  rows.back().endpoint = Endpoint::kUsers;
  rows.back().values.assign(GuideTable(Endpoint::kUsers).columns.size(), Value());
  rows.back().values[0] = std::string("u");
  const uint64_t statements = destination_->statements();
  const int merges = server().Count("merges");
  EXPECT_THAT(destination_->Upsert(rows, kBeginning, At(400)), Counts(401, 0));
  EXPECT_OK(destination_->ReadSetAside(10));
  EXPECT_EQ(destination_->statements() - statements, 2u);
  EXPECT_EQ(server().Count("merges") - merges, 2);
  EXPECT_EQ(Staged(), "0");
}

TEST_F(SnowflakeTest, TablesThatAreThereCostOneStatementAndTheCursorOne) {
  ASSERT_OK(destination_->EnsureTables());
  const std::unique_ptr<SnowflakeDestination> next = Open(server().Config(schema_));
  ASSERT_OK(next->EnsureTables());
  ASSERT_OK(next->ReadCursor());
  EXPECT_EQ(next->statements(), 2u);
}

TEST_F(SnowflakeTest, NoRequestHasMoreThanAMegabyteAndAnyRowPasses) {
  ASSERT_OK(destination_->EnsureTables());
  std::vector<TypedRow> rows;
  const std::string quotes(700'000, '"');  // each needs room in a request
  for (uint64_t change = 1; change <= 3; ++change) {
    rows.push_back(Conversation(absl::StrCat("q", change), change, kMonday, quotes));
  }
  for (uint64_t change = 4; change <= 4000; ++change) {
    rows.push_back(Conversation(absl::StrCat("c", change), change));
  }
  ASSERT_THAT(destination_->Upsert(rows, kBeginning, At(4000)), Counts(4000, 0));
  EXPECT_LE(server().Count("largest"), 1'000'000);
  EXPECT_EQ(One(absl::StrCat("SELECT length(PRIMARY_DOMAIN) FROM ", kTable, " WHERE CONVERSATION_ID = 'q2'")),
            "700000");
}

TEST_F(SnowflakeTest, ARowThatNoValueHoldsIsSetAsideAndNamed) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK_AND_ASSIGN(const BatchCounts counts,
                       destination_->Upsert({Conversation("a", 1),
                                             Conversation("giant", 2, kMonday, std::string(17'000'000, 'x'))},
                                            kBeginning, At(2)));
  EXPECT_EQ(counts.written, 1u);
  EXPECT_EQ(counts.set_aside, 1u);
  ASSERT_OK_AND_ASSIGN(const SetAside set_aside, destination_->ReadSetAside(10));
  ASSERT_THAT(set_aside.rows, SizeIs(1));
  EXPECT_EQ(set_aside.rows[0].id, "giant");
  EXPECT_THAT(set_aside.rows[0].reason, HasSubstr("16 MiB"));
}

TEST_F(SnowflakeTest, AnAnswerThatIsLostOnceIsAskedForAndTheStatementIsRunOnce) {
  ASSERT_OK(destination_->EnsureTables());
  const int repeated = server().Count("repeated");
  server().Tell(R"({"lose_once": 3})");  // reading the cursor, staging and the transaction
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_EQ(server().Count("repeated") - repeated, 3);
  EXPECT_EQ(Rows(), "1");
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(1)));
}

TEST_F(SnowflakeTest, StatementsThatTakeLongerAndABusyServerAreWaitedFor) {
  ASSERT_OK(destination_->EnsureTables());
  server().Tell(R"({"later": 3, "answer_with": [503, 429, 502], "cut": 2})");
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1), Conversation("b", 2)}, kBeginning, At(2)),
              Counts(2, 0));
  EXPECT_EQ(Rows(), "2");
}

TEST_F(SnowflakeTest, AServerThatGivesUpAStatementIsTriedAgainFromTheCursor) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->ReadCursor());
  server().Tell(R"({"answer_with": [408]})");
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("load_xs")));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
}

// The network of a process that dies with its n-th request: before the server has it, or after.
class Dying final : public HttpClient {
 public:
  Dying(std::unique_ptr<HttpClient> http, int requests, bool sent)
      : http_(std::move(http)), left_(requests), sent_(sent) {}
  absl::StatusOr<HttpReply> Send(const HttpRequest& request) override {
    if (--left_ > 0) return http_->Send(request);
    if (left_ == 0 && sent_) http_->Send(request).IgnoreError();
    return absl::UnavailableError("killed");
  }

 private:
  const std::unique_ptr<HttpClient> http_;
  int left_;
  const bool sent_;
};

TEST_F(SnowflakeTest, ALoaderThatDiesAtAnyRequestLosesNothingAndLoadsNothingTwice) {
  ASSERT_OK(destination_->EnsureTables());
  LoadCursor cursor;
  int whole = 0;
  for (int request = 1; whole < 2; ++request) {
    whole = 0;
    for (const bool sent : {false, true}) {
      const LoadCursor next = At(cursor.change + 2);
      const std::vector<TypedRow> rows = {Conversation(absl::StrCat("c", cursor.change), cursor.change + 1),
                                          Conversation("always the same", cursor.change + 2)};
      SnowflakeDestination dying(server().Config(schema_), clock_, TableNames::kGuide, SystemRandom(),
                                 std::make_unique<Dying>(server().Http(clock_), request, sent),
                                 {.lost = absl::ZeroDuration()});
      whole += dying.Upsert(rows, cursor, next).ok();
      const std::unique_ptr<SnowflakeDestination> successor = Open(server().Config(schema_));
      ASSERT_OK_AND_ASSIGN(const LoadCursor found, successor->ReadCursor());
      if (found.change == cursor.change) {
        ASSERT_THAT(successor->Upsert(rows, found, next), Counts(2, 0)) << request;
      } else {
        ASSERT_THAT(successor->ReadCursor(), CursorIs(next)) << request;
      }
      cursor = next;
      EXPECT_EQ(Rows(), absl::StrCat(cursor.change / 2 + 1)) << request;
    }
    ASSERT_LT(request, 20);
  }
}

TEST_F(SnowflakeTest, WhatALostRoundStagedIsRemovedAfterADayAndNeverLoaded) {
  ASSERT_OK(destination_->EnsureTables());
  server().Query(schema_, R"(INSERT INTO PENSTOCK_STAGE VALUES
      ('old', 'conversations', 0, 0, '[{"n":0,"c0":"x"}]', '2026-02-20T00:00:00'),
      ('new', 'conversations', 0, 0, '[{"n":0,"c0":"y"}]', '2026-02-25T06:00:00'))");
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(1, 0));
  EXPECT_EQ(Rows(), "1");
  EXPECT_EQ(One("SELECT ROUND_ID FROM PENSTOCK_STAGE"), "new") << "it may still be under way";
  EXPECT_EQ(Staged(), "1");
}

TEST_F(SnowflakeTest, ACursorThatAPersonDeletedIsTheBeginning) {
  ASSERT_OK(destination_->EnsureTables());
  ASSERT_OK(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)));
  server().Query(schema_, "DELETE FROM PENSTOCK_LOADS");
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(kBeginning));
  EXPECT_THAT(destination_->Upsert({Conversation("a", 1)}, kBeginning, At(1)), Counts(0, 1));
  EXPECT_THAT(destination_->ReadCursor(), CursorIs(At(1)));
}

TEST_F(SnowflakeTest, WhatIsWrongIsNamedBeforeALoad) {
  const auto checked = [&](auto change) {
    SnowflakeConfig config = server().Config(schema_);
    change(config);
    return Open(config)->Check();
  };
  const SelfSigned other;
  other.WriteKey(server().File("other.pem"));
  const std::string other_key = server().File("other.pem");
  using Config = SnowflakeConfig;
  EXPECT_OK(checked([](Config&) {}));
  EXPECT_THAT(checked([&](Config& config) { config.private_key_file = other_key; }),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("other.pem"), HasSubstr("RSA_PUBLIC_KEY"))));
  EXPECT_THAT(checked([](Config& config) { config.user = "somebody"; }),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("user 'somebody'")));
  EXPECT_THAT(checked([](Config& config) { config.role = "nobody"; }),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("role 'nobody'")));
  EXPECT_THAT(checked([](Config& config) { config.warehouse = "none"; }),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("warehouse 'none'")));
  EXPECT_THAT(checked([](Config& config) { config.database = "nodb"; }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("database 'nodb'")));
  EXPECT_THAT(
      checked([](Config& config) { config.schema = "elsewhere"; }),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr("CREATE SCHEMA IF NOT EXISTS \"DWH\".\"ELSEWHERE\""), HasSubstr("GRANT"))));
  EXPECT_THAT(checked([](Config& config) { config.url = "http://127.0.0.1:1"; }),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("127.0.0.1")));
}

TEST_F(SnowflakeTest, AMissingSchemaIsMadeWhenTheRoleMay) {
  SnowflakeConfig config = server().Config("made_" + schema_);
  const std::unique_ptr<SnowflakeDestination> destination = Open(config);
  ASSERT_OK(destination->EnsureTables());
  EXPECT_OK(destination->Check());
}

TEST_F(SnowflakeTest, ACertificateThatNobodyVouchesForIsNamed) {
  TlsServer tls;
  SnowflakeConfig config = server().Config(schema_);
  config.url = absl::StrCat("https://localhost:", tls.port());
  EXPECT_THAT(Open(config)->Check(), StatusIs(absl::StatusCode::kPermissionDenied,
                                              AllOf(HasSubstr("certificate"), HasSubstr("ca_file"))));
  EXPECT_EQ(tls.requests(), 0);
}

TEST_F(SnowflakeTest, AViewInATablesPlaceIsRefusedByName) {
  server().Query(schema_, absl::StrCat("CREATE VIEW ", kTable, " AS SELECT 1 AS CONVERSATION_ID"));
  EXPECT_THAT(destination_->EnsureTables(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(kTable), HasSubstr("no ordinary table"))));
}

}  // namespace
}  // namespace penstock::destinations::snowflake
