// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/config.h"
#include "destinations/snowflake/http_client.h"
#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/self_signed.h"

namespace penstock::destinations {

// The process of server.py: Snowflake's SQL API before snowduck, on a free port of 127.0.0.1.
class SnowflakeServer {
 public:
  // ./dev installs it; PENSTOCK_SNOWDUCK names another folder.
  static bool Installed();

  SnowflakeServer();
  ~SnowflakeServer();
  SnowflakeServer(const SnowflakeServer&) = delete;

  // One for all tests of the process.
  static SnowflakeServer& Shared();

  SnowflakeConfig Config(const std::string& schema) const;
  // curl, and the server reads the token at the time of `clock`.
  std::unique_ptr<snowflake::HttpClient> Http(const Clock& clock) const;

  // Faults and the like, as JSON: server.py's test().
  void Tell(const std::string& json);
  // As the owner of the schema. NULL reads "<null>", timestamps and booleans as SQLite has them.
  std::vector<std::vector<std::string>> Query(const std::string& schema, const std::string& sql);
  std::string NewSchema();
  // "requests", "statements", "merges", "largest", "bytes", "repeated"
  int Count(const std::string& what);

  std::string key_file() const { return folder_ / "key.pem"; }
  std::string File(const std::string& name) const { return folder_ / name; }

 private:
  std::vector<std::vector<std::string>> Ask(const std::string& json);

  const TemporaryFolder folder_;
  const SelfSigned key_;
  pid_t pid_ = 0;
  int input_ = -1;  // the server ends when it does
  int port_ = 0;
  int schemas_ = 0;
};

}  // namespace penstock::destinations
