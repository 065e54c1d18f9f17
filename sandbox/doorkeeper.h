// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock::sandbox {

enum class AuthScheme { kBearer, kRaw, kAny };
enum class TokenShape { kFlat, kWrapped };

struct DoorOptions {
  std::string api_key = {};
  AuthScheme scheme = AuthScheme::kBearer;  // of the API key; a token always comes as a Bearer
  std::string client_id = {};
  std::string client_secret = {};
  TokenShape token_shape = TokenShape::kFlat;
  absl::Duration token_lifetime = absl::Hours(1);
};

// Who may come in: holders of the API key, and of tokens bought with the client's id and secret. With neither
// set, all. Pure: the time comes in. Not thread-safe.
class Doorkeeper {
 public:
  explicit Doorkeeper(DoorOptions options) : options_(std::move(options)) {}

  // `authorization` is the header's value. Says whether the request may pass.
  bool Admits(absl::string_view authorization, absl::Duration now) const;

  // POST /oauth/v1/token. `body` is JSON or a form, by `content_type`; the answer is the body of a 200.
  // INVALID_ARGUMENT: not a client-credentials request. UNAUTHENTICATED: wrong id or secret. UNIMPLEMENTED:
  // no OAuth.
  absl::StatusOr<std::string> IssueToken(const std::string& content_type, const std::string& body,
                                         absl::Duration now);

  // The token in the header is worth nothing from now on; an API key stays what it is.
  void Revoke(absl::string_view authorization);

 private:
  const DoorOptions options_;
  std::map<std::string, absl::Duration> tokens_;  // and when they end
  uint64_t issued_ = 0;
};

}  // namespace penstock::sandbox
