// SPDX-License-Identifier: Apache-2.0
#include "sandbox/service.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/sandbox/page_reader.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

constexpr char kUsers[] = "/export/v1/records/users";

std::string HeaderOf(const HttpReply& reply, absl::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

class ServiceTest : public ::testing::Test {
 protected:
  void Open(SandboxOptions options) {
    if (options.records.empty() && !options.synthetic) options.records[Endpoint::kUsers] = UsersJson(12);
    auto service = Service::Open(options, clock_.Now());
    ASSERT_OK(service);
    service_ = *std::move(service);
  }
  HttpReply Ask(const HttpRequest& request) { return service_->Handle(request, clock_.Now()); }
  std::string CountOf(absl::string_view endpoint, const std::string& filter = "") {
    Parameters parameters;
    if (!filter.empty()) parameters.insert({"$filter", filter});
    return Ask(Get(absl::StrCat("/export/v1/records/", endpoint, "/$count"), parameters)).body;
  }

  FakeClock clock_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, AChainOfPagesIsTheWholeEndpointOnce) {
  Open({.page_size = 5});
  std::vector<std::string> ids;
  std::vector<size_t> sizes;
  std::string link = kUsers;
  Parameters first = {{"$orderby", "id desc"}, {"$filter", "id ge 'u01'"}};
  while (!link.empty()) {
    const HttpReply reply = Ask(Get(link, ids.empty() ? first : Parameters{}));
    ASSERT_EQ(reply.status, 200) << reply.body;
    const ReadPage page = Parse(reply.body);
    sizes.push_back(page.ids.size());
    ids.insert(ids.end(), page.ids.begin(), page.ids.end());
    link = page.next;
    EXPECT_FALSE(absl::StrContains(link, "filter")) << "a next link repeats nothing of the question";
    EXPECT_TRUE(link.empty() ||
                absl::StartsWith(link, absl::StrCat("http://sandbox.test:1", kUsers, "?$skiptoken=")));
  }
  EXPECT_EQ(sizes, (std::vector<size_t>{5, 5, 1}));
  ASSERT_EQ(ids.size(), 11u);
  EXPECT_EQ(ids.front(), "u11");
  EXPECT_EQ(ids.back(), "u01");
}

TEST_F(ServiceTest, AFullLastPageHasNoNextLink) {
  Open({.page_size = 12});
  EXPECT_EQ(Parse(Ask(Get(kUsers)).body).next, "");
}

TEST_F(ServiceTest, TopLimitsTheWholeChain) {
  Open({.page_size = 5});
  const ReadPage first = Parse(Ask(Get(kUsers, {{"$top", "7"}, {"$skip", "2"}, {"$orderby", "id"}})).body);
  EXPECT_EQ(first.ids.front(), "u02");
  EXPECT_EQ(first.ids.size(), 5u);
  const ReadPage second = Parse(Ask(Get(first.next)).body);
  EXPECT_EQ(second.ids, (std::vector<std::string>{"u07", "u08"}));
  EXPECT_EQ(second.next, "");
  EXPECT_EQ(Parse(Ask(Get(kUsers, {{"$top", "0"}})).body).next, "");
}

TEST_F(ServiceTest, CountsInTwoWays) {
  Open({.page_size = 5});
  EXPECT_EQ(CountOf("users"), "12");
  EXPECT_EQ(CountOf("users", "id lt 'u03'"), "3");
  EXPECT_EQ(CountOf("plugin-calls"), "0");
  const HttpReply reply = Ask(Get(kUsers, {{"$count", "true"}, {"$filter", "id ge 'u03'"}}));
  EXPECT_THAT(reply.body, HasSubstr("\"@odata.count\":9,"));
  EXPECT_THAT(Ask(Get(Parse(reply.body).next)).body, HasSubstr("\"@odata.count\":9,"))
      << "on every page of the chain";
  EXPECT_EQ(Ask(Get(absl::StrCat(kUsers, "/$count"), {{"$top", "3"}})).status, 400);
}

TEST_F(ServiceTest, SelectsProperties) {
  Open({});
  const ReadPage page = Parse(Ask(Get(kUsers, {{"$select", "email_addr,id"}, {"$top", "2"}})).body);
  EXPECT_EQ(page.records, (std::vector<std::string>{R"({"email_addr":null,"id":"u00"})",
                                                    R"({"email_addr":null,"id":"u01"})"}));
}

TEST_F(ServiceTest, QuestionsItDoesNotUnderstandAreBadRequests) {
  Open({});
  const std::vector<Parameters> bad = {
      {{"$filter", "id ne 'a'"}}, {{"$filter", "nonsense eq 'a'"}}, {{"$filter", "access_to_bot eq 'a'"}},
      {{"$orderby", "nonsense"}}, {{"$select", "nonsense"}},        {{"$skiptoken", "made-up"}},
      {{"$search", "a"}}};
  for (const Parameters& parameters : bad) {
    const HttpReply reply = Ask(Get(kUsers, parameters));
    EXPECT_EQ(reply.status, 400) << parameters.begin()->second;
    EXPECT_THAT(reply.body, HasSubstr("\"error\":{\"code\":\"BAD_REQUEST\",\"message\":\"$"));
  }
}

TEST_F(ServiceTest, ATokenBelongsToItsEndpoint) {
  Open({.page_size = 5});
  const std::string link = Parse(Ask(Get(kUsers)).body).next;
  HttpRequest request = Get(link);
  request.path = "/export/v1/records/interactions";
  EXPECT_EQ(Ask(request).status, 400);
}

TEST_F(ServiceTest, PathsThatDoNotExistAreNotFound) {
  Open({});
  for (const char* path : {"/", "/export/v1/records", "/export/v1/records/people", "/export/v2/records/users",
                           "/export/v1/records/users/1", "/export/v1/records/users/$count/x"}) {
    EXPECT_EQ(Ask(Get(path)).status, 404) << path;
  }
  HttpRequest post = Get(kUsers);
  post.method = "POST";
  EXPECT_EQ(Ask(post).status, 404);
  EXPECT_EQ(Ask(Get("/export/v1beta2/records/users")).status, 200);
}

TEST_F(ServiceTest, TheLimitIsExactAndSaysWhenToComeBack) {
  Open({.per_minute = 3});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask(Get(kUsers)).status, 200);
    clock_.Advance(absl::Seconds(5));
  }
  const HttpReply refused = Ask(Get(absl::StrCat(kUsers, "/$count")));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(HeaderOf(refused, "Retry-After"), "46") << "15 s have passed; the 60th second still counts";
  clock_.Advance(absl::Seconds(45));
  EXPECT_EQ(Ask(Get(kUsers)).status, 429);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ask(Get(kUsers)).status, 200);
  EXPECT_EQ(service_->Snapshot().limited, 2u);
  EXPECT_EQ(service_->Snapshot().most_in_60s, 5u);
}

