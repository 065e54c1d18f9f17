// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
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
//
// Asking for two tokens at the same time is harmless (the later one stays), but costs a permit more.
class Credentials {
 public:
  // `source_url` gives the origin of the default token URL; it is one that CheckSourceUrl accepts.
  Credentials(AuthConfig config, const std::string& source_url);

  // OAuth only: there is no token, it is about to end, it was refused, or it was made with secrets that have
  // changed.
  bool NeedsToken(const Moment& now) const;
  // The POST that asks for one, as a form (RFC 6749 4.4). Errors are those of ReadSecretFile.
  absl::StatusOr<HttpRequest> TokenRequest() const;
  // Accepts the flat and the wrapped answer (DATA_API 2). UNAUTHENTICATED: client id or secret are refused,
  // or no token is to be had at that URL; UNAVAILABLE: try again. The status of a request that was never
  // answered passes through. Messages name the answer's error only when it is a known word, never quote its
  // body.
  absl::Status TakeToken(const HttpResult& result, const Moment& now);

  // The header's value; empty when the source needs none. FAILED_PRECONDITION while a token is missing
  // (NeedsToken says so); other errors are those of ReadSecretFile.
  absl::StatusOr<std::string> Header(const Moment& now) const;

  // A request was answered 401 although it carried `header`. True: asking again may work (another header is
  // in use by now, a file changed, or the token can be renewed). False: the credentials are refused; that is
  // the answer too when a token that was renewed because of a 401 is refused within five minutes. Several
  // tasks that were refused with the same header cause one renewal.
  bool Refused(const std::string& header, const Moment& now);

  // Changes whenever one of the secret files does.
  std::string Generation() const;

 private:
  struct CachedSecret {
    uint64_t version = 0;
    std::string text;
  };

  absl::StatusOr<std::string> Secret(const std::string& path) const;
  absl::StatusOr<std::string> SecretLocked(const std::string& path) const;
  absl::StatusOr<std::string> HeaderLocked() const;

  const AuthConfig config_;
  std::string token_url_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, CachedSecret> secrets_;  // by path
  mutable std::string asked_with_;                       // Generation() when the last token was asked for
  std::string token_;
  std::string token_generation_;  // the secrets that it was made with
  absl::Duration renew_at_;       // boot axis
  absl::Duration taken_at_;       // boot axis
  bool refused_ = false;          // the last token was; there is none now
  bool after_refusal_ = false;    // the present token replaced one that was refused
};

}  // namespace penstock::worker
