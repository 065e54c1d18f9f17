// SPDX-License-Identifier: Apache-2.0
#include "worker/credentials.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_transport.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSource[] = "https://api.moveworks.ai/export/v1/records";

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() { std::filesystem::create_directories(folder_); }
  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  // Writes a secret file anew, as a secret manager does: another file under the same name.
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path + ".new") << text;
    chmod((path + ".new").c_str(), 0600);
    std::filesystem::rename(path + ".new", path);
    return path;
  }
  AuthConfig ApiKey(const std::string& key) {
    AuthConfig config;
    config.type = AuthType::kApiKey;
    config.api_key_file = Write("key", key);
    return config;
  }
  AuthConfig Oauth() {
    AuthConfig config;
    config.type = AuthType::kOauth;
    config.client_id_file = Write("id", "client 1\n");
    config.client_secret_file = Write("secret", "s3cr&t+/=value");
    return config;
  }
  // Asks for a token as the worker does; the answer is `body`.
  absl::Status Ask(Credentials& credentials, int status, const std::string& body) {
    const absl::StatusOr<HttpRequest> request = credentials.TokenRequest();
    RETURN_IF_ERROR(request.status());
    return credentials.TakeToken(FakeTransport::Answer(status, body), clock_.Now());
  }
  absl::Status Ask(Credentials& credentials, const std::string& token, int seconds = 3600) {
    return Ask(credentials, 200,
               absl::StrCat(R"({"access_token":")", token, R"(","expires_in":)", seconds, "}"));
  }

  FakeClock clock_;

 private:
  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/credentials_test_", getpid());
};

TEST_F(CredentialsTest, ASourceWithoutKeysGetsNoHeader) {
  Credentials credentials({}, kSource);
  EXPECT_FALSE(credentials.NeedsToken(clock_.Now()));
  EXPECT_EQ(*credentials.Header(clock_.Now()), "");
  EXPECT_FALSE(credentials.Refused("", clock_.Now()));
}

TEST_F(CredentialsTest, AnApiKeyStandsWithOrWithoutBearer) {
  AuthConfig config = ApiKey(" key-1234 \n");
  EXPECT_EQ(*Credentials(config, kSource).Header(clock_.Now()), "Bearer key-1234");
  config.bearer = false;
  Credentials raw(config, kSource);
  EXPECT_EQ(*raw.Header(clock_.Now()), "key-1234");
  EXPECT_FALSE(raw.NeedsToken(clock_.Now()));
}

TEST_F(CredentialsTest, AChangedKeyFileIsReadAgain) {
  Credentials credentials(ApiKey("key-1234"), kSource);
  const std::string old_header = *credentials.Header(clock_.Now());
  const std::string old_generation = credentials.Generation();
  EXPECT_FALSE(credentials.Refused(old_header, clock_.Now()));
  Write("key", "key-5678");
  EXPECT_NE(credentials.Generation(), old_generation);
  EXPECT_TRUE(credentials.Refused(old_header, clock_.Now()));
  EXPECT_EQ(*credentials.Header(clock_.Now()), "Bearer key-5678");
  EXPECT_FALSE(credentials.Refused("Bearer key-5678", clock_.Now()));
}

TEST_F(CredentialsTest, AKeyThatCannotStandInAHeaderIsNamedByItsFile) {
  AuthConfig config = ApiKey("key-1234\nHost: evil");
  EXPECT_THAT(Credentials(config, kSource).Header(clock_.Now()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(config.api_key_file), HasSubstr("more than one line"),
                             Not(HasSubstr("evil")))));
  std::filesystem::remove(config.api_key_file);
  EXPECT_THAT(Credentials(config, kSource).Header(clock_.Now()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(config.api_key_file)));
}

