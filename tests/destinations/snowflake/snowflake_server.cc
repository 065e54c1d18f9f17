// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/snowflake/snowflake_server.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "destinations/snowflake/answer.h"

namespace penstock::destinations {
namespace {

std::string Python() {
  const char* named = std::getenv("PENSTOCK_SNOWDUCK");
  return absl::StrCat(named != nullptr ? named : PENSTOCK_SOURCE_DIR "/build/snowduck", "/bin/python");
}

// Says with each request what time it is here: the clock may be a fake.
class TellingTheTime final : public snowflake::HttpClient {
 public:
  TellingTheTime(const SnowflakeConfig& config, const Clock& clock)
      : curl_(snowflake::NewCurlHttpClient(config)), clock_(clock) {}

  absl::StatusOr<snowflake::HttpReply> Send(const snowflake::HttpRequest& request) override {
    snowflake::HttpRequest told = request;
    told.headers["X-Test-Now"] = absl::StrCat(absl::ToUnixSeconds(clock_.Now().wall));
    return curl_->Send(told);
  }

 private:
  const std::unique_ptr<snowflake::HttpClient> curl_;
  const Clock& clock_;
};

}  // namespace

bool SnowflakeServer::Installed() { return std::filesystem::exists(Python()); }

SnowflakeServer::SnowflakeServer() {
  key_.WriteKey(key_file());
  FILE* file = fopen((folder_ / "public.pem").c_str(), "w");
  CHECK(file != nullptr && PEM_write_PUBKEY(file, key_.key()) == 1);
  fclose(file);
  const std::string python = Python();
  const std::string public_key = folder_ / "public.pem";
  int in[2];
  int out[2];
  CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    execl(python.c_str(), python.c_str(), PENSTOCK_SOURCE_DIR "/tests/destinations/snowflake/server.py",
          public_key.c_str(), nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  FILE* port = fdopen(out[0], "r");
  CHECK(std::fscanf(port, "%d", &port_) == 1);
  fclose(port);
}

SnowflakeServer::~SnowflakeServer() {
  close(input_);
  waitpid(pid_, nullptr, 0);
}

SnowflakeServer& SnowflakeServer::Shared() {
  static SnowflakeServer server;  // stopped at the end of the process
  return server;
}

SnowflakeConfig SnowflakeServer::Config(const std::string& schema) const {
  SnowflakeConfig config;
  config.account = "testorg-account";
  config.database = "dwh";
  config.schema = schema;
  config.user = "penstock";
  config.role = "loader";
  config.warehouse = "load_xs";
  config.private_key_file = key_file();
  config.url = absl::StrCat("http://127.0.0.1:", port_);
  return config;
}

std::unique_ptr<snowflake::HttpClient> SnowflakeServer::Http(const Clock& clock) const {
  return std::make_unique<TellingTheTime>(Config("PUBLIC"), clock);
}

std::vector<std::vector<std::string>> SnowflakeServer::Ask(const std::string& json) {
  httplib::Client client("127.0.0.1", port_);
  client.set_read_timeout(60);
  const httplib::Result result = client.Post("/test", json, "application/json");
  if (!result || result->status != 200) {
    ADD_FAILURE() << json.substr(0, 500) << ": the server's own words are above";
    return {};
  }
  const absl::StatusOr<snowflake::Answer> answer = snowflake::ParseAnswer(result->body);
  EXPECT_TRUE(answer.ok()) << result->body;
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : answer->rows) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (const auto& cell : row) cells.push_back(cell.value_or(""));
  }
  return rows;
}

void SnowflakeServer::Tell(const std::string& json) { Ask(json); }

std::vector<std::vector<std::string>> SnowflakeServer::Query(const std::string& schema,
                                                             const std::string& sql) {
  return Ask(absl::StrCat("{\"sql\": [", QuoteJson(absl::StrCat("USE SCHEMA DWH.", schema)), ", ",
                          QuoteJson(sql), "]}"));
}

std::string SnowflakeServer::NewSchema() {
  const std::string schema = absl::StrCat("S", ++schemas_);
  Ask(absl::StrCat("{\"sql\": [", QuoteJson(absl::StrCat("CREATE SCHEMA DWH.", schema)), "]}"));
  return schema;
}

int SnowflakeServer::Count(const std::string& what) {
  for (const auto& row : Ask("{}")) {
    int count = 0;
    if (row[0] == what && absl::SimpleAtoi(row[1], &count)) return count;
  }
  ADD_FAILURE() << what << " is not counted";
  return -1;
}

}  // namespace penstock::destinations
