// SPDX-License-Identifier: Apache-2.0
#include "sandbox/doorkeeper.h"

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::sandbox {
namespace {

using absl::Seconds;
using ::testing::HasSubstr;

constexpr char kForm[] = "grant_type=client_credentials&client_id=me%40x&client_secret=s+1";
constexpr char kFormType[] = "application/x-www-form-urlencoded";

Doorkeeper OAuth(TokenShape shape = TokenShape::kFlat) {
  DoorOptions options;
  options.client_id = "me@x";
  options.client_secret = "s 1";
  options.token_shape = shape;
  options.token_lifetime = Seconds(60);
  return Doorkeeper(options);
}

TEST(Doorkeeper, WithoutAnyKeyAllComeIn) { EXPECT_TRUE(Doorkeeper({}).Admits("", Seconds(1))); }

TEST(Doorkeeper, TheKeyMustComeTheWayItIsExpected) {
  DoorOptions options;
  options.api_key = "k1";
  options.scheme = AuthScheme::kBearer;
  EXPECT_TRUE(Doorkeeper(options).Admits("Bearer k1", Seconds(1)));
  EXPECT_FALSE(Doorkeeper(options).Admits("k1", Seconds(1)));
  options.scheme = AuthScheme::kRaw;
  EXPECT_TRUE(Doorkeeper(options).Admits("k1", Seconds(1)));
  EXPECT_FALSE(Doorkeeper(options).Admits("Bearer k1", Seconds(1)));
  options.scheme = AuthScheme::kAny;
  for (const char* header : {"k1", "Bearer k1"}) EXPECT_TRUE(Doorkeeper(options).Admits(header, Seconds(1)));
  for (const char* header : {"", "k", "k11", "Bearer ", "Bearer k2", "Basic k1"}) {
    EXPECT_FALSE(Doorkeeper(options).Admits(header, Seconds(1))) << header;
  }
}

TEST(Doorkeeper, ATokenIsGoodUntilItsTimeIsUp) {
  Doorkeeper door = OAuth();
  ASSERT_OK_AND_ASSIGN(const std::string answer, door.IssueToken(kFormType, kForm, Seconds(100)));
  EXPECT_EQ(answer, R"({"access_token":"mwt_sandbox_1","expires_in":60,"token_type":"Bearer"})");
  EXPECT_TRUE(door.Admits("Bearer mwt_sandbox_1", Seconds(159)));
  EXPECT_FALSE(door.Admits("Bearer mwt_sandbox_1", Seconds(160)));
  EXPECT_FALSE(door.Admits("mwt_sandbox_1", Seconds(101)));
  EXPECT_FALSE(door.Admits("Bearer mwt_sandbox_2", Seconds(101)));
}

TEST(Doorkeeper, ARevokedTokenIsWorthNothing) {
  Doorkeeper door = OAuth();
  ASSERT_OK(door.IssueToken(kFormType, kForm, Seconds(100)));
  door.Revoke("Bearer mwt_sandbox_1");
  EXPECT_FALSE(door.Admits("Bearer mwt_sandbox_1", Seconds(101)));
}

TEST(Doorkeeper, TokensAreAskedForAsJsonToo) {
  Doorkeeper door = OAuth(TokenShape::kWrapped);
  const std::string json = R"({"client_id":"me@x","client_secret":"s 1","grant_type":"client_credentials"})";
  ASSERT_OK_AND_ASSIGN(const std::string answer,
                       door.IssueToken("application/json; charset=utf-8", json, Seconds(1)));
  EXPECT_EQ(answer, R"({"data":{"access_token":"mwt_sandbox_1","expires_in":60,"token_type":"Bearer"}})");
}

TEST(Doorkeeper, AWrongSecretAWrongGrantAndABrokenBodyBuyNothing) {
  Doorkeeper door = OAuth();
  EXPECT_THAT(door.IssueToken(kFormType, "grant_type=client_credentials&client_id=me%40x&client_secret=no",
                              Seconds(1)),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("secret")));
  EXPECT_THAT(door.IssueToken(kFormType, "grant_type=password", Seconds(1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("grant_type")));
  EXPECT_THAT(door.IssueToken("application/json", "[1]", Seconds(1)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("JSON")));
  EXPECT_THAT(Doorkeeper({}).IssueToken(kFormType, kForm, Seconds(1)),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("--client-id")));
}

}  // namespace
}  // namespace penstock::sandbox
