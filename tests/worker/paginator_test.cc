// SPDX-License-Identifier: Apache-2.0
#include "worker/paginator.h"

#include "base/instant.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kBase[] = "https://api.moveworks.ai/export/v1/records";
constexpr char kRequest[] = "https://api.moveworks.ai/export/v1/records/plugin-calls?$orderby=id%20desc";

absl::Time At(absl::string_view text) { return *ParseDate(text); }
absl::StatusOr<std::string> Follow(absl::string_view link) { return ResolveNextLink(kBase, kRequest, link); }

TEST(FirstPage, AsksForAHalfOpenWindowInTheVendorsSpelling) {
  EXPECT_EQ(FirstPageUrl("https://h/export/v1/records", Endpoint::kInteractions, v1::CREATED_TIME,
                         At("2026-03-01"), At("2026-03-02T12:30:00.5Z"), v1::ID_DESC, false),
            "https://h/export/v1/records/"
            "interactions?$filter=created_time%20ge%20%272026-03-01T00:00:00.000Z%27%20and%20"
            "created_time%20lt%20%272026-03-02T12:30:00.500Z%27&$orderby=id%20desc");
}

TEST(FirstPage, AMissingBoundIsNotSent) {
  EXPECT_EQ(
      FirstPageUrl("https://h/r", Endpoint::kUsers, v1::LAST_UPDATED_TIME, At("2026-03-01"), std::nullopt,
                   v1::ID_DESC, false),
      "https://h/r/users?$filter=last_updated_time%20ge%20%272026-03-01T00:00:00.000Z%27&$orderby=id%20desc");
  EXPECT_EQ(FirstPageUrl("https://h/r", Endpoint::kPluginCalls, v1::CREATED_TIME, std::nullopt,
                         At("2026-03-01"), v1::ID_DESC, false),
            "https://h/r/"
            "plugin-calls?$filter=created_time%20lt%20%272026-03-01T00:00:00.000Z%27&$orderby=id%20desc");
  EXPECT_EQ(FirstPageUrl("https://h/r", Endpoint::kUsers, v1::WINDOW_AXIS_UNSPECIFIED, std::nullopt,
                         std::nullopt, v1::ID_DESC, false),
            "https://h/r/users?$orderby=id%20desc");
}

TEST(FirstPage, FractionsBelowAMillisecondWidenTheWindow) {
  EXPECT_THAT(
      FirstPageUrl("https://h/r", Endpoint::kConversations, v1::CREATED_TIME, At("2026-03-01T00:00:00.0019Z"),
                   At("2026-03-01T00:00:00.0021Z"), v1::ID_DESC, false),
      AllOf(HasSubstr("ge%20%272026-03-01T00:00:00.001Z"), HasSubstr("lt%20%272026-03-01T00:00:00.003Z")));
}

TEST(FirstPage, OrderAndCountAreWhatTheWindowSays) {
  const auto url = [](v1::PageOrder order, bool count) {
    return FirstPageUrl("https://h/r", Endpoint::kUsers, v1::LAST_UPDATED_TIME, {}, {}, order, count);
  };
  EXPECT_EQ(url(v1::CREATED_TIME_DESC, true),
            "https://h/r/users?$orderby=created_time%20desc,id%20desc&$count=true");
  EXPECT_EQ(url(v1::PAGE_ORDER_UNSPECIFIED, false), "https://h/r/users?$orderby=id%20desc");
  EXPECT_EQ(url(v1::NO_ORDER, true), "https://h/r/users?$count=true");
  EXPECT_EQ(url(v1::NO_ORDER, false), "https://h/r/users");
}

