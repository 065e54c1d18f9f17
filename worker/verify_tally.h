// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "destinations/destination.h"
#include "proto/worker_service.pb.h"

namespace penstock::worker {

// Counts what a comparison of a destination with the store finds, table by table and day by day. The day of a row is
// that of its created_time, whatever stands in the destination; users have none.
class VerifyTally {
 public:
  // `loaded`: the number up to which the destination is loaded; what is later there waits and is no difference.
  // `set_aside`: rows that the destination refused.
  VerifyTally(uint64_t loaded, const std::vector<destinations::SetAsideRow>& set_aside);

  // One standing per change.
  void Add(const std::vector<v1::Change>& changes, const std::vector<destinations::Standing>& standings);
  // How many rows the destination's table has.
  void AddTable(Endpoint endpoint, uint64_t rows_there);

  v1::Verification Result() const;

 private:
  void Count(const v1::Change& change, destinations::Standing standing);

  const uint64_t loaded_;
  absl::flat_hash_set<uint64_t> set_aside_;  // by change number
  std::map<Endpoint, v1::TableComparison> tables_;
  // By the day's number; nothing: rows without a created_time.
  std::map<Endpoint, std::map<std::optional<int64_t>, v1::DayDifference>> days_;
  std::map<Endpoint, uint64_t> found_;  // rows of the store that the destination has in whatever version
};

}  // namespace penstock::worker
