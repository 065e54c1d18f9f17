// SPDX-License-Identifier: Apache-2.0
#include "coordinator/forgotten.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/keyed_hash.h"
#include "coordinator/limits.h"
#include "coordinator/person_fields.h"

namespace penstock::coordinator {
namespace {

constexpr size_t kCheckDigits = 16;
constexpr char kErasedReason[] = "erased: it belonged to a person who is forgotten";

}  // namespace

std::string UserHash(absl::string_view key, absl::string_view id) {
  return KeyedHash(key, absl::StrCat("user:", id));
}
std::string ConversationHash(absl::string_view key, absl::string_view id) {
  return KeyedHash(key, absl::StrCat("conversation:", id));
}
std::string AddressHash(absl::string_view key, absl::string_view address) {
  return KeyedHash(key, absl::StrCat("address:", absl::AsciiStrToLower(address)));
}
std::string KeyCheck(absl::string_view key) {
  return KeyedHash(key, "the key of this state").substr(0, kCheckDigits);
}

storage::SuppressionRecord Suppression(absl::string_view key, uint32_t source, std::string hash,
                                       uint64_t erasure) {
  storage::SuppressionRecord record;
  record.set_source(source);
  record.set_hash(std::move(hash));
  record.set_erasure(erasure);
  record.set_key_check(KeyCheck(key));
  return record;
}

std::string StandInId(absl::string_view key, Endpoint endpoint, absl::string_view id) {
  return KeyedHash(key, absl::StrCat("row of ", Name(endpoint), ":", id));
}

storage::QuarantineRecord QuarantineStandIn(absl::string_view key, storage::QuarantineRecord record) {
  record.set_raw(KeyedHash(key, absl::StrCat("quarantined:", record.raw())));
  record.set_reason(kErasedReason);
  return record;
}

uint64_t Forgotten::Find(const std::string& hash) const {
  const auto found = suppressed_.find(hash);
  return found == suppressed_.end() ? 0 : found->second;
}

uint64_t Forgotten::Of(Endpoint endpoint, const v1::Row& row) const {
  if (!anyone() || row.stand_in()) return 0;
  if (endpoint == Endpoint::kUsers) return Find(UserHash(key_, row.id()));
  const PersonFields fields = ReadPersonFields(row.raw());
  if (!fields.user.empty()) return Find(UserHash(key_, fields.user));
  const std::string& conversation = endpoint == Endpoint::kConversations ? row.id() : fields.conversation;
  return conversation.empty() ? 0 : Find(ConversationHash(key_, conversation));
}

uint64_t Forgotten::OfQuarantined(absl::string_view raw) const {
  if (!anyone()) return 0;
  uint64_t erasure = 0;
  size_t words = 0;
  ForEachWord(raw, [&](absl::string_view word) {
    if (++words > kQuarantineWordsMax) {
      erasure = suppressed_.begin()->second;
      return false;
    }
    if (word.empty() || word.size() > kForgottenBytesMax) return true;
    if (absl::StrContains(word, '@')) erasure = Find(AddressHash(key_, word));
    if (erasure == 0) erasure = Find(UserHash(key_, word));
    if (erasure == 0) erasure = Find(ConversationHash(key_, word));
    return erasure == 0;
  });
  return erasure;
}

Records KeepOut(const Forgotten& forgotten, const std::string& key, store::PageWrite& page) {
  Records found;
  if (!forgotten.anyone()) return found;
  for (v1::Row& row : page.rows) {
    const uint64_t erasure = forgotten.Of(page.endpoint, row);
    if (erasure == 0) continue;
    if (page.endpoint == Endpoint::kConversations) {
      std::string hash = ConversationHash(key, row.id());
      if (forgotten.Find(hash) == 0) found.push_back(Suppression(key, page.source, std::move(hash), erasure));
    }
    row.set_id(StandInId(key, page.endpoint, row.id()));
    row.clear_raw();
    row.set_stand_in(true);
  }
  for (v1::QuarantinedRecord& record : page.quarantined) {
    if (forgotten.OfQuarantined(record.raw()) == 0) continue;
    storage::QuarantineRecord taken;
    taken.set_raw(std::move(*record.mutable_raw()));
    taken = QuarantineStandIn(key, std::move(taken));
    record.set_raw(taken.raw());
    record.set_reason(taken.reason());
  }
  return found;
}

}  // namespace penstock::coordinator
