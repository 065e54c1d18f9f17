// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace penstock::store {

// The upsert rule (docs/architecture.md), the same everywhere:
//
//   incoming stamp   content        permit        verdict
//   --------------   ------------   -----------   ---------
//   later            -              -             kReplace
//   older            -              -             kOlder       nothing is written
//   equal            the same       -             kIdentical   nothing is written, no change number is spent
//   equal            different      not earlier   kReplace
//   equal            different      earlier       kOlder
//
// Stamps are compared as instants. A missing or unreadable stamp is older than any other and equal to another
// missing one. Content is compared as JSON values (json_equal.h). "Not earlier": of two versions in one page,
// which share a permit, the later one stands.
enum class Verdict { kReplace, kIdentical, kOlder };

using Stamp = std::optional<absl::Time>;

// What the rule looks at on either side.
struct Version {
  Stamp last_updated_time;
  uint64_t permit = 0;
};

// Whether the verdict depends on the content: only then must the stored bytes be read.
bool NeedsContent(const Version& stored, const Version& incoming);

// `same_content` is looked at only when NeedsContent.
Verdict Decide(const Version& stored, const Version& incoming, bool same_content);

}  // namespace penstock::store
