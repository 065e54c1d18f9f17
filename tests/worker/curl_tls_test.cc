// SPDX-License-Identifier: Apache-2.0
// Who is talked to at all.
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"
#include "tests/worker/raw_server.h"
#include "tests/worker/tls_server.h"
#include "worker/curl_transport.h"

namespace penstock::worker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAnyPath[] = "/export/v1/records/users?$skiptoken=geheim";

HttpResult Get(const std::string& url, const HttpConfig& config = {}) {
  HttpRequest request;
  request.url = url;
  return NewCurlTransport(config, {}, SystemClock())->Send(request);
}

TEST(CurlTls, ACertificateThatNobodyVouchesForIsRefused) {
  TlsServer server;
  const HttpResult result = Get(absl::StrCat("https://localhost:", server.port(), kAnyPath));
  EXPECT_THAT(result.status,
              StatusIs(absl::StatusCode::kUnauthenticated,
                       AllOf(HasSubstr("certificate"), HasSubstr("ca_file"), Not(HasSubstr("geheim")))));
  EXPECT_EQ(result.fate, v1::NEVER_SENT);
  EXPECT_EQ(server.requests(), 0);
}

TEST(CurlTls, TheCaFileVouchesForItsOwnNameOnly) {
  TlsServer server;
  const HttpConfig config{.proxy = "",
                          .ca_file = absl::StrCat(::testing::TempDir(), "/ca_", getpid(), ".pem")};
  server.WriteCertificate(config.ca_file);
  const HttpResult good = Get(absl::StrCat("https://localhost:", server.port(), kAnyPath), config);
  EXPECT_OK(good.status);
  EXPECT_EQ(good.response.body, "hello");
  const HttpResult wrong_name = Get(absl::StrCat("https://127.0.0.1:", server.port(), kAnyPath), config);
  std::filesystem::remove(config.ca_file);
  EXPECT_EQ(wrong_name.status.code(), absl::StatusCode::kUnauthenticated) << wrong_name.status;
  EXPECT_EQ(wrong_name.fate, v1::NEVER_SENT);
  const HttpResult no_file = Get(absl::StrCat("https://localhost:", server.port(), kAnyPath), config);
  EXPECT_THAT(no_file.status, StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("CA file")));
}

TEST(CurlTls, PlainTextOnATlsPortSendsNothing) {
  RawServer server([](RawConnection& connection) { connection.Answer(200, "x"); });
  const HttpResult result = Get(absl::StrCat("https://127.0.0.1:", server.port(), kAnyPath));
  EXPECT_EQ(result.status.code(), absl::StatusCode::kUnauthenticated) << result.status;
  EXPECT_EQ(result.fate, v1::NEVER_SENT);
}

TEST(CurlTls, AnExpiredCertificateIsRefusedWhoeverVouchesForIt) {
  TlsServer server({.ends = -absl::Hours(1)});
  const HttpConfig config{.proxy = "",
                          .ca_file = absl::StrCat(::testing::TempDir(), "/expired_", getpid(), ".pem")};
  server.WriteCertificate(config.ca_file);
  const HttpResult result = Get(absl::StrCat("https://localhost:", server.port(), kAnyPath), config);
  std::filesystem::remove(config.ca_file);
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnauthenticated, HasSubstr("expired")));
  EXPECT_EQ(result.fate, v1::NEVER_SENT);
  EXPECT_EQ(server.requests(), 0);
}

TEST(CurlTls, VersionsBelow12AreRefused) {
  const HttpConfig config{.proxy = "",
                          .ca_file = absl::StrCat(::testing::TempDir(), "/old_", getpid(), ".pem")};
  for (int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) {
    TlsServer server({.version_max = version});
    server.WriteCertificate(config.ca_file);
    const HttpResult result = Get(absl::StrCat("https://localhost:", server.port(), kAnyPath), config);
    EXPECT_EQ(result.status.ok(), version == TLS1_2_VERSION) << result.status;
    EXPECT_EQ(result.fate, version == TLS1_2_VERSION ? v1::ANSWERED : v1::NEVER_SENT);
    EXPECT_EQ(server.requests(), version == TLS1_2_VERSION ? 1 : 0);
  }
  std::filesystem::remove(config.ca_file);
}

}  // namespace
}  // namespace penstock::worker
