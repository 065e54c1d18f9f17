// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include "absl/strings/string_view.h"
#include "proto/row.pb.h"
#include "worker/field_census.h"

namespace penstock::worker {

// A record may nest this deep. More is no data but an attack on whoever reads it later.
inline constexpr int kMaxDepth = 1000;

// What stands in the page at the place of one record.
struct RecordText {
  absl::string_view raw;           // its bytes, without the white space around
  absl::string_view id;            // tokens as they stand there (the last of equal keys), empty when missing
  absl::string_view created_time;  // an object's or array's token is its bracket
  absl::string_view last_updated_time;
  const char* fault = nullptr;  // a sentence: why nobody can read this record, although its end is certain
};

// Walks through one element of `value`, checking all of it. An error means that brackets, commas, colons or
// backslashes stand where they may not, so that the end of the record, and of the page, is uncertain. Views
// point into the parsed text. The record's own fields are noted in `census`.
simdjson::error_code ReadRecord(simdjson::ondemand::value element, RecordText& record, FieldCensus& census);

// The key of a field up to its closing quote, escapes as they stand.
absl::string_view RawKey(simdjson::ondemand::raw_json_string key);
// Whether a key is `name`, however it is escaped.
bool KeyIs(absl::string_view raw_key, absl::string_view name);

// A whole value that nobody will look at again: moves past it.
simdjson::error_code WalkPast(simdjson::ondemand::value value, const char*& fault);
// A scalar's text, or the bracket of an object or array.
simdjson::error_code Token(simdjson::ondemand::value value, absl::string_view& token);

}  // namespace penstock::worker