TEST_F(CredentialsTest, TheTokenIsAskedForWithAForm) {
  AuthConfig config = Oauth();
  Credentials credentials(config, "https://api.moveworks.ai:8443/export/v1/records");
  ASSERT_OK_AND_ASSIGN(const HttpRequest request, credentials.TokenRequest());
  EXPECT_EQ(request.url, "https://api.moveworks.ai:8443/oauth/v1/token");
  EXPECT_EQ(request.headers.at("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.headers.count("Authorization"), 0u);
  EXPECT_EQ(request.post_body,
            "grant_type=client_credentials&client_id=client%201&client_secret=s3cr%26t%2B%2F%3Dvalue");
  config.token_url = "https://login.corp/token";
  EXPECT_EQ(Credentials(config, kSource).TokenRequest()->url, "https://login.corp/token");
}

TEST_F(CredentialsTest, BothFormsOfTheAnswerAreUnderstood) {
  for (const char* body :
       {R"({"access_token":"mwt_12345678","expires_in":3600,"token_type":"Bearer"})",
        R"({"data":{"access_token":"mwt_12345678","expires_in":"3600","token_type":"Bearer"}})"}) {
    Credentials credentials(Oauth(), kSource);
    EXPECT_TRUE(credentials.NeedsToken(clock_.Now()));
    EXPECT_THAT(credentials.Header(clock_.Now()),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("token")));
    ASSERT_OK(Ask(credentials, 200, body));
    EXPECT_FALSE(credentials.NeedsToken(clock_.Now()));
    EXPECT_EQ(*credentials.Header(clock_.Now()), "Bearer mwt_12345678");
  }
  EXPECT_EQ(Redact("mwt_12345678"), "[hidden]");
}

TEST_F(CredentialsTest, ATokenIsRenewedAtFourFifthsOfItsLife) {
  Credentials credentials(Oauth(), kSource);
  const auto lives = [&](const std::string& body, absl::Duration use) {
    EXPECT_OK(Ask(credentials, 200, body));
    clock_.Advance(use - absl::Seconds(1));
    EXPECT_FALSE(credentials.NeedsToken(clock_.Now())) << body;
    clock_.Advance(absl::Seconds(1));
    EXPECT_TRUE(credentials.NeedsToken(clock_.Now())) << body;
    EXPECT_OK(credentials.Header(clock_.Now()));  // it still serves until the new one is there
  };
  lives(R"({"access_token":"t","expires_in":3600})", absl::Minutes(48));
  lives(R"({"access_token":"t","expires_in":60})", absl::Seconds(48));
  lives(R"({"access_token":"t","expires_in":1})", absl::Seconds(10));
  for (const char* odd : {"null", "0", "-5", "\"soon\"", "{}", "true"}) {
    lives(absl::StrCat(R"({"access_token":"t","expires_in":)", odd, "}"), absl::Minutes(4));
  }
  lives(R"({"access_token":"t"})", absl::Minutes(4));
  lives(R"({"access_token":"t","expires_in":1e300})", absl::Hours(24 * 24));
}

TEST_F(CredentialsTest, ARefusedClientIsToldApartFromABusyServer) {
  Credentials credentials(Oauth(), kSource);
  EXPECT_THAT(Ask(credentials, 401, R"({"error":"invalid_client"})"),
              StatusIs(absl::StatusCode::kUnauthenticated,
                       AllOf(HasSubstr("invalid_client"), HasSubstr("client_id_file"))));
  EXPECT_THAT(Ask(credentials, 400, "{}"), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("400")));
  EXPECT_THAT(Ask(credentials, 404, "<html>"),
              StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("token_url")));
  EXPECT_THAT(Ask(credentials, 302, ""), StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("302")));
  for (int status : {408, 425, 429, 500, 503}) {
    EXPECT_THAT(Ask(credentials, status, "x"),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(absl::StrCat(status))));
  }
  for (const char* body :
       {"", "<html>", "{}", "[]", R"({"access_token":7})", R"({"access_token":""})", R"({"data":null})",
        R"({"access_token":"a\r\nHost: evil"})", R"({"access_token":"a b"})"}) {
    EXPECT_THAT(Ask(credentials, 200, body), StatusIs(absl::StatusCode::kUnavailable, ::testing::_)) << body;
  }
  EXPECT_THAT(credentials.TakeToken(FakeTransport::Silence(), clock_.Now()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("asking for a token")));
  EXPECT_TRUE(credentials.NeedsToken(clock_.Now()));
}

