// SPDX-License-Identifier: Apache-2.0
#include "worker/curl_transport.h"

#include <unistd.h>

#include <barrier>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"
#include "tests/worker/gzip.h"
#include "tests/worker/raw_server.h"
#include "worker/paginator.h"

namespace penstock::worker {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr char kAnyPath[] = "/export/v1/records/users?$skiptoken=geheim";

CurlLimits Quick() {
  CurlLimits limits;
  limits.first_byte = limits.stall = absl::Milliseconds(200);
  return limits;
}

HttpResult Get(const std::string& url, const CurlLimits& limits = Quick(), const HttpConfig& config = {}) {
  HttpRequest request;
  request.url = url;
  return NewCurlTransport(config, limits, SystemClock())->Send(request);
}

// One GET from a server that runs `script` once it has read the request.
HttpResult GetFrom(const RawServer::Script& script, const CurlLimits& limits = Quick()) {
  RawServer server([&](RawConnection& connection) {
    if (!connection.ReadRequest().empty()) script(connection);
  });
  return Get(server.Url(kAnyPath), limits);
}

// A port on which nobody listens.
int FreePort() {
  return RawServer([](RawConnection&) {}).port();
}

TEST(CurlTransport, AGetIsAnswered) {
  std::string seen;
  RawServer server([&](RawConnection& connection) {
    seen = connection.ReadRequest();
    connection.Answer(200, "{\"value\":[]}", "DATE: today\r\nX-Two: 1\r\nx-two:  2 \r\n");
  });
  HttpRequest request;
  request.url = server.Url("/export/v1/records/users?$filter=a%20ge%20%27b:c%27&$skiptoken=x/../y");
  request.headers = {{"Authorization", "Bearer k"}, {"X-Empty", ""}};
  const absl::Duration before = SystemClock().Now().boot;
  const HttpResult result = NewCurlTransport({}, {}, SystemClock())->Send(request);
  const absl::Duration after = SystemClock().Now().boot;

  ASSERT_OK(result.status);
  EXPECT_EQ(result.fate, v1::ANSWERED);
  EXPECT_EQ(result.response.status, 200);
  EXPECT_EQ(result.response.body, "{\"value\":[]}");
  EXPECT_THAT(result.response.headers, AllOf(Contains(Pair("date", "today")), Contains(Pair("x-two", "2"))));
  EXPECT_GE(result.first_byte_at - result.time_to_first_byte, before);
  EXPECT_GE(result.time_to_first_byte, absl::ZeroDuration());
  EXPECT_LE(result.first_byte_at, after);
  EXPECT_THAT(
      seen,
      AllOf(
          HasSubstr("GET /export/v1/records/users?$filter=a%20ge%20%27b:c%27&$skiptoken=x/../y HTTP/1.1\r\n"),
          HasSubstr("\r\nAuthorization: Bearer k\r\n"), HasSubstr("\r\nX-Empty:\r\n"),
          HasSubstr("\r\nAccept-Encoding: gzip\r\n")));
}

TEST(CurlTransport, APostCarriesItsBody) {
  std::string seen;
  RawServer server([&](RawConnection& connection) {
    seen = connection.ReadRequest();
    connection.Answer(200, "ok");
  });
  HttpRequest request;
  request.url = server.Url("/oauth/v1/token");
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.post_body = "grant_type=client_credentials&client_secret=" + std::string(5000, 'x');
  ASSERT_OK(NewCurlTransport({}, {}, SystemClock())->Send(request).status);
  EXPECT_THAT(seen, AllOf(HasSubstr("POST /oauth/v1/token HTTP/1.1"), ::testing::EndsWith(request.post_body),
                          Not(HasSubstr("100-continue"))));
}

TEST(CurlTransport, EveryStatusIsAnAnswer) {
  for (int status : {204, 302, 401, 404, 429, 503}) {
    const HttpResult result = GetFrom([&](RawConnection& c) { c.Answer(status, "", "Retry-After: 7\r\n"); });
    EXPECT_OK(result.status);
    EXPECT_EQ(result.response.status, status);
    EXPECT_EQ(result.response.headers.at("retry-after"), "7");
  }
}

// Whatever the first server says, the second one, which it points to, sees no byte.
TEST(CurlTransport, NoByteEverReachesAForeignServer) {
  RawServer foreign([](RawConnection& connection) { connection.Answer(200, "stolen"); });
  for (int status : {301, 302, 303, 307, 308}) {
    const HttpResult result = GetFrom(
        [&](RawConnection& c) { c.Answer(status, "", absl::StrCat("Location: ", foreign.Url(), "\r\n")); });
    EXPECT_OK(result.status);
    EXPECT_EQ(result.response.status, status);
  }
  RawServer home([&](RawConnection& connection) {
    connection.ReadRequest();
    connection.Answer(200, absl::StrCat(R"({"value":[],"@odata.nextLink":")", foreign.Url(), "\"}"));
  });
  ASSERT_OK(Get(home.Url()).status);
  EXPECT_THAT(ResolveNextLink(home.Url("/export/v1/records"), home.Url(), foreign.Url()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("instead of")));
  EXPECT_EQ(foreign.connections(), 0);
}

