// SPDX-License-Identifier: Apache-2.0
#include "base/source_url.h"

#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(HttpUrl, IsTakenApart) {
  ASSERT_OK_AND_ASSIGN(UrlParts url, ParseHttpUrl("https://API.moveworks.ai/export/v1/records?x=1"));
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "api.moveworks.ai");
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.path, "/export/v1/records?x=1");
}

TEST(HttpUrl, NamesItsPortAndAnIpv6Host) {
  ASSERT_OK_AND_ASSIGN(UrlParts url, ParseHttpUrl("http://[::1]:8080"));
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 8080);
  EXPECT_EQ(url.path, "");
}

TEST(HttpUrl, SecretsNeverLeaveThisMachineInTheClear) {
  EXPECT_THAT(ParseHttpUrl("http://api.moveworks.ai/records"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("in the clear")));
  EXPECT_THAT(ParseHttpUrl("http://127.0.0.1.evil.example/records"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("in the clear")));
  EXPECT_OK(ParseHttpUrl("http://127.8.9.1:80/records"));
  EXPECT_OK(ParseHttpUrl("http://localhost/records"));
}

TEST(HttpUrl, APasswordInItIsRefusedAndNotRepeated) {
  EXPECT_THAT(ParseHttpUrl("https://me:hunter2@host/records"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("secret file"), Not(HasSubstr("hunter2")))));
}

TEST(HttpUrl, WhatIsNotAUrlIsRefused) {
  for (const char* text : {"", "ftp://host/", "https://", "https://:443/", "https://host:0/",
                           "https://host:65536/", "https://host:x/", "https://ho st/", "https://h\xC3\xB6st/",
                           "https://[::1/", "https://::1/", "https://host/#top", "host/records"}) {
    EXPECT_THAT(ParseHttpUrl(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("URL"))) << text;
  }
}

TEST(Loopback, IsDecidedByTheLettersAlone) {
  for (const char* host : {"localhost", "127.0.0.1", "127.255.255.255", "::1"})
    EXPECT_TRUE(IsLoopback(host)) << host;
  for (const char* host :
       {"", "127.0.0", "127.0.0.256", "127.0.0.09", "127.0.0.1.x", "128.0.0.1", "localhost.example", "::2"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(Address, NeedsHostAndPort) {
  ASSERT_OK_AND_ASSIGN(HostPort address, ParseHostPort("penstock-coordinator:7070"));
  EXPECT_EQ(address.host, "penstock-coordinator");
  EXPECT_EQ(address.port, 7070);
  for (const char* text : {"", "host", "host:", ":7070", "host:70700", "::1:7070", "host:7070/x"}) {
    EXPECT_THAT(ParseHostPort(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("HOST:PORT")))
        << text;
  }
}

}  // namespace
}  // namespace penstock
