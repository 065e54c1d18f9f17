// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/statement_client.h"

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "tests/destinations/snowflake/fake_http.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/self_signed.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations::snowflake {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::Optional;
using ::testing::SizeIs;

constexpr char kDone[] =
    R"({"code":"090001","sqlState":"00000","statementHandle":"h-1","data":[["7",null]],
        "resultSetMetaData":{"partitionInfo":[{}]}})";
constexpr char kRunning[] = R"({"code":"333334","statementHandle":"h-1","message":"in progress"})";

std::string Refusal(const std::string& code, const std::string& state, const std::string& message) {
  return absl::StrCat(R"({"code":")", code, R"(","sqlState":")", state, R"(","message":")", message, "\"}");
}

class StatementClientTest : public ::testing::Test {
 protected:
  StatementClientTest() {
    key_.WriteKey(folder_ / "key.pem");
    config_.account = "testorg-account";
    config_.database = "dwh";
    config_.user = "penstock";
    config_.role = "loader";
    config_.warehouse = "load_xs";
    config_.private_key_file = folder_ / "key.pem";
    config_.url = "https://testorg-account.snowflakecomputing.com";
  }

  void Answer(int status, const std::string& body, const std::string& retry_after = "") {
    memory_.replies.push_back(HttpReply{status, retry_after, body});
  }
  void AnswerNothing() { memory_.replies.push_back(absl::UnavailableError("connection reset")); }
  StatementClient Client() {
    return StatementClient(config_, std::make_unique<FakeHttp>(&memory_), clock_, random_);
  }
  absl::Status Outcome() { return Client().Execute("SELECT 1").status(); }

  const TemporaryFolder folder_;
  const SelfSigned key_;
  FakeClock clock_;
  SeededRandom random_{7};
  SnowflakeConfig config_;
  FakeHttp::Memory memory_;
};

