// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/crash_fixture.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <simdjson.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "destinations/table_profile.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::IsEmpty;

constexpr char kRounds[] = "PENSTOCK_CRASH_ROUNDS";
// Stands for every secret: it must turn up nowhere.
constexpr char kCanary[] = "canary-8f2b61d0c4a7";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

int CrashRounds(int otherwise) {
  const char* rounds = std::getenv(kRounds);
  return rounds == nullptr ? otherwise : std::atoi(rounds);
}

bool IsLongForm() { return std::getenv(kRounds) != nullptr; }

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

CrashTest::CrashTest() : now_(FormatStamp(SystemClock().Now().wall)) {
  for (const char* variable : {"PENSTOCK_CONFIG", "PENSTOCK_STATE", "PENSTOCK_COORDINATOR"})
    unsetenv(variable);
  setenv("no_proxy", "127.0.0.1", 1);
  WriteFile("api-key", kCanary);
}

CrashTest::~CrashTest() = default;

void CrashTest::WriteFile(const std::string& name, const std::string& text) const {
  std::ofstream(File(name)) << text << "\n";
  CHECK(chmod(File(name).c_str(), 0600) == 0);
}

CrashTest::Ended CrashTest::Run(std::vector<std::string> words) {
  const std::string name = absl::StrCat("output-", ++runs_);
  const auto process = Start(std::move(words), name);
  const std::optional<int> code = process->Wait(absl::Minutes(1));
  EXPECT_TRUE(code.has_value()) << "does not end: " << Output(name);
  return {code.value_or(-1), Output(name)};
}

std::unique_ptr<ChildProcess> CrashTest::Start(std::vector<std::string> words, const std::string& output) {
  return std::make_unique<ChildProcess>(std::move(words), File(output));
}

std::string CrashTest::Output(const std::string& name) const { return ReadFile(File(name)); }

void CrashTest::AwaitOutput(const std::string& name, const std::string& text) {
  ASSERT_TRUE(Await([&] { return absl::StrContains(Output(name), text); })) << Output(name);
}

std::string CrashTest::StartOneSandbox(const std::string& output, const std::vector<std::string>& flags,
                                       std::unique_ptr<ChildProcess>& process) {
  std::vector<std::string> words = {"penstock-sandbox", "--synthetic", tenant, "--now", now_,
                                    "--page-size",      "40"};
  words.insert(words.end(), flags.begin(), flags.end());
  process = Start(words, output);
  AwaitOutput(output, "/export/v1/records\n");
  const std::vector<std::string> lines = absl::StrSplit(Output(output), '\n');
  return lines[0].substr(std::string("listening on ").size());
}

void CrashTest::StartSandbox(const std::vector<std::string>& flags) {
  std::vector<std::string> with_key = {"--api-key-file", key_file()};
  with_key.insert(with_key.end(), flags.begin(), flags.end());
  const int number = ++sandboxes_;
  source_url_ = StartOneSandbox(absl::StrCat("sandbox-", number, ".out"), with_key, sandbox_);
  truth_url_ = StartOneSandbox(absl::StrCat("truth-", number, ".out"), {"--rpm", "0"}, truth_);
}

std::vector<std::string> CrashTest::RunCommand(const std::vector<std::string>& flags) const {
  std::vector<std::string> words = {
      "penstock", "run",     "--source-url", source_url_,     "--api-key-file",
      key_file(), "--state", state(),        "--destination", absl::StrCat("sqlite:", warehouse())};
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

CrashTest::Seen CrashTest::Report() const {
  httplib::Client client(source_url_.substr(0, source_url_.find("/export")));
  const httplib::Result result = client.Get("/sandbox/report");
  CHECK(result && result->status == 200);
  simdjson::dom::parser parser;
  const simdjson::dom::element report = parser.parse(result->body);
  return {report["requests"].get_uint64(), report["most_in_60s"].get_uint64(),
          report["limited"].get_uint64()};
}

CrashTest::Jobs CrashTest::ListJobs(const std::vector<std::string>& where) {
  std::vector<std::string> words = {"penstock", "jobs", "list", "--output", "json"};
  words.insert(words.end(), where.begin(), where.end());
  const Ended ended = Run(words);
  EXPECT_EQ(ended.code, 0) << ended.output;
  simdjson::dom::parser parser;
  Jobs jobs;
  for (const simdjson::dom::element job : parser.parse(ended.output)["jobs"]) {
    ++jobs.count;
    jobs.running += job["state"].get_string().value() == "running";
    jobs.requests += job["requests"].get_uint64();
  }
  return jobs;
}

void CrashTest::ExpectExact(const std::vector<std::string>& where) {
  for (Endpoint endpoint : kAllEndpoints) {
    const std::string name(Name(endpoint));
    SCOPED_TRACE(name);
    std::vector<std::string> words = {"penstock", "rows", "export", "--raw", "--endpoint", name};
    words.insert(words.end(), where.begin(), where.end());
    Ended ended = Run(words);
    ASSERT_EQ(ended.code, 0) << ended.output;
    const std::vector<std::string> lines = absl::StrSplit(ended.output, '\n', absl::SkipEmpty());
    Records exported;
    for (const std::string& line : lines) {
      for (auto& [id, record] : RecordsOf(absl::StrCat("{\"value\":[", line, "]}"))) {
        EXPECT_EQ(record, line);
        EXPECT_TRUE(exported.emplace(id, record).second) << "twice: " << id;
      }
    }
    EXPECT_THAT(Differences(exported, ReadServed(truth_url_, endpoint)), IsEmpty());

    const destinations::Table& table = destinations::GuideTable(endpoint);
    Records loaded;  // ids alone: the values are compared by tests/cluster
    for (const auto& row : destinations::QuerySql(
             warehouse(), absl::StrCat("SELECT ", table.columns[0].name, " FROM ", table.name))) {
      EXPECT_TRUE(loaded.emplace(row[0], "").second) << "twice in SQLite: " << row[0];
    }
    for (auto& [id, record] : exported) record.clear();
    EXPECT_THAT(Differences(loaded, exported), IsEmpty());
  }
}

void CrashTest::ExpectNoSecretAnywhere() const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file() || entry.path() == key_file()) continue;
    EXPECT_FALSE(absl::StrContains(ReadFile(entry.path()), kCanary)) << "a secret stands in " << entry.path();
  }
}

}  // namespace penstock