TEST(CurlTransport, AnOddRequestIsNeverSent) {
  RawServer server([](RawConnection& connection) { connection.Answer(200, "x"); });
  const std::string port = absl::StrCat(server.port());
  HttpRequest request;
  for (const std::string& url : std::vector<std::string>{
           "http://api.moveworks.ai/export", "ftp://127.0.0.1:" + port + "/",
           "http://u:p@127.0.0.1:" + port + "/", "file:///etc/passwd", "http://127.0.0.1:" + port + "/a b",
           "http://127.0.0.1:" + port + "/\r\nX: y", "http://127.0.0.1:" + port + "\\@x/", ""}) {
    request.url = url;
    const HttpResult result = NewCurlTransport({}, {}, SystemClock())->Send(request);
    EXPECT_EQ(result.status.code(), absl::StatusCode::kInvalidArgument) << url << " " << result.status;
    EXPECT_EQ(result.fate, v1::NEVER_SENT);
  }
  request.url = server.Url();
  request.headers = {{"Authorization", "Bearer geheim\r\nHost: evil"}};
  const HttpResult result = NewCurlTransport({}, {}, SystemClock())->Send(request);
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("geheim"))));
  EXPECT_EQ(server.connections(), 0);
}

TEST(CurlTransport, NothingIsSentAfterThePermitRanOut) {
  std::atomic<int> requests = 0;
  RawServer server([&](RawConnection& connection) {
    if (!connection.ReadRequest().empty()) ++requests;
  });
  HttpRequest request;
  request.url = server.Url();
  request.send_before = SystemClock().Now().boot - absl::Milliseconds(1);
  {
    const auto transport = NewCurlTransport({}, {}, SystemClock());
    const HttpResult result = transport->Send(request);
    EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("permit")));
    EXPECT_EQ(result.fate, v1::NEVER_SENT);
  }
  EXPECT_EQ(requests, 0);
}

TEST(CurlTransport, AConnectionThatFailsProvesThatNothingWasSent) {
  const int port = FreePort();
  const HttpResult result = Get(absl::StrCat("http://127.0.0.1:", port, kAnyPath));
  EXPECT_THAT(
      result.status,
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr(absl::StrCat("cannot connect to 127.0.0.1:", port, " (Connection refused)")),
                     HasSubstr("is a proxy needed?"), Not(HasSubstr("geheim")))));
  EXPECT_EQ(result.fate, v1::NEVER_SENT);
}

TEST(CurlTransport, AnUnknownHostProvesThatNothingWasSent) {
  CurlLimits limits;
  limits.connect = absl::Milliseconds(500);  // where there is no name server at all
  const HttpResult result = Get("https://no-such-host.invalid/export", limits);
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no-such-host.invalid")));
  EXPECT_EQ(result.fate, v1::NEVER_SENT);
}

