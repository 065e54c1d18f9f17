// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "proto/worker_service.pb.h"

namespace penstock::worker {

// A field of a page's records, and the JSON types of its values.
struct PageField {
  std::string name;    // decoded
  uint32_t types = 0;  // bit 1 << v1::JsonType

  bool Has(v1::JsonType type) const { return (types >> type & 1) != 0; }
};

// Which fields the records of a page have, noted while they are read. The records of a page have nearly always the
// same fields in the same order: then a field costs one comparison. Of a page's different names the first 256 are
// kept. Names must stay valid until Take.
class FieldCensus {
 public:
  void BeginRecord() { next_ = 0; }
  // `raw_key` as it stands in the text; `first` is the first character of its value.
  void Note(absl::string_view raw_key, char first) {
    if (next_ >= seen_.size() || seen_[next_].raw_key != raw_key) next_ = Find(raw_key);
    if (next_ < seen_.size()) seen_[next_++].types |= 1u << TypeOf(first);
  }
  std::vector<PageField> Take() const;

 private:
  struct Seen {
    absl::string_view raw_key;
    uint32_t types = 0;
  };
  static v1::JsonType TypeOf(char first);
  // Beyond the end when there is no room for one more.
  size_t Find(absl::string_view raw_key);

  std::vector<Seen> seen_;
  absl::flat_hash_map<absl::string_view, size_t> places_;
  size_t next_ = 0;  // where the record's next field is expected
};

}  // namespace penstock::worker
