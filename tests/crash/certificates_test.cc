// SPDX-License-Identifier: Apache-2.0
// The daemons and the command line on a network that asks for certificates.
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/crash/crash_fixture.h"
#include "tests/fakes/status_matchers.h"
#include "tests/fakes/test_authority.h"

namespace penstock {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Certificates : public CrashTest {
 protected:
  Certificates() {
    tenant = "days=4,users=20,conversations=2,seed=3";
    std::filesystem::create_directories(File("tls"));
    authority_ = std::make_unique<TestAuthority>(File("tls"));
  }
  void TearDown() override { ExpectNoSecretAnywhere(); }

  static std::string Tls(const TlsConfig& files) {
    return absl::StrCat("tls: {cert_file: ", files.cert_file, ", key_file: ", files.key_file,
                        ", ca_file: ", files.ca_file, "}\n");
  }
  // The daemons' common part, and of each of them its certificate.
  void WriteConfigs() {
    address_ = absl::StrCat("localhost:", FreePort());
    const std::string common =
        absl::StrCat("version: 1\nstate: ", state(), "\ncoordinator: ", address_,
                     "\nsources:\n  acme:\n    url: ", source_url(),
                     "\n    auth: {type: api_key, api_key_file: ", key_file(),
                     "}\n    budget: {per_minute: 60000, users_per_minute: 60000}\n", "destinations:\n",
                     "  warehouse: {type: sqlite, path: ", warehouse(), ", source: acme}\n", "access:\n",
                     "  spiffe://test/worker: {role: worker, sources: [acme]}\n",
                     "  spiffe://test/viewer: {role: viewer}\n", "  spiffe://test/admin: {role: admin}\n");
    WriteFile("coordinator.yaml",
              absl::StrCat(common, Tls(authority_->Issue("coordinator", {.names = "DNS:localhost"}))));
    WriteFile("worker.yaml",
              absl::StrCat(common, Tls(authority_->Issue("worker", {.names = "URI:spiffe://test/worker"}))));
    for (const char* role : {"viewer", "admin"}) {
      const TlsConfig card = authority_->Issue(role, {.names = absl::StrCat("URI:spiffe://test/", role)});
      WriteFile(absl::StrCat(role, ".yaml"),
                absl::StrCat("version: 1\ncoordinator: ", address_, "\n", Tls(card)));
    }
  }

  std::unique_ptr<TestAuthority> authority_;
  std::string address_;
};

TEST_F(Certificates, ABackfillRunsOverThemFromBeginningToEnd) {
  StartSandbox({"--rpm", "0"});
  WriteConfigs();
  const auto coordinator = Start({"penstock-coordinator", "--config", File("coordinator.yaml"), "--listen",
                                  absl::StrCat("0.0.0.0", address_.substr(address_.rfind(':')))},
                                 "coordinator.out");
  AwaitOutput("coordinator.out", "listening on port");
  const auto worker = Start({"penstock-worker", "--config", File("worker.yaml")}, "worker.out");

  const Ended looked = Run({"penstock", "--config", File("viewer.yaml"), "status"});
  EXPECT_EQ(looked.code, 0) << looked.output;
  const Ended refused = Run({"penstock", "--config", File("viewer.yaml"), "backfill", "create"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.output,
              HasSubstr("spiffe://test/viewer has the role viewer; CreateBackfill takes the role admin"));
  const Ended admin = Run({"penstock", "--config", File("admin.yaml"), "backfill", "create", "--wait",
                           "--reason", "the first copy"});
  EXPECT_EQ(admin.code, 0) << admin.output;
  ExpectExact({"--config", File("admin.yaml")});

  EXPECT_THAT(Output("coordinator.out"),
              AllOf(HasSubstr("audit who=spiffe://test/admin method=CreateBackfill"),
                    HasSubstr("outcome=OK reason=the first copy"), HasSubstr("refused a call"),
                    HasSubstr("/penstock.v1.AdminService/CreateBackfill")));
  worker->Signal(SIGTERM);
  EXPECT_EQ(worker->Wait(absl::Seconds(20)), 0);
  coordinator->Signal(SIGTERM);
  EXPECT_EQ(coordinator->Wait(absl::Seconds(20)), 0);
  for (const char* output : {"coordinator.out", "worker.out"})
    EXPECT_THAT(Output(output), Not(HasSubstr("PRIVATE KEY"))) << output;
}

TEST_F(Certificates, NothingListensBeyondLoopbackOrSpeaksThereWithoutThem) {
  WriteFile("plain.yaml", absl::StrCat("version: 1\nstate: ", state(),
                                       "\nsources: {acme: {url: https://api.example.com/records}}\n"));
  const auto one_sentence = [](const Ended& ended, const std::string& sentence) {
    EXPECT_EQ(ended.code, 2);
    EXPECT_THAT(ended.output, HasSubstr(sentence));
    EXPECT_EQ(std::count(ended.output.begin(), ended.output.end(), '\n'), 1) << ended.output;
  };
  one_sentence(Run({"penstock-coordinator", "--config", File("plain.yaml"), "--listen", "0.0.0.0:0"}),
               "will not listen on 0.0.0.0:0 without certificates");
  one_sentence(Run({"penstock-coordinator", "--config", File("plain.yaml"), "--listen", "127.0.0.1:0",
                    "--monitoring", "0.0.0.0:0"}),
               "will not listen on 0.0.0.0:0 for monitoring");
  one_sentence(Run({"penstock-worker", "--config", File("plain.yaml"), "--coordinator", "10.255.255.1:7417"}),
               "plain text stays on this one");
  one_sentence(Run({"penstock", "--coordinator", "10.255.255.1:7417", "status"}),
               "plain text stays on this one");
  EXPECT_FALSE(std::filesystem::exists(state()));
}

}  // namespace
}  // namespace penstock
