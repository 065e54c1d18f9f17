// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/row.pb.h"

namespace penstock::worker {

struct DecodedPage {
  std::vector<v1::Row> rows;
  std::vector<v1::QuarantinedRecord> quarantined;
  std::string next_link;  // verbatim; empty: the last page
  bool has_value =
      false;  // false: a context without `value`, which means zero rows only where that is proved
  std::optional<uint64_t> count;  // @odata.count
};

// One HTTP body -> records. The spellings of the envelope's keys follow DATA_API 4; each record's bytes are
// kept exactly.
//
// Errors: UNAVAILABLE: not a whole page (cut, HTML, another JSON document): ask again. FAILED_PRECONDITION: a
// page that asking again will not mend (two different next links). A record never makes a page fail: without
// a usable id it is quarantined.
absl::StatusOr<DecodedPage> DecodePage(const std::string& body);

}  // namespace penstock::worker
