// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "destinations/snowflake/private_key.h"

namespace penstock::destinations::snowflake {

// A JSON Web Token (RFC 7519) that says for an hour at most that we are the user:
// https://docs.snowflake.com/en/developer-guide/sql-api/authenticating
std::string MakeToken(const std::string& account, const std::string& user, const PrivateKey& key,
                      absl::Time now);

// The token of today. It is made anew before it ends, and when a file of the key changed.
class TokenSource {
 public:
  TokenSource(const SnowflakeConfig& config, const Clock& clock) : config_(config), clock_(clock) {}

  // As PrivateKey::Read.
  absl::StatusOr<std::string> Token();
  // The server does not take the last one; true: another one can be had, because a file changed or the clock moved
  // on since.
  bool Renew();

 private:
  uint64_t FilesVersion() const;

  const SnowflakeConfig config_;
  const Clock& clock_;
  std::string token_;  // empty: none yet
  absl::Time made_;
  uint64_t files_ = 0;
};

}  // namespace penstock::destinations::snowflake
