// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <fstream>

#include "absl/strings/str_replace.h"
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Doctor : public CliTest {
 protected:
  // A configuration whose every check passes.
  std::string Config(const std::string& more = "") {
    std::ofstream(state + "/key") << "s3cret-key\n";
    chmod((state + "/key").c_str(), 0600);
    const std::string file = state + "/p.yaml";
    std::ofstream(file) << "version: 1\nstate: " << state
                        << "\nsources:\n  acme:\n    url: https://host/records\n"
                        << "    auth: {type: api_key, api_key_file: " << state << "/key}\n"
                        << more << "destinations:\n  db: {type: sqlite, path: " << state << "/w.db}\n";
    return file;
  }
};

TEST_F(Doctor, SaysOkLineByLine) {
  const std::string file = Config();
  EXPECT_EQ(RunBare({"doctor", "--config", file}), 0) << out.str();
  EXPECT_THAT(out.str(), HasSubstr("ok    clock: 2026-03-31 06:02 UTC\n"));
  EXPECT_THAT(out.str(), HasSubstr("is readable"));
  EXPECT_THAT(out.str(), HasSubstr("ok    source acme: host:443 answers\n"));
  EXPECT_THAT(out.str(), HasSubstr("ok    destination db: can be reached and written\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("FAIL")));
  EXPECT_THAT(reached, ElementsAre("host:443"));
  EXPECT_THAT(tested, ElementsAre(state + "/w.db"));
}

TEST_F(Doctor, EachFindingHasItsExitCodeAndTheWorstOneStands) {
  const std::string file = Config();
  reach_status = absl::UnavailableError("no such host; is the name right?");
  EXPECT_EQ(RunBare({"doctor", "--config", file}), 4);
  EXPECT_THAT(out.str(), HasSubstr("FAIL  source acme: no such host; is the name right?\n"));
  destination_status = absl::PermissionDeniedError("read-only file");
  EXPECT_EQ(RunBare({"doctor", "--config", file}), 7);
  EXPECT_THAT(out.str(), HasSubstr("FAIL  destination db: read-only file\n"));
  std::filesystem::remove(state + "/key");
  EXPECT_EQ(RunBare({"doctor", "--config", file}), 2);
  EXPECT_THAT(out.str(), HasSubstr("create it, or name another file"));
}

TEST_F(Doctor, ASecretThatOthersMayReadIsFoundAndNotShown) {
  const std::string file = Config();
  chmod((state + "/key").c_str(), 0644);
  EXPECT_EQ(RunBare({"doctor", "--config", file}), 2);
  EXPECT_THAT(out.str(), HasSubstr("chmod 0600"));
  EXPECT_THAT(out.str(), Not(HasSubstr("s3cret")));
}

TEST_F(Doctor, ABrokenConfigurationIsAFindingAndTheRestIsStillChecked) {
  std::ofstream(state + "/bad.yaml") << "version: 1\nsource: {}\n";
  EXPECT_EQ(RunBare({"doctor", "--config", state + "/bad.yaml"}), 2);
  EXPECT_THAT(out.str(), HasSubstr("did you mean 'sources'?"));
  EXPECT_THAT(out.str(), HasSubstr("ok    clock"));
}

TEST_F(Doctor, AMissingStateDirectoryIsLocalTrouble) {
  EXPECT_EQ(RunBare({"doctor", "--state", state + "/none"}), 6);
  // The line breaks where the path of the directory for tests lets it.
  EXPECT_THAT(absl::StrReplaceAll(out.str(), {{"\n     ", ""}}), HasSubstr("mkdir -p "));
}

TEST_F(Doctor, AClockThatIsNotSetIsFound) {
  clock.JumpWall(absl::FromUnixSeconds(0) - clock.Now().wall);
  EXPECT_EQ(RunBare({"doctor"}), 6);
  EXPECT_THAT(out.str(), HasSubstr("FAIL  clock: says 1970-01-01 00:00 UTC; set it"));
}

TEST_F(Doctor, WithAProxyOnlyTheProxyMustAnswer) {
  EXPECT_EQ(RunBare({"doctor", "--config", Config("    http: {proxy: \"http://proxy:3128\"}\n")}), 0)
      << out.str();
  EXPECT_THAT(reached, ElementsAre("proxy:3128"));
}

TEST_F(Doctor, CertificatesMustBeReadable) {
  EXPECT_EQ(RunBare({"doctor", "--config", Config("    http: {ca_file: /nowhere/ca.pem}\n")}), 2);
  EXPECT_THAT(out.str(), HasSubstr("FAIL  certificates of acme: /nowhere/ca.pem"));
}

TEST_F(Doctor, ACoordinatorThatWasNamedMustAnswer) {
  EXPECT_EQ(RunBare({"doctor", "--coordinator", "127.0.0.1:1"}), 4);
  EXPECT_THAT(out.str(), HasSubstr("FAIL  coordinator"));
}

TEST_F(Doctor, InJsonEveryCheckIsAnObject) {
  EXPECT_EQ(RunBare({"doctor", "--output", "json"}), 0);
  EXPECT_EQ(
      out.str(),
      "{\"checks\":[{\"check\":\"clock\",\"ok\":true,\"detail\":\"2026-03-31 06:02 UTC\"},"
      "{\"check\":\"configuration\",\"ok\":true,\"detail\":\"none given; --config FILE checks more\"}]}\n");
}

}  // namespace
}  // namespace penstock::cli
