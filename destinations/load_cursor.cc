// SPDX-License-Identifier: Apache-2.0
#include "destinations/load_cursor.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace penstock::destinations {
namespace {

std::string Words(const LoadCursor& cursor) {
  if (cursor.store_id.empty()) return "the beginning";
  return absl::StrCat("change ", cursor.change, " of store ", cursor.store_id);
}

}  // namespace

std::string ToText(const StoreEpoch& store) {
  return store.epoch == 0 ? store.store_id : absl::StrCat(store.store_id, "@", store.epoch);
}

StoreEpoch ParseStoreEpoch(const std::string& text) {
  const size_t at = text.rfind('@');
  StoreEpoch store;
  if (at == std::string::npos || !absl::SimpleAtoi(text.substr(at + 1), &store.epoch)) return {text, 0};
  store.store_id = text.substr(0, at);
  return store;
}

bool Same(const LoadCursor& left, const LoadCursor& right) {
  return left.store_id == right.store_id && left.change == right.change;
}

absl::Status CursorMoved(absl::string_view place, const LoadCursor& found, const LoadCursor& from) {
  return absl::AbortedError(absl::StrCat(place, ": holds everything up to ", Words(found), ", not ",
                                         Words(from), "; another loader was here: read the cursor again"));
}

}  // namespace penstock::destinations