TEST(CurlTransport, AProxyThatRefusesProvesThatNothingWasSent) {
  std::string seen;
  RawServer proxy([&](RawConnection& connection) {
    seen = connection.ReadRequest();
    connection.Answer(403, "no");
  });
  const HttpResult result =
      Get("https://api.moveworks.ai/export?geheim", {},
          {.proxy = absl::StrCat("http://user:pw-geheim@127.0.0.1:", proxy.port()), .ca_file = ""});
  EXPECT_THAT(result.status,
              StatusIs(absl::StatusCode::kUnavailable, AllOf(HasSubstr("403"), Not(HasSubstr("geheim")))));
  EXPECT_EQ(result.fate, v1::NEVER_SENT);
  EXPECT_THAT(seen, AllOf(HasSubstr("CONNECT api.moveworks.ai:443"), Not(HasSubstr("geheim"))));
}

TEST(CurlTransport, LoopbackIsNeverReachedThroughAProxy) {
  RawServer proxy([](RawConnection& connection) { connection.Answer(500, "proxy"); });
  RawServer server([](RawConnection& connection) {
    connection.ReadRequest();
    connection.Answer(200, "direct");
  });
  const HttpResult result =
      Get(server.Url(), {}, {.proxy = absl::StrCat("http://127.0.0.1:", proxy.port()), .ca_file = ""});
  EXPECT_EQ(result.response.body, "direct");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(CurlTransport, AResetBeforeTheFirstByteLeavesTheFateOpen) {
  for (bool reset : {true, false}) {
    const HttpResult result = GetFrom([&](RawConnection& connection) {
      if (reset) connection.Reset();
    });
    EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable,
                                        AllOf(HasSubstr("trying again"), Not(HasSubstr("geheim")))));
    EXPECT_EQ(result.fate, v1::UNANSWERED);
  }
}

TEST(CurlTransport, ASilentServerIsGivenUp) {
  const HttpResult result = GetFrom([](RawConnection& connection) { connection.WaitForClose(); });
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no byte of an answer")));
  EXPECT_EQ(result.fate, v1::UNANSWERED);
}

TEST(CurlTransport, AStalledAnswerIsGivenUp) {
  const HttpResult result = GetFrom([](RawConnection& connection) {
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
    connection.WaitForClose();
  });
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("stalled")));
  EXPECT_EQ(result.fate, v1::ANSWERED);
  EXPECT_EQ(result.response.status, 200);
  EXPECT_EQ(result.response.body, "");
}

TEST(CurlTransport, ATrickleIsGivenUp) {
  const HttpResult result = GetFrom([](RawConnection& connection) {
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!connection.ClosesWithin(absl::Milliseconds(20))) connection.Write("x");
  });
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("stalled")));
  EXPECT_EQ(result.fate, v1::ANSWERED);
  EXPECT_EQ(result.response.body, "");
}

TEST(CurlTransport, ACutBodyIsAnError) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"}) {
    for (bool reset : {true, false}) {
      const HttpResult result = GetFrom([&](RawConnection& connection) {
        connection.Write(answer);
        if (reset) connection.Reset();
      });
      EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("trying again")))
          << answer;
      EXPECT_EQ(result.response.body, "");
    }
  }
}

TEST(CurlTransport, WhatIsNotHttpIsAnError) {
  const HttpResult result =
      GetFrom([](RawConnection& connection) { connection.Write("SSH-2.0-OpenSSH_9.2\r\n"); });
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, ::testing::_));
  EXPECT_EQ(result.fate, v1::UNANSWERED);
}

TEST(CurlTransport, GzipIsUndone) {
  const HttpResult result =
      GetFrom([](RawConnection& c) { c.Answer(200, Gzip("{\"value\":[]}"), "Content-Encoding: gzip\r\n"); });
  ASSERT_OK(result.status);
  EXPECT_EQ(result.response.body, "{\"value\":[]}");
}

TEST(CurlTransport, ACutGzipStreamIsAnErrorEvenWhenTheLengthFits) {
  const std::string packed = Gzip("{\"value\":[]}");
  const HttpResult result = GetFrom([&](RawConnection& c) {
    c.Answer(200, packed.substr(0, packed.size() - 4), "Content-Encoding: gzip\r\n");
  });
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cut")));
}

