// SPDX-License-Identifier: Apache-2.0
#include "coordinator/server.h"

#include <gmock/gmock.h>
#include <httplib.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "proto/admin_service.grpc.pb.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;

TEST(Server, NamesThatOnlyLookLikeLoopbackAreNotListenedOn) {
  for (const char* address :
       {"0.0.0.0:7417", "10.0.0.1:7417", "127.evil.example:7417", "localhost.evil.example:1",
        "127.0.0.09:7417", "[::1:7417", "[::2]:7417", ":7417", "7417"}) {
    ServerOptions options;
    options.listen = address;
    EXPECT_THAT(Server::Start(Config(), options, SystemClock(), SystemRandom()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("only loopback")))
        << address;
  }
}

class ServerOnDisk : public ::testing::Test {
 protected:
  ServerOnDisk() {
    config_.sources["acme"].name = "acme";
    config_.sources["acme"].url = "https://api.example.com/export/v1/records";
    options_.state = absl::StrCat(::testing::TempDir(), "server_test.", getpid());
    options_.monitoring = "127.0.0.1:0";
    options_.version = "1.2.3";
  }
  ~ServerOnDisk() override { std::filesystem::remove_all(options_.state); }

  Config config_;
  ServerOptions options_;
};

TEST_F(ServerOnDisk, PrometheusCanScrapeIt) {
  const auto server = Server::Start(config_, options_, SystemClock(), SystemRandom());
  ASSERT_OK(server);
  httplib::Client client("127.0.0.1", (*server)->monitoring_port());
  const httplib::Result answer = client.Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->get_header_value("Content-Type"), HasSubstr("text/plain"));
  EXPECT_THAT(answer->body, HasSubstr("penstock_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(answer->body, HasSubstr("penstock_budget_limit_requests{source=\"acme\"} 60\n"));
}

TEST_F(ServerOnDisk, ATakenMonitoringPortIsNamed) {
  const auto first = Server::Start(config_, options_, SystemClock(), SystemRandom());
  ASSERT_OK(first);
  ServerOptions second = options_;
  second.state = absl::StrCat(options_.state, "/second");
  second.monitoring = absl::StrCat("127.0.0.1:", (*first)->monitoring_port());
  EXPECT_THAT(Server::Start(config_, second, SystemClock(), SystemRandom()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(absl::StrCat("cannot listen on ", second.monitoring, " for monitoring"))));
}

TEST_F(ServerOnDisk, MonitoringStaysOnThisMachine) {
  options_.monitoring = "0.0.0.0:9464";
  EXPECT_THAT(Server::Start(config_, options_, SystemClock(), SystemRandom()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("stays on loopback")));
}

TEST_F(ServerOnDisk, BackupsInTheStateDirectoryAreNone) {
  const std::string state = options_.state;
  for (const std::string& directory :
       {state, state + "/", state + "/backups", state + "/../", state + "/./db"}) {
    config_.backup = BackupConfig{.dir = directory};
    EXPECT_THAT(Server::Start(config_, options_, SystemClock(), SystemRandom()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must lie apart")))
        << directory;
  }
  config_.backup = BackupConfig{.dir = state + "-backups"};
  EXPECT_OK(Server::Start(config_, options_, SystemClock(), SystemRandom()));
}

TEST_F(ServerOnDisk, AStateThatLostTheKeyOfThoseItForgotDoesNotStartAndMakesNoOther) {
  const std::string key = absl::StrCat(options_.state, "/forget-key");
  {
    const auto server = Server::Start(config_, options_, SystemClock(), SystemRandom());
    ASSERT_OK(server);
    EXPECT_TRUE(std::filesystem::exists(key));
    const auto admin = v1::AdminService::NewStub((*server)->InProcessChannel());
    v1::ForgetRequest request;
    request.add_users("77");
    grpc::ClientContext context;
    v1::Erasure erasure;
    ASSERT_TRUE(admin->Forget(&context, request, &erasure).ok());
  }
  std::filesystem::rename(key, key + ".away");
  EXPECT_THAT(Server::Start(config_, options_, SystemClock(), SystemRandom()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("forget-key is missing")));
  EXPECT_FALSE(std::filesystem::exists(key));
  std::filesystem::rename(key + ".away", key);
  EXPECT_OK(Server::Start(config_, options_, SystemClock(), SystemRandom()));
}

}  // namespace
}  // namespace penstock::coordinator