TEST(Count, HasThePathAndTheFilterAlone) {
  EXPECT_EQ(CountUrl("https://h/r", Endpoint::kUsers, v1::LAST_UPDATED_TIME, {}, {}, {}),
            "https://h/r/users/$count");
  EXPECT_EQ(CountUrl("https://h/r", Endpoint::kPluginCalls, v1::CREATED_TIME, {}, At("2026-03-01"), {}),
            "https://h/r/plugin-calls/$count?$filter=created_time%20lt%20%272026-03-01T00:00:00.000Z%27");
  EXPECT_EQ(CountUrl("https://h/r", Endpoint::kPluginCalls, v1::LAST_UPDATED_TIME, At("2026-03-01"), {},
                     At("2026-02-01")),
            "https://h/r/plugin-calls/$count?$filter=last_updated_time%20ge%20%272026-03-01T00:00:00.000Z%27"
            "%20and%20created_time%20ge%20%272026-02-01T00:00:00.000Z%27");
}

TEST(NextLink, IsFollowedWithItsQueryUntouched) {
  const std::string query = "?$skiptoken=a%2Fb+c%20%e9==&x=%27'/?://..@;|{}\"<>^`[]~";
  ASSERT_OK_AND_ASSIGN(const std::string url,
                       Follow("https://api.moveworks.ai/export/v1/records/plugin-calls" + query));
  EXPECT_EQ(url, "https://api.moveworks.ai/export/v1/records/plugin-calls" + query);
}

TEST(NextLink, MaySpellTheSameOriginDifferently) {
  for (const char* link : {"HTTPS://api.moveworks.ai/export/v1/records/users?a",
                           "https://API.Moveworks.AI/export/v1/records/users?a",
                           "https://api.moveworks.ai:443/export/v1/records/users?a"}) {
    EXPECT_EQ(Follow(link).value_or("refused"), "https://api.moveworks.ai/export/v1/records/users?a") << link;
  }
}

TEST(NextLink, MayBeRelativeToItsRequest) {
  const auto follow = [](const char* link) { return Follow(link).value_or("refused"); };
  EXPECT_EQ(follow("?$skiptoken=x:y"),
            "https://api.moveworks.ai/export/v1/records/plugin-calls?$skiptoken=x:y");
  EXPECT_EQ(follow("/export/v1beta2/records/users?a=b"),
            "https://api.moveworks.ai/export/v1beta2/records/users?a=b");
  EXPECT_EQ(follow("plugin-resources?a=http://b"),
            "https://api.moveworks.ai/export/v1/records/plugin-resources?a=http://b");
  EXPECT_EQ(follow("plugin-resources"), "https://api.moveworks.ai/export/v1/records/plugin-resources");
}