TEST(CurlTransport, BombsAndStrangeEncodingsEndTheTransfer) {
  // Packed beforehand: the client does not wait for long.
  const std::string packed = Gzip(std::string(size_t{8} << 20, '\0'));
  const HttpResult bomb =
      GetFrom([&](RawConnection& c) { c.Answer(200, packed, "Content-Encoding: gzip\r\n"); });
  EXPECT_THAT(bomb.status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("bomb")));
  EXPECT_EQ(bomb.fate, v1::ANSWERED);
  const HttpResult brotli = GetFrom([](RawConnection& c) { c.Answer(200, "x", "Content-Encoding: br\r\n"); });
  EXPECT_THAT(brotli.status, StatusIs(absl::StatusCode::kFailedPrecondition,
                                      AllOf(HasSubstr("\"br\""), Not(HasSubstr("geheim")))));
  CurlLimits limits = Quick();
  limits.body.max_bytes = 1000;
  const HttpResult big = GetFrom([](RawConnection& c) { c.Answer(200, std::string(1001, 'x')); }, limits);
  EXPECT_THAT(big.status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("larger")));
}

TEST(CurlTransport, EndlessHeadersEndTheTransfer) {
  const HttpResult result = GetFrom([](RawConnection& connection) {
    connection.Write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 400; ++i)
      connection.Write(absl::StrCat("X-", i, ": ", std::string(1000, 'x'), "\r\n"));
  });
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("headers")));
}

TEST(CurlTransport, AConnectionIsKept) {
  RawServer server([](RawConnection& connection) {
    while (!connection.ReadRequest().empty()) connection.Answer(200, "x");
  });
  HttpRequest request;
  request.url = server.Url();
  const auto transport = NewCurlTransport({}, {}, SystemClock());
  for (int i = 0; i < 5; ++i) EXPECT_OK(transport->Send(request).status);
  EXPECT_EQ(server.connections(), 1);
}

// The server reads the second request on the kept connection and hangs up: curl would send it again on a new
// one, but a permit is one send.
TEST(CurlTransport, ARequestOnADeadConnectionIsNotSentTwice) {
  std::atomic<int> requests = 0;
  RawServer server([&](RawConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      if (++requests == 2) return;
      connection.Answer(200, "x");
    }
  });
  HttpRequest request;
  request.url = server.Url();
  const auto transport = NewCurlTransport({}, {}, SystemClock());
  EXPECT_OK(transport->Send(request).status);
  const HttpResult second = transport->Send(request);
  EXPECT_THAT(second.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("dead")));
  EXPECT_EQ(second.fate, v1::UNANSWERED);
  EXPECT_EQ(requests, 2);
  EXPECT_OK(transport->Send(request).status);
}

TEST(CurlTransport, AnAbortEndsARequestThatNobodyAnswers) {
  std::unique_ptr<HttpTransport> transport = NewCurlTransport({}, {}, SystemClock());
  RawServer server([&](RawConnection& connection) {
    connection.ReadRequest();
    transport->Abort();
    connection.ReadRequest();  // until the client hangs up
  });
  HttpRequest request;
  request.url = server.Url();
  const HttpResult result = transport->Send(request);
  EXPECT_THAT(result.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("stopped")));
  EXPECT_EQ(result.fate, v1::UNANSWERED);
}

// No server answers before all of them were asked.
TEST(CurlTransport, RequestsRunAtTheSameTime) {
  constexpr int kThreads = 8;
  std::barrier all_asked(kThreads);
  std::vector<std::unique_ptr<RawServer>> servers;
  for (int i = 0; i < kThreads; ++i) {
    servers.push_back(std::make_unique<RawServer>([&, i](RawConnection& connection) {
      connection.ReadRequest();
      all_asked.arrive_and_wait();
      connection.Answer(200, absl::StrCat(i));
    }));
  }
  const auto transport = NewCurlTransport({}, {}, SystemClock());
  std::vector<HttpResult> results(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      HttpRequest request;
      request.url = servers[i]->Url();
      results[i] = transport->Send(request);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kThreads; ++i)
    EXPECT_EQ(results[i].response.body, absl::StrCat(i)) << results[i].status;
}

}  // namespace
}  // namespace penstock::worker