TEST_F(StatementClientTest, SendsAStatementWithItsTextsAndWhoAsks) {
  Answer(200, kDone);
  ASSERT_OK_AND_ASSIGN(const Rows rows, Client().Execute("SELECT ?", {"it's \"1\""}));
  EXPECT_THAT(rows, ElementsAre(ElementsAre(Optional(std::string("7")), std::nullopt)));
  ASSERT_THAT(memory_.requests, SizeIs(1));
  const HttpRequest& request = memory_.requests[0];
  EXPECT_THAT(
      request.url,
      MatchesRegex("https://testorg-account.snowflakecomputing.com/api/v2/statements\\?requestId=[0-9a-f]{8}-"
                   "[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}&retry=true"));
  EXPECT_EQ(request.post_body, R"({"statement":"SELECT ?","warehouse":"LOAD_XS","role":"LOADER",)"
                               R"("bindings":{"1":{"type":"TEXT","value":"it's \"1\""}}})");
  EXPECT_EQ(request.headers.at("X-Snowflake-Authorization-Token-Type"), "KEYPAIR_JWT");
  EXPECT_THAT(request.headers.at("Authorization"), MatchesRegex("Bearer [^.]+\\.[^.]+\\.[^.]+"));
}

TEST_F(StatementClientTest, ALostAnswerIsAskedForAgainUnderTheSameRequestId) {
  AnswerNothing();
  Answer(200, std::string(kDone).substr(0, 40));
  Answer(503, "<html>busy</html>");
  Answer(200, kDone);
  EXPECT_OK(Outcome());
  ASSERT_THAT(memory_.requests, SizeIs(4));
  for (const HttpRequest& request : memory_.requests) {
    EXPECT_EQ(request.url, memory_.requests[0].url);
    EXPECT_EQ(request.post_body, memory_.requests[0].post_body);
  }
}

TEST_F(StatementClientTest, EachStatementHasARequestIdOfItsOwn) {
  Answer(200, kDone);
  StatementClient client = Client();
  ASSERT_OK(client.Execute("SELECT 1"));
  ASSERT_OK(client.Execute("SELECT 1"));
  EXPECT_NE(memory_.requests[0].url, memory_.requests[1].url);
  EXPECT_EQ(client.statements(), 2u);
}

TEST_F(StatementClientTest, WhatIsNeverAnsweredIsUnavailableWithinHalfAMinute) {
  AnswerNothing();
  const absl::Duration began = clock_.Now().boot;
  EXPECT_THAT(Outcome(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("connection reset")));
  EXPECT_LE(clock_.Now().boot - began, absl::Seconds(30));
  EXPECT_GE(memory_.requests.size(), 4u);
}

TEST_F(StatementClientTest, WaitsAsLongAsABusyServerAsks) {
  Answer(429, "{}", "7");
  Answer(200, kDone);
  const absl::Duration began = clock_.Now().boot;
  EXPECT_OK(Outcome());
  EXPECT_EQ(clock_.Now().boot - began, absl::Seconds(7));
}

TEST_F(StatementClientTest, PollsWhatTakesLonger) {
  Answer(202, kRunning);
  Answer(202, kRunning);
  Answer(200, kDone);
  EXPECT_OK(Outcome());
  ASSERT_THAT(memory_.requests, SizeIs(3));
  EXPECT_EQ(memory_.requests[2].url, "https://testorg-account.snowflakecomputing.com/api/v2/statements/h-1");
  EXPECT_EQ(memory_.requests[2].post_body, "");
}

TEST_F(StatementClientTest, CancelsWhatNeverEnds) {
  Answer(202, kRunning);
  EXPECT_THAT(Outcome(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cancelled")));
  EXPECT_THAT(memory_.requests.back().url, HasSubstr("/h-1/cancel"));
  EXPECT_LT(memory_.requests.size(), 150u) << "it is not asked all the time";
}

TEST_F(StatementClientTest, ReadsEveryPartition) {
  Answer(200,
         R"({"statementHandle":"h-1","data":[["1"],["2"]],"resultSetMetaData":{"partitionInfo":[{},{}]}})");
  Answer(200, R"({"data":[["3"]]})");
  ASSERT_OK_AND_ASSIGN(const Rows rows, Client().Execute("SELECT 1"));
  EXPECT_THAT(rows, SizeIs(3));
  EXPECT_THAT(memory_.requests[1].url, HasSubstr("/h-1?partition=1"));
}

TEST_F(StatementClientTest, WhatIsOnlyReadHasATimeAndComesPartByPart) {
  Answer(200, R"({"statementHandle":"h-1","data":[["1"]],"resultSetMetaData":{"partitionInfo":[{},{}]}})");
  Answer(200, R"({"data":[["2"]]})");
  std::vector<Rows> parts;
  ASSERT_OK(Client().Read(
      "SELECT 1", absl::Milliseconds(1'500), [] { return absl::OkStatus(); },
      [&](Rows rows) {
        parts.push_back(std::move(rows));
        return absl::OkStatus();
      }));
  EXPECT_THAT(parts, SizeIs(2));
  EXPECT_THAT(memory_.requests[0].post_body, HasSubstr(R"("role":"LOADER","timeout":2})"));
}

TEST_F(StatementClientTest, WhatNobodyWaitsForAnyMoreIsCancelled) {
  Answer(202, kRunning);
  const absl::Status gone = Client().Read(
      "SELECT 1", absl::Minutes(1), [] { return absl::CancelledError("gone"); },
      [](const Rows&) { return absl::OkStatus(); });
  EXPECT_THAT(gone, StatusIs(absl::StatusCode::kCancelled, "gone"));
  EXPECT_THAT(memory_.requests.back().url, HasSubstr("/api/v2/statements/h-1/cancel"));
}

TEST_F(StatementClientTest, SeveralStatementsAreOneRequestThatCountsThem) {
  Answer(200, R"({"statementHandles":["a","b","c"],"statementHandle":"h-1","data":[["done"]]})");
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> handles,
                       Client().ExecuteAll({"BEGIN TRANSACTION", "DELETE FROM t", "COMMIT"}));
  EXPECT_THAT(handles, ElementsAre("a", "b", "c"));
  EXPECT_THAT(memory_.requests[0].post_body,
              AllOf(HasSubstr(R"("MULTI_STATEMENT_COUNT":"3")"), HasSubstr(R"(BEGIN TRANSACTION;\nDELETE)")));
}

TEST_F(StatementClientTest, ARefusalNamesWhatIsWrongAndWhatToDo) {
  struct Case {
    int http;
    std::string code, state, message;
    absl::StatusCode expected;
    std::string cause, advice;
  };
  for (const Case& one : std::vector<Case>{
           {401, "390144", "08001", "JWT token is invalid.", absl::StatusCode::kPermissionDenied, "key.pem",
            "RSA_PUBLIC_KEY"},
           {422, "390189", "08001", "Role 'LOADER' does not exist", absl::StatusCode::kPermissionDenied,
            "role 'loader'", "GRANT ROLE \"LOADER\" TO USER \"PENSTOCK\""},
           {422, "000606", "57P03", "No active warehouse", absl::StatusCode::kPermissionDenied,
            "warehouse 'load_xs'", "GRANT USAGE ON WAREHOUSE \"LOAD_XS\" TO ROLE \"LOADER\""},
           {422, "002003", "02000", "Database 'DWH' does not exist or not authorized.",
            absl::StatusCode::kNotFound, "Database 'DWH'", "let role 'loader' use it"},
           {422, "003001", "42501", "Insufficient privileges", absl::StatusCode::kPermissionDenied,
            "Insufficient", "GRANT USAGE, CREATE TABLE ON SCHEMA \"DWH\".\"DATA_API\" TO ROLE \"LOADER\""},
           {403, "390420", "08001", "IP is not allowed by network policy",
            absl::StatusCode::kPermissionDenied, "network policy", "add its address"},
           {422, "090073", "57014",
            "Warehouse LOAD_XS cannot be resumed because resource monitor QUOTA has exceeded",
            absl::StatusCode::kUnavailable, "resource monitor", "raise its quota"},
           {408, "000630", "57014", "Statement reached its timeout", absl::StatusCode::kUnavailable,
            "time-out", "larger warehouse"},
           {422, "100078", "22000", "String 'x' is too long", absl::StatusCode::kFailedPrecondition,
            "too long", "another schema"}}) {
    memory_ = {};
    Answer(one.http, Refusal(one.code, one.state, one.message));
    EXPECT_THAT(Outcome(), StatusIs(one.expected, AllOf(HasSubstr(one.cause), HasSubstr(one.advice),
                                                        Not(HasSubstr("Bearer")))))
        << one.code;
    EXPECT_THAT(memory_.requests, SizeIs(1)) << one.code << " is not passing";
  }
}

TEST_F(StatementClientTest, AnAccountThatIsNotThereIsToldApart) {
  Answer(404, "<html>not found</html>");
  EXPECT_THAT(Outcome(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("account 'testorg-account'"), HasSubstr("correct the account"))));
}

TEST_F(StatementClientTest, ANewKeyIsReadWhenTheOldOneIsRefused) {
  Answer(200, kDone);
  StatementClient client = Client();
  ASSERT_OK(client.Execute("SELECT 1"));
  const std::string before = memory_.requests.back().headers.at("Authorization");
  const SelfSigned other;
  other.WriteKey(folder_ / "key.pem");
  ASSERT_OK(client.Execute("SELECT 1"));
  EXPECT_NE(memory_.requests.back().headers.at("Authorization"), before);
}

TEST_F(StatementClientTest, ATokenIsUsedAgainAndReplacedBeforeItEnds) {
  Answer(200, kDone);
  StatementClient client = Client();
  const auto token = [&] {
    EXPECT_OK(client.Execute("SELECT 1"));
    return memory_.requests.back().headers.at("Authorization");
  };
  const std::string first = token();
  clock_.Advance(absl::Minutes(40));
  EXPECT_EQ(token(), first);
  clock_.Advance(absl::Minutes(11));
  const std::string second = token();
  EXPECT_NE(second, first);
  clock_.JumpWall(-absl::Hours(5));
  EXPECT_NE(token(), second) << "a token of the future would be refused";
}

TEST_F(StatementClientTest, ATokenTheServerRefusesIsMadeAnewOnce) {
  Answer(200, kDone);
  Answer(401, Refusal("390144", "08001", "JWT token is invalid."));
  Answer(200, kDone);
  StatementClient client = Client();
  ASSERT_OK(client.Execute("SELECT 1"));
  clock_.Advance(absl::Minutes(2));
  EXPECT_OK(client.Execute("SELECT 1"));
  EXPECT_EQ(memory_.requests[2].url, memory_.requests[1].url);
}

TEST_F(StatementClientTest, AKeyFileThatIsNoneSendsNothing) {
  config_.private_key_file = folder_ / "missing.pem";
  Answer(200, kDone);
  EXPECT_THAT(Outcome(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing.pem")));
  EXPECT_THAT(memory_.requests, SizeIs(0));
}

}  // namespace
}  // namespace penstock::destinations::snowflake