TEST(NextLink, NeverLeavesItsOrigin) {
  for (const char* link :
       {// another host, port or scheme
        "https://evil.com/export/v1/records/users",
        "https://api.moveworks.ai.evil.com/export/v1/records/users",
        "https://evil-api.moveworks.ai/export/v1/", "https://moveworks.ai/export/v1/records/users",
        "https://api.moveworks.ai:444/export/v1/records/users", "https://api.moveworks.ai:80/export/v1/",
        "http://api.moveworks.ai/export/v1/records/users",
        "http://api.moveworks.ai:443/export/v1/records/users", "ftp://api.moveworks.ai/export/",
        "file:///export/passwd", "javascript:alert(1)", "data:text/plain,x",
        "gopher://api.moveworks.ai/export/", "//evil.com/export/v1/records/users",
        "//api.moveworks.ai/export/", "///evil.com/export/", "https:api.moveworks.ai/export/",
        "https:/evil.com/export/", "https:///export/",
        // confusing authorities
        "https://api.moveworks.ai@evil.com/export/", "https://u:p@api.moveworks.ai/export/",
        "https://@api.moveworks.ai/export/", "https://api.moveworks.ai./export/v1/",
        "https://api.moveworks.ai:/export/", "https://api.moveworks.ai%2eevil.com/export/",
        "https://api.moveworks.ai\\@evil.com/export/", "https://api.moveworks.ai,evil.com/export/",
        "https://api.moveworks.ai:443@evil.com/export/", "https://api.moveworks.ai:44３/export/",
        "https://аpi.moveworks.ai/export/v1/records/users", "https://api。moveworks。ai/export/",
        "https://xn--pi-7kc.moveworks.ai/export/",
        // addresses
        "https://127.0.0.1/export/", "https://169.254.169.254/export/", "https://2130706433/export/",
        "https://0x7f.1/export/", "https://[::1]/export/", "https://[::ffff:10.0.0.1]/export/",
        "http://localhost/export/",
        // other paths
        "https://api.moveworks.ai/admin", "https://api.moveworks.ai/export", "https://api.moveworks.ai",
        "https://api.moveworks.ai?/export/", "https://api.moveworks.ai/EXPORT/v1/records/users",
        "/oauth/v1/token", "/exported/users", "https://api.moveworks.ai/export/../admin",
        "https://api.moveworks.ai/export/%2e%2e/admin", "https://api.moveworks.ai/export/.%2E/admin",
        "https://api.moveworks.ai/export/%252e%252e/admin", "https://api.moveworks.ai/export/..;/admin",
        "https://api.moveworks.ai/export/v1/./users", "https://api.moveworks.ai/export//evil.com",
        "../../../admin", "./users", "..", "%2e%2e/admin", "/export/..",
        "https://api.moveworks.ai/export/..%2fadmin", "https://api.moveworks.ai/export/v1\\..\\..\\admin",
        // characters
        "/export/v1\\users", "\\\\evil.com/export/", "/\\evil.com/export/", "?a\\b", "?a#b", "#",
        "/export/users#x", "?a b", " ?a", "?a ", "?a\tb", "\t?a", "?a\r\nAuthorization: x", "?a\nb", "?\x01",
        "?\x7f", "?é", "https://api.moveworks.ai/export/\r\nHost: evil.com",
        "https://api.moveworks.ai\t/export/"}) {
    EXPECT_THAT(Follow(link), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("nothing was sent")))
        << link;
  }
  EXPECT_THAT(Follow(absl::string_view("?a\0b", 4)),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
}

TEST(NextLink, TheRefusalNamesTheForeignOriginButNotTheToken) {
  EXPECT_THAT(Follow("https://evil.com:8443/export/?$skiptoken=secret"),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("https://evil.com:8443 instead of https://api.moveworks.ai"),
                             ::testing::Not(HasSubstr("secret")))));
}

TEST(NextLink, AnAddressPassesOnlyOnLoopback) {
  EXPECT_OK(ResolveNextLink("http://127.0.0.1:8080/export/v1/records",
                            "http://127.0.0.1:8080/export/v1/records/users",
                            "http://127.0.0.1:8080/export/v1/records/users?a"));
  EXPECT_THAT(ResolveNextLink("http://127.0.0.1:8080/export/v1/records",
                              "http://127.0.0.1:8080/export/v1/records/users",
                              "http://127.0.0.2:8080/export/v1/records/users?a"),
              StatusIs(absl::StatusCode::kPermissionDenied, ::testing::_));
  EXPECT_THAT(
      ResolveNextLink("https://10.0.0.1/export/v1/records", "https://10.0.0.1/export/v1/records/users",
                      "https://10.0.0.1/export/v1/records/users?a"),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("address")));
  EXPECT_THAT(ResolveNextLink("http://h/export/v1/records", "http://h/export/v1/records/users", "?a"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("https")));
}

TEST(NextLink, ABaseBehindAGatewayHasAPathOfItsOwn) {
  const char* base = "https://gw.corp/moveworks/records";
  const char* request = "https://gw.corp/moveworks/records/users";
  EXPECT_OK(ResolveNextLink(base, request, "https://gw.corp/moveworks/records/users?a"));
  EXPECT_OK(ResolveNextLink(base, request, "/export/v1/records/users?a"));
  EXPECT_THAT(ResolveNextLink(base, request, "/moveworks/recordsx/users"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("/moveworks/recordsx/users")));
}

}  // namespace
}  // namespace penstock::worker
