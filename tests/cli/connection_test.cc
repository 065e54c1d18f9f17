// SPDX-License-Identifier: Apache-2.0
#include "cli/connection.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "base/tls/credentials.h"
#include "cli/exit_code.h"
#include "tests/cli/cli_fixture.h"
#include "tests/fakes/test_authority.h"

namespace penstock::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Connection : public CliTest {
 protected:
  absl::StatusOr<Address> Find(const std::string& coordinator, const std::string& state_flag,
                               const std::string& config = "") {
    GlobalFlags flags;
    flags.coordinator = coordinator;
    flags.state = state_flag;
    flags.config = config;
    return FindAddress(flags, Environment());
  }
};

TEST_F(Connection, FlagsWinOverVariablesAndVariablesOverTheFile) {
  const std::string file = state + "/p.yaml";
  std::ofstream(file) << "version: 1\nstate: /of/the/file\nsources: {a: {url: https://h/records}}\n";
  EXPECT_EQ(Find("", "", file)->state, "/of/the/file");
  variables["PENSTOCK_CONFIG"] = file;
  EXPECT_EQ(Find("", "")->state, "/of/the/file");
  variables["PENSTOCK_STATE"] = "/of/the/variable";
  EXPECT_EQ(Find("", "", file)->state, "/of/the/variable");
  EXPECT_EQ(Find("", "/of/the/flag", file)->state, "/of/the/flag");
  EXPECT_EQ(Find("localhost:1", "")->coordinator, "localhost:1");
  EXPECT_EQ(Find("localhost:1", "")->state, "");
}

