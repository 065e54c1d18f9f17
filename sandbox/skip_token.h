// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/endpoint.h"
#include "sandbox/query.h"

namespace penstock::sandbox {

// Where a chain goes on: what the first request asked, and how far it was served. The server remembers
// nothing between pages; all of it travels in the token.
struct SkipToken {
  Endpoint endpoint = Endpoint::kUsers;
  Query query;                 // filter, order, select and count; `top` is what is left of it; `skip` is done
  uint64_t rank = 0;           // the next record's place in the whole endpoint under this order
  uint64_t order_version = 0;  // the order that `rank` speaks of: re-published records get new places
};

// Characters A-Z a-z 0-9 - _ only. Guarded by a checksum, so that a token someone made up is refused.
std::string EncodeSkipToken(const SkipToken& token);
// INVALID_ARGUMENT: not one of ours, cut or altered.
absl::StatusOr<SkipToken> DecodeSkipToken(const std::string& text);

}  // namespace penstock::sandbox
