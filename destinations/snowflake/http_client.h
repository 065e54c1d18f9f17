// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock::destinations::snowflake {

struct HttpRequest {
  std::string url;
  std::map<std::string, std::string> headers;
  std::string post_body;  // empty: GET
};

struct HttpReply {
  int status = 0;
  std::string retry_after;  // the header; empty: there was none
  std::string body;
};

// The seam to the network. Follows no redirect, blocks until the end. May repeat a request on a new connection
// when a kept one turns out to be dead: whoever asks must be able to bear that.
//   UNAVAILABLE        no whole answer came: what was asked may have been done
//   PERMISSION_DENIED  the server's certificate was refused: nothing was sent
// The message says whom and what to do, and nothing of the request.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual absl::StatusOr<HttpReply> Send(const HttpRequest& request) = 0;
};

// libcurl: https, or http towards this machine, without the proxy there.
std::unique_ptr<HttpClient> NewCurlHttpClient(const SnowflakeConfig& config);

}  // namespace penstock::destinations::snowflake
