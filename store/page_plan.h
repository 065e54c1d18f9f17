// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/storage.pb.h"
#include "store/store.h"

namespace penstock::store {

// What a page does to a store, worked out before anything is written. Both stores carry out the same plan;
// they differ only in how they look up and how they write.

// What a store holds, as far as a plan asks. Errors are the store's own (DATA_LOSS); they end the plan.
class StoredRows {
 public:
  virtual ~StoredRows() = default;
  // Parallel to `ids`; empty where the id is not stored.
  virtual absl::StatusOr<std::vector<std::optional<storage::RowPlace>>> Places(
      uint32_t source, Endpoint endpoint, const std::vector<absl::string_view>& ids) = 0;
  // The raw bytes of stored rows, parallel to their change numbers.
  virtual absl::StatusOr<std::vector<std::string>> Contents(uint32_t source,
                                                            const std::vector<uint64_t>& changes) = 0;
  virtual absl::StatusOr<bool> IsQuarantined(uint32_t source, Endpoint endpoint, const std::string& name) = 0;
};

struct RowPut {
  std::string id;
  storage::RowRecord row;  // with its change number and permit
};

struct QuarantinePut {
  std::string name;
  storage::QuarantineRecord record;
};

// Word that the row with this id was erased.
struct ErasedPut {
  std::string id;
  uint64_t change = 0;
};

// What a page, or an erasure, does to one endpoint.
struct PagePlan {
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  std::vector<RowPut> rows;  // each id once; each stands in the change sequence under its row.change()
  std::vector<uint64_t>
      retired;  // numbers of the versions that `rows` replace: they leave the change sequence
  std::map<int64_t, int64_t> day_deltas;  // rows more or fewer by UTC day of created_time or kNoDay; never 0
  // By UTC day of last_updated_time, then of created_time; never 0.
  std::map<std::pair<int64_t, int64_t>, int64_t> stamp_deltas;
  std::vector<std::string> removed;       // ids that no row has any more
  std::vector<ErasedPut> erased;          // stand in the change sequence
  std::vector<std::string> released;      // names that no quarantined record has any more
  std::vector<QuarantinePut> quarantine;  // the ones not known yet
  v1::PageCounts counts;                  // fetched is the sum of the others
  uint64_t last_change = 0;               // of the source, after the page
};

// Applies the page's rows one after the other by the upsert rule; an id that comes twice meets its own first
// version. `last_change` is the source's before the page. Errors: INVALID_ARGUMENT for an id outside 1 to
// 1,024 bytes, and those of `stored`.
absl::StatusOr<PagePlan> PlanPage(PageWrite page, uint64_t last_change, StoredRows& stored);

// The name of a quarantined record: 16 hex digits of the SHA-256 of its bytes.
std::string QuarantineName(absl::string_view raw);

// The bucket a row is counted in.
int64_t CountedDay(const std::optional<absl::Time>& time);

}  // namespace penstock::store
