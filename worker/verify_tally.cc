// SPDX-License-Identifier: Apache-2.0
#include "worker/verify_tally.h"

#include <algorithm>
#include <string>

#include "base/instant.h"
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

void VerifyTally::Add(const std::vector<v1::Change>& changes, const std::vector<Standing>& standings) {
  CHECK(changes.size() == standings.size());
  for (size_t i = 0; i < changes.size(); ++i) Count(changes[i], standings[i]);
}

void VerifyTally::Count(const v1::Change& change, Standing standing) {
  const Endpoint endpoint = FromProto(change.endpoint());
  v1::TableComparison& table = tables_.at(endpoint);
  table.set_rows(table.rows() + 1);
  std::optional<int64_t> number;
  if (change.row().has_created_time()) number = DayNumber(FromProto(change.row().created_time()));
  v1::DayDifference& day = days_[endpoint][number];
  day.set_rows(day.rows() + 1);
  if (number.has_value() && day.rows() == 1) *day.mutable_day() = ToProto(DayStart(*number));
  if (standing != Standing::kMissing) ++found_[endpoint];
  v1::RowDifference difference;
  switch (standing) {
    case Standing::kSame:
      table.set_same(table.same() + 1);
      return;
    case Standing::kNewer:
      difference.set_kind(v1::RowDifference::NEWER);
      table.set_newer(table.newer() + 1);
      day.set_newer(day.newer() + 1);
      break;
    case Standing::kMissing:
    case Standing::kDiffers:
      if (change.number() > loaded_) {
        table.set_waiting(table.waiting() + 1);
        return;
      }
      if (set_aside_.contains(change.number())) {
        table.set_set_aside(table.set_aside() + 1);
        return;
      }
      if (standing == Standing::kMissing) {
        difference.set_kind(v1::RowDifference::MISSING);
        table.set_missing(table.missing() + 1);
        day.set_missing(day.missing() + 1);
      } else {
        difference.set_kind(v1::RowDifference::DIFFERS);
        table.set_differ(table.differ() + 1);
        day.set_differ(day.differ() + 1);
      }
      break;
  }
  if (table.differences_size() == kDifferencesShown) return;
  difference.set_id(change.row().id());
  difference.set_change(change.number());
  if (day.has_day()) *difference.mutable_day() = day.day();
  *table.add_differences() = difference;
}

void VerifyTally::AddTable(Endpoint endpoint, uint64_t rows_there) {
  const uint64_t found = found_[endpoint];
  tables_.at(endpoint).set_only_there(rows_there - std::min(found, rows_there));
}

v1::Verification VerifyTally::Result() const {
  v1::Verification result;
  result.set_loaded(loaded_);
  for (const auto& [endpoint, counts] : tables_) {
    v1::TableComparison& table = *result.add_tables();
    table = counts;
    const auto days = days_.find(endpoint);
    if (days == days_.end()) continue;
    for (const auto& [number, day] : days->second) {
      const bool differs = day.missing() + day.differ() + day.newer() > 0;
      if (differs && table.days_size() < kDifferingDaysTold) *table.add_days() = day;
    }
  }
  return result;
}

}  // namespace penstock::worker
