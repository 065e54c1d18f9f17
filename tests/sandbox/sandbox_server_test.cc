// SPDX-License-Identifier: Apache-2.0
#include "sandbox/sandbox_server.h"

#include <httplib.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"
#include "tests/sandbox/page_reader.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

constexpr char kUsers[] = "/export/v1/records/users";

std::unique_ptr<SandboxServer> StartWith(SandboxOptions options) {
  if (!options.synthetic) options.records[Endpoint::kUsers] = UsersJson(12);
  options.page_size = 5;
  auto server = SandboxServer::Start(options);
  EXPECT_OK(server);
  return *std::move(server);
}

httplib::Client ClientOf(const SandboxServer& server) {
  httplib::Client client(server.origin());
  client.set_keep_alive(true);
  client.set_decompress(false);
  return client;
}

TEST(SandboxServer, AChainIsFollowedByThoseWhoTakeLinksVerbatim) {
  const auto server = StartWith({});
  httplib::Client client = ClientOf(*server);
  client.set_url_encode(false);
  std::vector<std::string> ids;
  std::string path = absl::StrCat(kUsers, "?$orderby=id%20desc&%24filter=id+ge+%27u01%27");
  while (!path.empty()) {
    const auto result = client.Get(path);
    ASSERT_TRUE(result) << httplib::to_string(result.error());
    ASSERT_EQ(result->status, 200) << result->body;
    const ReadPage page = Parse(result->body);
    ids.insert(ids.end(), page.ids.begin(), page.ids.end());
    if (!page.next.empty()) {
      ASSERT_TRUE(absl::StartsWith(page.next, server->base_url())) << page.next;
    }
    path = page.next.empty() ? "" : page.next.substr(server->origin().size());
  }
  EXPECT_EQ(ids.size(), 11u);
  EXPECT_EQ(server->report().endpoints.at(Endpoint::kUsers).requests, 3u);
  EXPECT_EQ(server->report().rows(), 11u);
}

TEST(SandboxServer, CountKeysAndReportOverTheWire) {
  const auto server = StartWith({.door = {.api_key = "k"}});
  httplib::Client client = ClientOf(*server);
  EXPECT_EQ(client.Get(kUsers)->status, 401);
  const auto count = client.Get(absl::StrCat(kUsers, "/$count"), {{"Authorization", "Bearer k"}});
  EXPECT_EQ(count->body, "12");
  EXPECT_EQ(client.Get(absl::StrCat(kUsers, "/%24count"), {{"Authorization", "Bearer k"}})->body, "12");
  EXPECT_EQ(client.Get("/sandbox/report")->body, ReportJson(server->report()));
}

TEST(SandboxServer, TokensAreBoughtWithAPost) {
  const auto server = StartWith({.door = {.client_id = "me", .client_secret = "s"}});
  httplib::Client client = ClientOf(*server);
  const auto form = client.Post(
      "/oauth/v1/token",
      httplib::Params{{"grant_type", "client_credentials"}, {"client_id", "me"}, {"client_secret", "s"}});
  EXPECT_THAT(form->body, HasSubstr("mwt_sandbox_1"));
  const auto json = client.Post("/oauth/v1/token",
                                R"({"grant_type":"client_credentials","client_id":"me","client_secret":"s"})",
                                "application/json");
  EXPECT_THAT(json->body, HasSubstr("mwt_sandbox_2"));
  EXPECT_EQ(client.Get(kUsers, {{"Authorization", "Bearer mwt_sandbox_2"}})->status, 200);
}

TEST(SandboxServer, FaultsAreSwitchedWhileItRuns) {
  const auto server = StartWith({.faults = {"500"}});
  httplib::Client client = ClientOf(*server);
  EXPECT_EQ(client.Get(kUsers)->status, 500);
  ASSERT_OK(server->SetFaults({}));
  EXPECT_EQ(client.Get(kUsers)->status, 200);
  EXPECT_EQ(client.Post("/sandbox/faults?set=503=1")->status, 200);
  EXPECT_EQ(client.Get(kUsers)->status, 503);
  EXPECT_FALSE(server->SetFaults({"nonsense"}).ok());
}

