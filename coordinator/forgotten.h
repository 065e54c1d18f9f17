// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/endpoint.h"
#include "coordinator/follow_up.h"
#include "coordinator/state.h"
#include "proto/row.pb.h"
#include "proto/storage.pb.h"
#include "store/store.h"

namespace penstock::coordinator {

// Who is forgotten is known by keyed hashes alone (docs/decisions/2026-11-22-forgetting-a-person.md). Pure functions of
// the key of STATE/forget-key, which has kHashKeyBytes.

std::string UserHash(absl::string_view key, absl::string_view id);
std::string ConversationHash(absl::string_view key, absl::string_view id);
// ASCII letters of either case are the same.
std::string AddressHash(absl::string_view key, absl::string_view address);
// Tells whether a hash was made with another key.
std::string KeyCheck(absl::string_view key);
storage::SuppressionRecord Suppression(absl::string_view key, uint32_t source, std::string hash,
                                       uint64_t erasure);

// What takes the place of a record (store::Erasure): an id of 64 hex digits, a quarantined record that holds as many.
std::string StandInId(absl::string_view key, Endpoint endpoint, absl::string_view id);
storage::QuarantineRecord QuarantineStandIn(absl::string_view key, storage::QuarantineRecord record);

// Whose records are to be erased, and never stored.
class Forgotten {
 public:
  // Both must outlive it.
  Forgotten(const std::string& key, const Suppressed& suppressed) : key_(key), suppressed_(suppressed) {}

  bool anyone() const { return !suppressed_.empty(); }

  // The erasure that asked for whoever the record belongs to; 0: none did. A user is the person, the other records are
  // the person's whose id is their user_id. One without a user_id belongs with its conversation.
  uint64_t Of(Endpoint endpoint, const v1::Row& row) const;
  // Of a record that cannot be a row: any string or number in it may be the person's id, a conversation's or an
  // address. So may be one of those that were not looked at, because there are so many.
  uint64_t OfQuarantined(absl::string_view raw) const;
  // The erasure that asked for this hash; 0: none did.
  uint64_t Find(const std::string& hash) const;

 private:
  const std::string& key_;
  const Suppressed& suppressed_;
};

// Takes out of a page what belongs to people who are forgotten, and puts in what takes its place, so that the page is
// counted as it came. The records to be stored with it: their conversations, met for the first time.
Records KeepOut(const Forgotten& forgotten, const std::string& key, store::PageWrite& page);

}  // namespace penstock::coordinator
