// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace penstock::coordinator {

// What in a record says whose it is: the text of a string, or a number's token. Empty: the record does not have it.
struct PersonFields {
  std::string user;          // user_id
  std::string conversation;  // conversation_id
  std::string address;       // email_addr, of users
};
// Of the last of equal keys. Bytes that are no JSON object have no fields.
PersonFields ReadPersonFields(absl::string_view raw);

// Visits every string and every other word of bytes that may be no JSON, until `visit` returns false. Keys too.
void ForEachWord(absl::string_view raw, const std::function<bool(absl::string_view)>& visit);

}  // namespace penstock::coordinator
