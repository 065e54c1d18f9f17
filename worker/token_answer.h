// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "worker/http_transport.h"

namespace penstock::worker {

struct Token {
  std::string text;
  absl::Duration lifetime;  // five minutes when the answer names none that can be read
};

// Reads the answer of a token endpoint: {"access_token","expires_in","token_type"}, flat or wrapped in
// "data". UNAUTHENTICATED: refused, or there is nothing that gives tokens; UNAVAILABLE: asking again may
// help.
absl::StatusOr<Token> ReadTokenAnswer(const HttpResponse& response);

}  // namespace penstock::worker
