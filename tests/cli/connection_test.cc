// SPDX-License-Identifier: Apache-2.0
#include "cli/connection.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>

#include "cli/exit_code.h"
#include "tests/cli/cli_fixture.h"

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
  EXPECT_THAT(Find("", ""), StatusIs(absl::StatusCode::kInvalidArgument,
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

TEST_F(Connection, AnotherMachineIsRefusedUntilThereIsMutualTls) {
  EXPECT_EQ(RunBare({"--coordinator", "coordinator.example:7070", "status"}), 2);
  EXPECT_THAT(err.str(),
              AllOf(HasSubstr("mutual TLS is not built yet"), HasSubstr("ssh -L 7070:127.0.0.1:7070")));
  EXPECT_EQ(RunBare({"--coordinator", "nonsense", "status"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("HOST:PORT"));
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
