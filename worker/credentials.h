// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "worker/http_transport.h"

namespace penstock::worker {

// What a source's requests carry in their Authorization header. Reads its secrets from files, again whenever
// a file changes. OAuth tokens are renewed at 80 % of their life, or after a 401. Thread-safe; sends nothing
// itself: whoever sends has a permit.
//
// A use, with `now` read at the door:
//   while (credentials.NeedsToken(now)) { permit; result = transport.Send(*credentials.TokenRequest());
//                                         RETURN_IF_ERROR(credentials.TakeToken(result, now)); }
//   request.headers["Authorization"] = *credentials.Header(now);
class Credentials {
 public:
  // `source_url` gives the origin of the default token URL.
  Credentials(AuthConfig config, const std::string& source_url);

  // OAuth only: there is no token, it is about to end, or it was refused.
  bool NeedsToken(const Moment& now) const;
  // The POST that asks for one. Errors are those of ReadSecretFile.
  absl::StatusOr<HttpRequest> TokenRequest() const;
  // Accepts the flat and the wrapped answer (DATA_API 2). UNAUTHENTICATED: client id or secret are refused;
  // UNAVAILABLE: try again.
  absl::Status TakeToken(const HttpResult& result, const Moment& now);

  // The header's value; empty when the source needs none. Errors are those of ReadSecretFile.
  absl::StatusOr<std::string> Header(const Moment& now) const;

  // A request was answered 401 although it carried `header`. True: asking again may work (a token that can be
  // renewed, or a file that changed since). False: the credentials are refused.
  bool Refused(const std::string& header, const Moment& now);

  // Changes whenever one of the secret files does.
  std::string Generation() const;

 private:
  const AuthConfig config_;
  const std::string token_url_;
  mutable std::mutex mutex_;
  std::string token_;
  absl::Duration renew_at_;  // boot axis
};

}  // namespace penstock::worker
