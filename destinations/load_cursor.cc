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
  std::string text = store.store_id;
  if (store.epoch != 0) absl::StrAppend(&text, "@", store.epoch);
  if (!store.columns.empty()) absl::StrAppend(&text, "+", store.columns);
  return text;
}

StoreEpoch ParseStoreEpoch(const std::string& text) {
  StoreEpoch store{text, 0, ""};
  if (const size_t plus = text.rfind('+'); plus != std::string::npos) {
    store.columns = text.substr(plus + 1);
    store.store_id.resize(plus);
  }
  const size_t at = store.store_id.rfind('@');
  if (at != std::string::npos && absl::SimpleAtoi(store.store_id.substr(at + 1), &store.epoch))
    store.store_id.resize(at);
  return store;
}

bool Same(const LoadCursor& left, const LoadCursor& right) {
  return left.store_id == right.store_id && left.change == right.change;
}

bool SameColumns(const LoadCursor& left, const LoadCursor& right) {
  return ParseStoreEpoch(left.store_id).columns == ParseStoreEpoch(right.store_id).columns;
}

absl::Status CursorMoved(absl::string_view place, const LoadCursor& found, const LoadCursor& from) {
  return absl::AbortedError(absl::StrCat(place, ": holds everything up to ", Words(found), ", not ",
                                         Words(from), "; another loader was here: read the cursor again"));
}

}  // namespace penstock::destinations
