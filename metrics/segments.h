// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "metrics/dialect.h"
#include "metrics/relation.h"

namespace penstock::metrics {

// Who is in which segment of a company: the guide's personas (R10). A file has one of the two.
struct Segments {
  std::map<std::string, std::string> of_user;   // by user id
  std::map<std::string, std::string> of_email;  // by address, in small letters
};

// They travel inside the question's SQL, which Snowflake limits to a megabyte.
inline constexpr size_t kSegmentsMax = 20'000;

// CSV whose first line is "user_id,segment" or "email,segment"; a value may stand in double quotes. INVALID_ARGUMENT
// begins with "FILE:LINE: ".
absl::StatusOr<Segments> ParseSegments(absl::string_view csv, const std::string& file);
// NOT_FOUND when the file cannot be read.
absl::StatusOr<Segments> ReadSegments(const std::string& file);

// segment(user_id, segment), a row for each user, over the record view `person`.
std::vector<Relation> SegmentRelations(const Segments& segments, const Dialect& dialect);

}  // namespace penstock::metrics
