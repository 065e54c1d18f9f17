// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/row.pb.h"
#include "worker/field_census.h"

namespace penstock::worker {

struct DecodedPage {
  std::vector<v1::Row> rows;
  std::vector<v1::QuarantinedRecord> quarantined;
  std::string next_link;  // verbatim; empty: the last page
  bool has_value =
      false;  // false: a context without `value`, which means zero rows only where that is proved
  std::optional<uint64_t> count;  // @odata.count
  std::vector<PageField> fields;  // of its records
};

// One HTTP body -> records. The spellings of the envelope's keys follow DATA_API 4; each record's bytes are
// kept exactly.
//
// Errors: UNAVAILABLE: not a whole page (cut, HTML, another JSON document, an error that the API reports,
// even beside a `value`): ask again. FAILED_PRECONDITION: a page that asking again will not mend (two
// different next links, or one that is no string; two `value`s). A record never makes a page fail as long as
// its end is certain (a wrong bracket, or a backslash outside a string, makes it uncertain). It is
// quarantined, bytes untouched, when it has no usable id, when it is no object, or when it is no JSON that a
// later reader could take: bytes outside UTF-8, bare control characters, tokens like NaN, more than 1000
// levels. So the raw bytes of a row are always a JSON object by the letter of RFC 8259. Numbers of any size,
// lone surrogates and duplicate keys within are kept.
absl::StatusOr<DecodedPage> DecodePage(const std::string& body);

}  // namespace penstock::worker
