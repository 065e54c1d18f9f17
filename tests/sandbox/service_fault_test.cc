// SPDX-License-Identifier: Apache-2.0
// Each fault by its name, as a client meets it. Those of the wire are in sandbox_server_test.cc.
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "sandbox/service.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/sandbox/page_reader.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

constexpr char kUsers[] = "/export/v1/records/users";

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() {
    SandboxOptions options;
    options.records[Endpoint::kUsers] = UsersJson(12);
    options.per_minute = 0;
    options.page_size = 5;
    options.now = *ParseDate("2026-03-31T12:00:00Z");
    options.door.client_id = "me";
    options.door.client_secret = "s";
    options.door.api_key = "k";
    service_ = *Service::Open(options, clock_.Now());
  }
  // With these faults and no others, from now on.
  void Faults(const std::vector<std::string>& words) { ASSERT_OK(service_->SetFaults(words, clock_.Now())); }
  HttpReply Ask(absl::string_view link = kUsers, Parameters parameters = {{"$orderby", "id"}}) {
    HttpRequest request = Get(link, absl::StrContains(link, "skiptoken") ? Parameters{} : parameters);
    request.authorization = "Bearer k";
    request.accept_encoding = accept_encoding_;
    return service_->Handle(request, clock_.Now());
  }
  ReadPage Page(absl::string_view link = kUsers) { return Parse(Ask(link).body); }
  static std::string RetryAfter(const HttpReply& reply) {
    for (const auto& [key, value] : reply.headers) {
      if (key == "Retry-After") return value;
    }
    return "(none)";
  }

  FakeClock clock_;
  std::string accept_encoding_;
  std::unique_ptr<Service> service_;
};

TEST_F(FaultTest, TooManyRequestsComesInFourSpellings) {
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"429", "2"},
      {"429-bare", "(none)"},
      {"429-date", "Tue, 31 Mar 2026 12:00:02 GMT"},
      {"429-garbage", "soon"}};
  for (const auto& [name, retry_after] : expected) {
    Faults({name + "=1"});
    const HttpReply reply = Ask();
    EXPECT_EQ(reply.status, 429) << name;
    EXPECT_EQ(RetryAfter(reply), retry_after) << name;
    EXPECT_EQ(Ask().status, 200) << name;
  }
  EXPECT_EQ(service_->Snapshot().limited, 0u) << "these are not the limiter's";
}

TEST_F(FaultTest, StatusesAndBodiesThatAreNoPage) {
  const std::vector<std::pair<std::string, int>> expected = {
      {"500", 500},  {"502-html", 502},   {"503", 503},
      {"403", 403},  {"gone", 410},       {"redirect=http://else.test/", 302},
      {"html", 200}, {"empty-body", 200}, {"error-200", 200}};
  for (const auto& [name, status] : expected) {
    Faults({name});
    const HttpReply reply = Ask();
    EXPECT_EQ(reply.status, status) << name;
    EXPECT_FALSE(Parse(reply.body).has_value) << name;
  }
  Faults({"html"});
  EXPECT_EQ(Ask().content_type, "text/html");
  Faults({"error-200"});
  EXPECT_THAT(Ask().body, HasSubstr("\"error\""));
  Faults({"403@plugin-calls"});
  EXPECT_EQ(Ask().status, 200);
}

TEST_F(FaultTest, A401TakesTheTokenWithIt) {
  HttpRequest buy;
  buy.method = "POST";
  buy.path = "/oauth/v1/token";
  buy.body = "grant_type=client_credentials&client_id=me&client_secret=s";
  service_->Handle(buy, clock_.Now());
  Faults({"401-once"});
  HttpRequest request = Get(kUsers);
  request.authorization = "Bearer mwt_sandbox_1";
  EXPECT_EQ(service_->Handle(request, clock_.Now()).status, 401);
  EXPECT_EQ(service_->Handle(request, clock_.Now()).status, 401) << "the same token again is no better";
  service_->Handle(buy, clock_.Now());
  request.authorization = "Bearer mwt_sandbox_2";
  EXPECT_EQ(service_->Handle(request, clock_.Now()).status, 200);
}

TEST_F(FaultTest, OnlyNextLinksExpire) {
  Faults({"expired-link=1"});
  const std::string link = Page().next;
  ASSERT_NE(link, "");
  EXPECT_EQ(Ask(link).status, 410);
  EXPECT_EQ(Ask(link).status, 200);
}

TEST_F(FaultTest, AServerCanLackCountFilterAndOrder) {
  Faults({"no-count", "no-filter"});
  EXPECT_EQ(Ask(absl::StrCat(kUsers, "/$count"), {}).status, 404);
  EXPECT_EQ(Ask(kUsers, {{"$filter", "id eq 'u01'"}}).status, 400);
  EXPECT_EQ(Ask(kUsers, {{"$orderby", "id"}}).status, 200);
  Faults({"no-orderby"});
  EXPECT_EQ(Ask(kUsers, {{"$orderby", "id"}}).status, 400);
  EXPECT_EQ(Ask(kUsers, {}).status, 200);
}

TEST_F(FaultTest, AServerCanIgnoreFilterAndOrder) {
  Faults({"ignore-filter", "ignore-orderby"});
  const ReadPage page = Parse(Ask(kUsers, {{"$filter", "id eq 'u07'"}, {"$orderby", "id desc"}}).body);
  EXPECT_EQ(page.ids.size(), 5u);
  EXPECT_EQ(page.ids.front(), "u00");
  EXPECT_EQ(Ask(absl::StrCat(kUsers, "/$count"), {{"$filter", "id eq 'u07'"}}).body, "12");
}

