// SPDX-License-Identifier: Apache-2.0
#include "worker/url.h"

#include "base/source_url.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Url, IsCutIntoItsParts) {
  ASSERT_OK_AND_ASSIGN(const Url url,
                       SplitUrl("HTTPS://API.Example.com:8443/export/v1?$skiptoken=a%2F/?b:@"));
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "api.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/export/v1");
  EXPECT_EQ(url.query, "?$skiptoken=a%2F/?b:@");
  EXPECT_EQ(Origin(url), "https://api.example.com:8443");
  EXPECT_EQ(WithoutQuery(url), "https://api.example.com:8443/export/v1");
}

TEST(Url, TheUsualPortNeedNotBeWritten) {
  EXPECT_EQ(Origin(*SplitUrl("https://h:443/")), "https://h");
  EXPECT_EQ(Origin(*SplitUrl("http://h")), "http://h");
  EXPECT_EQ(Origin(*SplitUrl("http://h:443")), "http://h:443");
  EXPECT_EQ(Origin(*SplitUrl("https://[::1]:8443?x")), "https://[::1]:8443");
  EXPECT_TRUE(SameOrigin(*SplitUrl("https://H:443/a"), *SplitUrl("https://h/b")));
  EXPECT_FALSE(SameOrigin(*SplitUrl("https://h:80"), *SplitUrl("http://h")));
}

TEST(Url, WhateverTwoReadersMightCutDifferentlyIsRefused) {
  for (const char* odd : {"",
                          "h",
                          "/export",
                          "https:/h",
                          "https:h",
                          "ftp://h/",
                          "https://",
                          "https:///x",
                          "https://u@h/",
                          "https://u:p@h/",
                          "https://h@evil/",
                          "https://h:/",
                          "https://h:0/",
                          "https://h:65536/",
                          "https://h:4 43/",
                          "https://h:+443/",
                          "https://h:443:443/",
                          "https://h./",
                          "https://.h/",
                          "https://a..b/",
                          "https://h%2eevil/",
                          "https://h\\evil/",
                          "https://h/a#b",
                          "https://h/a b",
                          "https://h/\tb",
                          "https://h/\r\nX: y",
                          "https://h/\x7f",
                          "https://h/é",
                          "https://[::1/",
                          "https://[::1]x/",
                          "https://[h]/",
                          "https://::1/",
                          "https://h/../x",
                          "https://h/a/./b",
                          "https://h/a//b",
                          "https://h/%2e%2e/b",
                          "https://h/a/..;/b",
                          "https://h,evil/",
                          " https://h/",
                          "https://h/?a b"}) {
    EXPECT_THAT(SplitUrl(odd), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the URL"))) << odd;
  }
  EXPECT_THAT(SplitUrl(absl::string_view("https://h/\0x", 12)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("control")));
  EXPECT_THAT(SplitUrl("https://h/x?secret#f"),
              StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))));
}

TEST(Url, LoopbackIsTheMachineItself) {
  for (const char* near : {"http://127.0.0.1", "http://127.9.8.7:80", "http://LocalHost", "http://[::1]:1"}) {
    EXPECT_TRUE(IsLoopback(SplitUrl(near)->host)) << near;
  }
  for (const char* far :
       {"http://128.0.0.1", "http://127.1", "http://127.0.0.1.evil.com", "http://localhost.evil.com",
        "http://0.0.0.0", "http://[::2]", "http://[::ffff:127.0.0.1]", "http://2130706433"}) {
    EXPECT_FALSE(IsLoopback(SplitUrl(far)->host)) << far;
  }
}

TEST(Url, AddressesAreKnownInAllTheirSpellings) {
  for (const char* address : {"10.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "::1"}) {
    EXPECT_TRUE(IsIpLiteral(address)) << address;
  }
  for (const char* name : {"h", "api.moveworks.ai", "10.0.0.1.com", "1.2.3.4.5"})
    EXPECT_FALSE(IsIpLiteral(name)) << name;
}

}  // namespace
}  // namespace penstock::worker
