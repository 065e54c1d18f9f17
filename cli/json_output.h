// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace penstock::cli {

// An admin message as one line of JSON. The shape is a promise to scripts:
//
// - Keys are the field names of proto/admin_service.proto, all of them, always, in the order of their
// numbers. Later
//   versions add keys and never rename or retype one.
// - Jobs and windows are named as people name them: "job-12", "w-1043" (null for none).
// - Enum values are small words without their prefix: "running", "parked", "plugin-calls"; null when unset.
// - Numbers are JSON numbers, 64-bit ones too. Times are RFC 3339 strings in UTC. Durations are seconds, a
// number, and
//   their key ends in "_seconds". What is unset is null.
// - Bytes (ids, raw records) are strings; bytes that are not UTF-8 become U+FFFD.
std::string ToJson(const google::protobuf::Message& message);

// A JSON text without the white space between its tokens; strings are left alone. For valid JSON: the result
// then has no line break, because JSON strings hold none.
std::string CompactJson(absl::string_view json);

}  // namespace penstock::cli