TEST_F(FaultTest, PartsOfTheEnvelopeGoMissing) {
  Faults({"no-value"});
  EXPECT_FALSE(Page().has_value);
  EXPECT_TRUE(Page().has_context);
  EXPECT_NE(Page().next, "");
  Faults({"no-context"});
  EXPECT_TRUE(Page().has_value);
  EXPECT_FALSE(Page().has_context);
  Faults({"value-object"});
  EXPECT_THAT(Ask().body, HasSubstr("\"value\":{}"));
  Faults({"count-string"});
  EXPECT_THAT(Ask(kUsers, {{"$count", "true"}}).body, HasSubstr("\"@odata.count\":\"12\""));
}

TEST_F(FaultTest, AnEmptyPageLeadsToTheOneThatWasDue) {
  Faults({"empty-page=1"});
  const ReadPage empty = Page();
  EXPECT_TRUE(empty.ids.empty());
  const ReadPage due = Page(empty.next);
  EXPECT_EQ(due.ids.front(), "u00");
  EXPECT_EQ(due.ids.size(), 5u);
}

TEST_F(FaultTest, NextLinksLeadAstray) {
  Faults({"foreign-link=https://evil.test/export/v1/records/users?x"});
  EXPECT_EQ(Page().next, "https://evil.test/export/v1/records/users?x");
  Faults({"loop-link"});
  const std::string loop = Page().next;
  EXPECT_EQ(Page(loop).next, loop);
  Faults({"relative-link"});
  EXPECT_TRUE(absl::StartsWith(Page().next, "users?$skiptoken="));
  Faults({});
  EXPECT_EQ(Page("/export/v1/records/" +
                 [&] {
                   Faults({"relative-link=1"});
                   return Page().next;
                 }())
                .ids.front(),
            "u05")
      << "it is a good link, if resolved";
}

TEST_F(FaultTest, NextLinksAreSpelledDifferently) {
  Faults({"link-case=odata.nextlink"});
  EXPECT_EQ(Page().next, "");
  EXPECT_THAT(Ask().body, HasSubstr("\"odata.nextlink\":\"http://"));
  Faults({"two-links"});
  EXPECT_THAT(Ask().body, HasSubstr("\"odata.nextLink\":"));
  EXPECT_NE(Page().next, "");
  Faults({"link-first"});
  const std::string body = Ask().body;
  EXPECT_LT(body.find("nextLink"), body.find("\"value\""));
}

TEST_F(FaultTest, TheLastPageCanHaveALinkThatIsNone) {
  const HttpRequest last = Get(kUsers, {{"$filter", "id ge 'u10'"}});
  Faults({"link-null"});
  EXPECT_THAT(Ask(kUsers, last.parameters).body, HasSubstr("\"@odata.nextLink\":null"));
  Faults({"link-empty"});
  EXPECT_THAT(Ask(kUsers, last.parameters).body, HasSubstr("\"@odata.nextLink\":\"\""));
}

TEST_F(FaultTest, RecordsAreOdd) {
  Faults({"no-id"});
  EXPECT_EQ(Page().ids, (std::vector<std::string>{"(none)", "u01", "u02", "u03", "u04"}));
  Faults({"extra-field"});
  EXPECT_THAT(Page().records[0], HasSubstr("\"a_new_field\":{"));
  EXPECT_THAT(Page().records[1], ::testing::Not(HasSubstr("a_new_field")));
  Faults({"odd-text"});
  EXPECT_THAT(Ask().body, HasSubstr("a\\u0000b"));
  EXPECT_THAT(Ask().body, HasSubstr("\\ud83d\""));
}

TEST_F(FaultTest, ARowIsRepeatedOverPages) {
  Faults({"dup"});
  const ReadPage first = Page();
  const ReadPage second = Page(first.next);
  EXPECT_EQ(first.ids.back(), "u04");
  EXPECT_EQ(second.ids, (std::vector<std::string>{"u04", "u05", "u06", "u07", "u08", "u09"}));
  EXPECT_EQ(Page(second.next).ids, (std::vector<std::string>{"u09", "u10", "u11"}));
}

TEST_F(FaultTest, BodiesAreCompressedForThoseWhoWantIt) {
  Faults({"gzip"});
  EXPECT_TRUE(Parse(Ask().body).has_value) << "not asked for";
  accept_encoding_ = "deflate, gzip";
  EXPECT_EQ(Ask().body.substr(0, 2), "\x1f\x8b");
  Faults({"bomb"});
  accept_encoding_ = "";
  EXPECT_EQ(Ask().body.substr(0, 2), "\x1f\x8b") << "a bomb asks nobody";
}

TEST_F(FaultTest, TheWireIsToldWhatToDo) {
  Faults({"reset"});
  EXPECT_TRUE(Ask().delivery.reset);
  Faults({"cut"});
  EXPECT_TRUE(Ask().delivery.cut);
  Faults({"slow-drip"});
  EXPECT_TRUE(Ask().delivery.drip);
  Faults({});
  const Delivery whole = Ask().delivery;
  EXPECT_FALSE(whole.reset || whole.cut || whole.drip);
  EXPECT_EQ(whole.first_byte, absl::ZeroDuration());
}

}  // namespace
}  // namespace penstock::sandbox
