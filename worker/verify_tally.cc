// SPDX-License-Identifier: Apache-2.0
#include "worker/verify_tally.h"

#include <algorithm>
#include <string>

#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/limits.h"

namespace penstock::worker {

using destinations::Standing;

VerifyTally::VerifyTally(uint64_t loaded, const std::vector<destinations::SetAsideRow>& set_aside)
    : loaded_(loaded) {
  for (const destinations::SetAsideRow& row : set_aside) set_aside_.insert(row.change);
  for (Endpoint endpoint : kAllEndpoints) tables_[endpoint].set_endpoint(ToProto(endpoint));
}

void VerifyTally::Add(const std::vector<destinations::TypedRow>& rows,
                      const std::vector<Standing>& standings) {
  CHECK(rows.size() == standings.size());
  for (size_t i = 0; i < rows.size(); ++i) Count(rows[i], standings[i]);
}

void VerifyTally::Count(const destinations::TypedRow& row, Standing standing) {
  v1::TableComparison& table = tables_.at(row.endpoint);
  table.set_rows(table.rows() + 1);
  if (standing != Standing::kMissing) ++found_[row.endpoint];
  v1::RowDifference difference;
  switch (standing) {
    case Standing::kSame:
      table.set_same(table.same() + 1);
      return;
    case Standing::kNewer:
      difference.set_kind(v1::RowDifference::NEWER);
      table.set_newer(table.newer() + 1);
      break;
    case Standing::kMissing:
    case Standing::kDiffers:
      if (row.change > loaded_) {
        table.set_waiting(table.waiting() + 1);
        return;
      }
      if (set_aside_.contains(row.change)) {
        table.set_set_aside(table.set_aside() + 1);
        return;
      }
      if (standing == Standing::kMissing) {
        difference.set_kind(v1::RowDifference::MISSING);
        table.set_missing(table.missing() + 1);
      } else {
        difference.set_kind(v1::RowDifference::DIFFERS);
        table.set_differ(table.differ() + 1);
      }
      break;
  }
  if (table.differences_size() == kDifferencesShown) return;
  difference.set_id(std::get<std::string>(row.values.front()));
  difference.set_change(row.change);
  *table.add_differences() = difference;
}

void VerifyTally::AddTable(Endpoint endpoint, uint64_t rows_there) {
  const uint64_t found = found_[endpoint];
  tables_.at(endpoint).set_only_there(rows_there - std::min(found, rows_there));
}

v1::Verification VerifyTally::Result() const {
  v1::Verification result;
  result.set_loaded(loaded_);
  for (const auto& [endpoint, table] : tables_) *result.add_tables() = table;
  return result;
}

}  // namespace penstock::worker