TEST_F(CredentialsTest, AnErrorBodyIsNeverQuoted) {
  Credentials credentials(Oauth(), kSource);
  EXPECT_THAT(
      Ask(credentials, 401, R"({"error":"s3cr&t+/=value is wrong","error_description":"geheim"})"),
      StatusIs(absl::StatusCode::kUnauthenticated, AllOf(Not(HasSubstr("s3cr")), Not(HasSubstr("geheim")))));
}

TEST_F(CredentialsTest, ARefusedTokenIsRenewedOnce) {
  Credentials credentials(Oauth(), kSource);
  ASSERT_OK(Ask(credentials, "first"));
  clock_.Advance(absl::Minutes(20));
  EXPECT_TRUE(credentials.Refused("Bearer first", clock_.Now()));
  EXPECT_TRUE(credentials.NeedsToken(clock_.Now()));
  ASSERT_OK(Ask(credentials, "second"));
  EXPECT_FALSE(credentials.Refused("Bearer second", clock_.Now()));
  // After a person asked to try again it is the same: one token, one request.
  EXPECT_TRUE(credentials.NeedsToken(clock_.Now()));
  ASSERT_OK(Ask(credentials, "third"));
  EXPECT_FALSE(credentials.Refused("Bearer third", clock_.Now()));
}

TEST_F(CredentialsTest, TasksRefusedTogetherCauseOneRenewal) {
  Credentials credentials(Oauth(), kSource);
  ASSERT_OK(Ask(credentials, "first"));
  EXPECT_TRUE(credentials.Refused("Bearer first", clock_.Now()));
  EXPECT_TRUE(credentials.Refused("Bearer first", clock_.Now()));  // while there is none
  ASSERT_OK(Ask(credentials, "second"));
  EXPECT_TRUE(credentials.Refused("Bearer first", clock_.Now()));  // a slow answer to the old one
  EXPECT_FALSE(credentials.NeedsToken(clock_.Now()));
  EXPECT_EQ(*credentials.Header(clock_.Now()), "Bearer second");
}

TEST_F(CredentialsTest, ATokenThatServedAWhileMayBeRenewedAgain) {
  Credentials credentials(Oauth(), kSource);
  ASSERT_OK(Ask(credentials, "first"));
  EXPECT_TRUE(credentials.Refused("Bearer first", clock_.Now()));
  ASSERT_OK(Ask(credentials, "second"));
  clock_.Advance(absl::Minutes(5));
  EXPECT_TRUE(credentials.Refused("Bearer second", clock_.Now()));
  ASSERT_OK(Ask(credentials, "third"));
  clock_.Advance(absl::Minutes(48));
  ASSERT_OK(Ask(credentials, "fourth"));  // renewed by its age, not after a refusal
  EXPECT_TRUE(credentials.Refused("Bearer fourth", clock_.Now()));
}

TEST_F(CredentialsTest, AChangedSecretMakesANewToken) {
  Credentials credentials(Oauth(), kSource);
  ASSERT_OK(Ask(credentials, "first"));
  EXPECT_TRUE(credentials.Refused("Bearer first", clock_.Now()));
  ASSERT_OK(Ask(credentials, "second"));
  EXPECT_FALSE(credentials.NeedsToken(clock_.Now()));
  const std::string generation = credentials.Generation();
  Write("secret", "another-secret");
  EXPECT_NE(credentials.Generation(), generation);
  EXPECT_TRUE(credentials.NeedsToken(clock_.Now()));
  EXPECT_TRUE(credentials.Refused("Bearer second", clock_.Now()));
  EXPECT_THAT(credentials.TokenRequest()->post_body, HasSubstr("client_secret=another-secret"));
}

}  // namespace
}  // namespace penstock::worker