TEST_F(ServiceTest, TheReportIsFreeOfLimitAndKey) {
  Open({.per_minute = 1, .door = {.api_key = "k"}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask(Get("/sandbox/report")).status, 200);
  EXPECT_EQ(Ask(Get(kUsers)).status, 401);
  EXPECT_EQ(Ask(Get(kUsers)).status, 429) << "a request without a key was a request";
  EXPECT_THAT(Ask(Get("/sandbox/report")).body, HasSubstr("\"without_key\":1"));
  EXPECT_EQ(service_->Snapshot().endpoints.at(Endpoint::kUsers).requests, 2u);
}

TEST_F(ServiceTest, TokensOpenTheDoorAndCountAsArrivals) {
  Open({.per_minute = 2, .door = {.client_id = "me", .client_secret = "s"}});
  HttpRequest request;
  request.method = "POST";
  request.path = "/oauth/v1/token";
  request.body = "grant_type=client_credentials&client_id=me&client_secret=s";
  EXPECT_THAT(Ask(request).body, HasSubstr("mwt_sandbox_1"));
  HttpRequest get = Get(kUsers);
  get.authorization = "Bearer mwt_sandbox_1";
  EXPECT_EQ(Ask(get).status, 200);
  EXPECT_EQ(Ask(request).status, 429);
  EXPECT_EQ(service_->Snapshot().token_requests, 1u);
}

TEST_F(ServiceTest, EveryAnswerSaysWhatTimeItIs) {
  Open({.now = *ParseDate("2026-03-31T12:00:05Z")});
  EXPECT_EQ(HeaderOf(Ask(Get(kUsers)), "Date"), "Tue, 31 Mar 2026 12:00:05 GMT");
}

TEST_F(ServiceTest, AsTimeGoesByDaysArePublishedAndForgotten) {
  Open({.synthetic = SyntheticOptions{.days = 30, .ahead = 3, .conversations = 10},
        .now = *ParseDate("2026-03-31T00:00:00Z"),
        .per_minute = 0});
  EXPECT_EQ(CountOf("conversations", "created_time ge '2026-03-30'"), "0");
  const int before = std::stoi(CountOf("conversations"));
  service_->SetNow(*ParseDate("2026-04-01T06:00:00Z"));
  EXPECT_EQ(CountOf("conversations", "created_time ge '2026-03-30' and created_time lt '2026-03-31'"), "10");
  EXPECT_EQ(CountOf("conversations", "created_time lt '2026-03-02T06:00:00.000Z'"), "0");
  service_->SetNow(*ParseDate("2026-05-20T00:00:00Z"));
  EXPECT_EQ(CountOf("conversations"), "0");
  EXPECT_EQ(CountOf("users"), "500") << "the roster forgets nobody";
  EXPECT_GT(before, 270);
}

TEST_F(ServiceTest, RetentionCanBeOff) {
  Open({.synthetic = SyntheticOptions{.days = 60, .conversations = 10},
        .now = *ParseDate("2026-03-31T06:00:00Z"),
        .retention = absl::InfiniteDuration(),
        .per_minute = 0});
  EXPECT_EQ(CountOf("conversations", "created_time lt '2026-02-01'"), "20") << "30 and 31 January";
}

TEST_F(ServiceTest, AHeldBackDayComesLaterWithAStampOfItsOwn) {
  const std::string day = "created_time ge '2026-03-20' and created_time lt '2026-03-21'";
  Open({.synthetic = SyntheticOptions{.days = 30, .conversations = 10},
        .now = *ParseDate("2026-03-31T12:34:56Z"),
        .per_minute = 0,
        .faults = {"held-back=2026-03-20@conversations"}});
  EXPECT_EQ(CountOf("conversations", day), "0");
  EXPECT_NE(CountOf("interactions", day), "0") << "held back on one endpoint only";
  ASSERT_OK(service_->SetFaults({}, clock_.Now()));
  EXPECT_EQ(CountOf("conversations", day), "10");
  EXPECT_EQ(CountOf("conversations", "last_updated_time ge '2026-03-31T12:34:56.000Z'"), "10");
}

TEST_F(ServiceTest, FaultsAreSwitchedOverHttpToo) {
  Open({});
  HttpRequest request;
  request.method = "POST";
  request.path = "/sandbox/faults";
  request.parameters = {{"set", "500=1"}, {"set", "503"}};
  EXPECT_EQ(Ask(request).status, 200);
  EXPECT_EQ(Ask(Get(kUsers)).status, 500);
  EXPECT_EQ(Ask(Get(kUsers)).status, 503);
  request.parameters = {{"set", "nonsense"}};
  EXPECT_EQ(Ask(request).status, 400);
  EXPECT_EQ(Ask(Get(kUsers)).status, 503) << "a mistake changes nothing";
  request.parameters = {};
  EXPECT_EQ(Ask(request).status, 200);
  EXPECT_EQ(Ask(Get(kUsers)).status, 200);
  EXPECT_EQ(service_->Snapshot().faults, (std::map<std::string, uint64_t>{{"500", 1}, {"503", 2}}));
}

TEST_F(ServiceTest, DataAndFaultsThatCannotBeReadAreErrors) {
  EXPECT_FALSE(Service::Open({.faults = {"501"}}, clock_.Now()).ok());
  EXPECT_FALSE(Service::Open({.data_folder = "/nonexistent"}, clock_.Now()).ok());
  EXPECT_FALSE(Service::Open({.records = {{Endpoint::kUsers, "?"}}}, clock_.Now()).ok());
  EXPECT_FALSE(Service::Open({.page_size = 0}, clock_.Now()).ok());
}

TEST_F(ServiceTest, JitterSpreadsTheTimesAroundTheGivenOnes) {
  Open({.per_minute = 0,
        .first_byte = absl::Milliseconds(1000),
        .body_time = absl::Seconds(2),
        .jitter = 0.3});
  std::set<absl::Duration> seen;
  for (int i = 0; i < 200; ++i) {
    const Delivery delivery = Ask(Get(kUsers)).delivery;
    EXPECT_GE(delivery.first_byte, absl::Milliseconds(700));
    EXPECT_LE(delivery.first_byte, absl::Milliseconds(1300));
    seen.insert(delivery.first_byte);
  }
  EXPECT_GT(seen.size(), 50u);
  EXPECT_LT(*seen.begin(), absl::Milliseconds(800));
  EXPECT_GT(*seen.rbegin(), absl::Milliseconds(1200));
}

}  // namespace
}  // namespace penstock::sandbox
