// SPDX-License-Identifier: Apache-2.0
#include "store/upsert_rule.h"

namespace penstock::store {

bool NeedsContent(const Version& stored, const Version& incoming) {
  return stored.last_updated_time == incoming.last_updated_time;
}

Verdict Decide(const Version& stored, const Version& incoming, bool same_content) {
  // An empty optional compares less than any time, which is the rule for missing stamps.
  if (incoming.last_updated_time > stored.last_updated_time) return Verdict::kReplace;
  if (incoming.last_updated_time < stored.last_updated_time) return Verdict::kOlder;
  if (same_content) return Verdict::kIdentical;
  return incoming.permit >= stored.permit ? Verdict::kReplace : Verdict::kOlder;
}

}  // namespace penstock::store
