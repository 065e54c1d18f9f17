// SPDX-License-Identifier: Apache-2.0
// The command itself: what it prints, how it ends.
#include <fcntl.h>
#include <httplib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/ids.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::sandbox {
namespace {

// The command with its standard output at hand; its standard error goes nowhere.
class Process {
 public:
  explicit Process(std::vector<std::string> words) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    words.insert(words.begin(), PENSTOCK_SANDBOX_BINARY);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(ends[1]);
    out_ = fdopen(ends[0], "r");
  }
  ~Process() { fclose(out_); }

  std::string ReadLine() {
    char line[256] = "";
    return fgets(line, sizeof(line), out_) == nullptr ? "" : line;
  }
  void Signal(int signal) { kill(pid_, signal); }
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_;
  FILE* out_;
};

TEST(Process, ListensThenWritesItsReportWhenTerminated) {
  for (int signal : {SIGTERM, SIGINT}) {
    const std::string report = absl::StrCat(::testing::TempDir(), "/report_", NewId(SystemRandom()));
    Process process({"--synthetic", "days=2,users=20,conversations=5", "--report", report});
    const std::string line = process.ReadLine();
    ASSERT_TRUE(absl::StartsWith(line, "listening on http://127.0.0.1:")) << line;
    ASSERT_TRUE(absl::EndsWith(line, "/export/v1/records\n")) << line;
    const std::vector<std::string> url = absl::StrSplit(line.substr(13), "/export");
    httplib::Client client(url[0]);
    EXPECT_EQ(client.Get("/export/v1/records/users/$count")->body, "20");
    process.Signal(signal);
    EXPECT_EQ(process.Wait(), 0);
    std::ifstream file(report);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    EXPECT_TRUE(absl::StartsWith(text, "{\"requests\":1,\"rows\":0,")) << text;
    std::remove(report.c_str());
  }
}

TEST(Process, UsageErrorsEndWithTwo) {
  EXPECT_EQ(Process({"--nonsense"}).Wait(), 2);
  EXPECT_EQ(Process({"--data", "/nonexistent"}).Wait(), 2);
  EXPECT_EQ(Process({"--help"}).Wait(), 0);
}

TEST(Process, AReportThatCannotBeWrittenEndsWithSix) {
  Process process({"--synthetic", "days=1,users=1,conversations=1", "--report", "/nonexistent/report"});
  process.ReadLine();
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 6);
}

}  // namespace
}  // namespace penstock::sandbox
