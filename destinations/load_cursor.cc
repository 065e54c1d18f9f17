// SPDX-License-Identifier: Apache-2.0
#include "destinations/load_cursor.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace penstock::destinations {
namespace {

std::string Words(const LoadCursor& cursor) {
  if (cursor.store_id.empty()) return "the beginning";
  return absl::StrCat("change ", cursor.change, " of store ", cursor.store_id);
}

}  // namespace

bool Same(const LoadCursor& left, const LoadCursor& right) {
  return left.store_id == right.store_id && left.change == right.change;
}

absl::Status CursorMoved(absl::string_view place, const LoadCursor& found, const LoadCursor& from) {
  return absl::AbortedError(absl::StrCat(place, ": holds everything up to ", Words(found), ", not ",
                                         Words(from), "; another loader was here: read the cursor again"));
}

}  // namespace penstock::destinations