TEST(SandboxServer, ACutBodyPromisesMoreThanItSends) {
  const auto server = StartWith({.faults = {"cut=1"}});
  httplib::Client client = ClientOf(*server);
  std::string received;
  std::string promised;
  const auto result = client.Get(
      kUsers,
      [&](const httplib::Response& response) {
        promised = response.get_header_value("Content-Length");
        return true;
      },
      [&](const char* data, size_t size) {
        received.append(data, size);
        return true;
      });
  EXPECT_FALSE(result);
  EXPECT_EQ(received.size(), std::stoul(promised) / 2);
  EXPECT_FALSE(Parse(received).is_json);
  EXPECT_EQ(client.Get(kUsers)->status, 200) << "the next one is whole";
}

TEST(SandboxServer, AResetSendsNothing) {
  const auto server = StartWith({.faults = {"reset=1"}});
  httplib::Client client = ClientOf(*server);
  const auto result = client.Get(kUsers);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), httplib::Error::Read);
  EXPECT_EQ(client.Get(kUsers)->status, 200);
  EXPECT_EQ(server->report().statuses, (std::map<int, uint64_t>{{200, 1}}));
}

TEST(SandboxServer, EmptyAndCompressedBodiesTravel) {
  const auto server = StartWith({.faults = {"empty-body=1", "gzip"}});
  httplib::Client client = ClientOf(*server);
  const auto empty = client.Get(kUsers);
  EXPECT_EQ(empty->status, 200);
  EXPECT_EQ(empty->body, "");
  const auto plain = client.Get(kUsers, {{"Accept-Encoding", "identity"}});
  EXPECT_FALSE(plain->has_header("Content-Encoding"));
  client.set_decompress(true);
  const auto packed = client.Get(kUsers, {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed->get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(packed->body, plain->body);
}

TEST(SandboxServer, NothingIsCompressedUnlessAsked) {
  const auto server = StartWith({});
  httplib::Client client = ClientOf(*server);
  const auto result = client.Get(kUsers, {{"Accept-Encoding", "gzip, deflate, br"}});
  EXPECT_FALSE(result->has_header("Content-Encoding"));
  EXPECT_TRUE(Parse(result->body).has_value);
}

TEST(SandboxServer, StopEndsAnswersThatAreStillOnTheirWay) {
  // Each would take hours; a test that ends proves that they were ended.
  for (const SandboxOptions& options :
       {SandboxOptions{.first_byte = absl::Hours(1)}, SandboxOptions{.body_time = absl::Hours(1)},
        SandboxOptions{.faults = {"slow-drip"}}}) {
    const auto server = StartWith(options);
    std::thread reader([&] {
      httplib::Client client = ClientOf(*server);
      client.set_read_timeout(600, 0);
      const auto result = client.Get(kUsers);
      EXPECT_FALSE(result && Parse(result->body).has_value);
    });
    while (server->report().requests() == 0) std::this_thread::yield();
    server->Stop();
    reader.join();
    server->Stop();
    EXPECT_EQ(server->report().requests(), 1u);
  }
}

TEST(SandboxServer, IdleConnectionsDoNotHoldUpTheStop) {
  const auto server = StartWith({});
  httplib::Client client = ClientOf(*server);
  EXPECT_EQ(client.Get(kUsers)->status, 200);
  server->Stop();
  EXPECT_FALSE(client.Get(kUsers));
}

TEST(SandboxServer, ManyConnectionsAtOnceAreAllServed) {
  const auto server = StartWith({.per_minute = 0});
  std::vector<httplib::Client> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(ClientOf(*server));
  for (int round = 0; round < 2; ++round) {
    for (httplib::Client& client : clients) {
      const auto result = client.Get(kUsers);
      ASSERT_TRUE(result) << httplib::to_string(result.error());
      EXPECT_EQ(result->status, 200);
    }
  }
  EXPECT_EQ(server->report().most_in_60s, 200u);
}

TEST(SandboxServer, AnAddressThatIsTakenIsNamed) {
  EXPECT_THAT(SandboxServer::Start({.host = "203.0.113.1"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("203.0.113.1")));
}

}  // namespace
}  // namespace penstock::sandbox