TEST_F(Connection, TwoAnswersOrNoneAreRefused) {
  EXPECT_THAT(Find("localhost:1", "/state"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not both")));
  EXPECT_THAT(Find("", ""), StatusIs(absl::StatusCode::kNotFound,
                                     AllOf(HasSubstr("--state DIR"), HasSubstr("--coordinator HOST:PORT"))));
  variables = {{"PENSTOCK_STATE", "/a"}, {"PENSTOCK_COORDINATOR", "localhost:1"}};
  EXPECT_THAT(Find("", ""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("unset one")));
}

TEST_F(Connection, ACoordinatorOnThisMachineIsReachedByTcp) {
  FakeAdminService network("127.0.0.1:0");
  network.status.set_version("over tcp");
  variables["http_proxy"] = "http://127.0.0.1:9";
  ASSERT_EQ(
      RunBare({"--coordinator", absl::StrCat("127.0.0.1:", network.port), "status", "--output", "json"}), 0)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("over tcp"));
}

TEST_F(Connection, ACoordinatorThatDoesNotListenIsUnreachable) {
  EXPECT_EQ(RunBare({"--coordinator", "127.0.0.1:1", "status"}), 4);
  EXPECT_THAT(err.str(), HasSubstr("the coordinator at 127.0.0.1:1 does not answer"));
}

TEST_F(Connection, AnotherMachineIsNotSpokenToInPlainText) {
  EXPECT_EQ(RunBare({"--coordinator", "coordinator.example:7070", "status"}), 2);
  EXPECT_THAT(err.str(), AllOf(HasSubstr("plain text stays on this one"), HasSubstr("--tls-cert")));
  EXPECT_EQ(RunBare({"--coordinator", "nonsense", "status"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("HOST:PORT"));
}

// A coordinator that takes certificates only.
class ConnectionWithCertificates : public Connection {
 protected:
  void SetUp() override {
    Connection::SetUp();
    clock.JumpWall(SystemClock().Now().wall - clock.Now().wall);  // certificates are of today
    authority_ = std::make_unique<TestAuthority>(state);
    card_ = authority_->Issue("card", {.names = "URI:spiffe://test/admin"});
    const auto credentials =
        NewServerCredentials(authority_->Issue("coordinator", {.names = "DNS:localhost"}), clock.Now().wall);
    ASSERT_OK(credentials);
    network_ = std::make_unique<FakeAdminService>("localhost:0", *credentials);
    network_->status.set_version("over tls");
  }
  std::string Address() const { return absl::StrCat("localhost:", network_->port); }
  int Ask(const TlsConfig& card) {
    return RunBare({"--coordinator", Address(), "--tls-cert", card.cert_file, "--tls-key", card.key_file,
                    "--tls-ca", card.ca_file, "status", "--output", "json"});
  }

  std::unique_ptr<TestAuthority> authority_;
  TlsConfig card_;
  std::unique_ptr<FakeAdminService> network_;
};

TEST_F(ConnectionWithCertificates, TheFlagsSayWhichFiles) {
  ASSERT_EQ(Ask(card_), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("over tls"));
}

TEST_F(ConnectionWithCertificates, OrTheFileDoesAndWhereTheCoordinatorIs) {
  const std::string file = state + "/context.yaml";
  std::ofstream(file) << "version: 1\ncoordinator: " << Address() << "\ntls: {cert_file: " << card_.cert_file
                      << ", key_file: " << card_.key_file << ", ca_file: " << card_.ca_file << "}\n";
  variables["PENSTOCK_CONFIG"] = file;
  ASSERT_EQ(RunBare({"status", "--output", "json"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("over tls"));
}

TEST_F(ConnectionWithCertificates, WhoseCertificateIsRefusedIsToldWhy) {
  TestAuthority other(state, "other");
  TlsConfig foreign = other.Issue("foreign", {.names = "URI:spiffe://test/admin"});
  foreign.ca_file = authority_->ca_file();
  EXPECT_EQ(Ask(foreign), 4);
  EXPECT_THAT(err.str(), AllOf(HasSubstr("refuses the certificate"),
                               HasSubstr("unable to get local issuer certificate")));
  TlsConfig distrusts = card_;
  distrusts.ca_file = other.ca_file();
  EXPECT_EQ(Ask(distrusts), 4);
  EXPECT_THAT(err.str(), HasSubstr("the certificate of the coordinator at " + Address() + " is refused"));
}

TEST_F(ConnectionWithCertificates, FilesThatCannotWorkAreNamedBeforeAnythingIsSent) {
  EXPECT_EQ(Ask(authority_->Issue("ended", {.ends = absl::Minutes(-1)})), 2);
  EXPECT_THAT(err.str(), AllOf(HasSubstr("ended.crt ended on"), HasSubstr("renew it")));
  EXPECT_EQ(Ask({card_.cert_file, card_.key_file, ""}), 2);
  EXPECT_THAT(err.str(), HasSubstr("all three"));
  std::filesystem::permissions(card_.key_file, std::filesystem::perms(0644));
  EXPECT_EQ(Ask(card_), 2);
  EXPECT_THAT(err.str(), HasSubstr("chmod 0600"));
  EXPECT_TRUE(network_->requests.empty());
}

TEST_F(ConnectionWithCertificates, AMissingRoleIsAMatterOfConfiguration) {
  network_->failure =
      grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "spiffe://test/admin has the role viewer");
  EXPECT_EQ(Ask(card_), 2);
  EXPECT_EQ(err.str(), "penstock: spiffe://test/admin has the role viewer\n");
}

TEST_F(Connection, AStateDirectoryInUseIsAskedThroughItsSocket) {
  FakeAdminService holder("unix:" + state + "/penstock.sock");
  holder.status.set_version("of the holder");
  open_failure = absl::InternalError("must not be opened behind the holder's back");
  ASSERT_EQ(Run({"status", "--output", "json"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("of the holder"));
}

TEST_F(Connection, AStateDirectoryThatNobodyHoldsIsOpenedForReading) {
  admin.status.set_version("read here");
  ASSERT_EQ(Run({"status", "--output", "json"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("read here"));
}

TEST_F(Connection, ASocketThatACrashLeftBehindCountsAsNobody) {
  const std::string path = state + "/penstock.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  close(fd);  // without a listener; the file stays
  EXPECT_EQ(Run({"status"}), 0) << err.str();
}

TEST_F(Connection, AStoreThatCannotBeOpenedKeepsItsOwnError) {
  open_failure =
      WithExitCode(absl::FailedPreconditionError("written by a newer version"), ExitCode::kLocalTrouble);
  EXPECT_EQ(Run({"status"}), 6);
  EXPECT_EQ(err.str(), "penstock: written by a newer version\n");
}

TEST_F(Connection, AMissingDirectoryIsNamed) {
  EXPECT_EQ(RunBare({"--state", state + "/none", "status"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("/none does not exist"));
}

TEST_F(Connection, APathTooLongForASocketIsRefused) {
  const std::string deep = state + "/" + std::string(120, 'd');
  std::filesystem::create_directories(deep);
  EXPECT_EQ(RunBare({"--state", deep, "status"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("too long for a socket"));
}

}  // namespace
}  // namespace penstock::cli
