// SPDX-License-Identifier: Apache-2.0
#include "coordinator/stored_records.h"

#include "base/instant.h"
#include "base/status_macros.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::WindowRecord;

// Whether a quarantined record, whose created_time nobody knows, may belong to the range.
bool MayLieIn(const storage::QuarantineRecord& record, const WindowRecord* window,
              std::optional<absl::Time> from, std::optional<absl::Time> to) {
  // It is older than the moment at which it first came.
  if (from.has_value() && FromProto(record.first_seen()) < *from) return false;
  if (window == nullptr || window->axis() != v1::CREATED_TIME) return true;
  if (to.has_value() && window->has_from() && FromProto(window->from()) >= *to) return false;
  return !from.has_value() || !window->has_to() || FromProto(window->to()) > *from;
}

}  // namespace

StoredRecords Stored(const Core& core, const WindowRecord& window) {
  const uint32_t source = window.source();
  const auto endpoint = static_cast<Endpoint>(window.endpoint());
  StoredRecords stored;
  stored.count = [&core, source, endpoint](std::optional<absl::Time> from,
                                           std::optional<absl::Time> to) -> absl::StatusOr<uint64_t> {
    ASSIGN_OR_RETURN(uint64_t records, core.store().CountRows(source, endpoint, from, to));
    ASSIGN_OR_RETURN(const std::vector<store::Quarantined> quarantined, core.store().ListQuarantine(source));
    for (const store::Quarantined& record : quarantined) {
      const bool here = record.endpoint == endpoint &&
                        MayLieIn(record.record, core.state().FindWindow(record.record.window()), from, to);
      records += here ? 1 : 0;
    }
    return records;
  };
  stored.days = [&core, source, endpoint] { return core.store().DayCounts(source, endpoint); };
  stored.stamped = [&core, source, endpoint](
                       absl::Time from, std::optional<absl::Time> to,
                       std::optional<absl::Time> created_from) -> absl::StatusOr<uint64_t> {
    ASSIGN_OR_RETURN(const std::vector<store::StampCount> days,
                     core.store().StampCounts(source, endpoint, DayNumber(from)));
    const int64_t end = to.has_value() ? DayNumber(*to) : INT64_MAX;
    const int64_t created = created_from.has_value() ? DayNumber(*created_from) : INT64_MIN;
    uint64_t rows = 0;
    for (const store::StampCount& day : days) {
      if (day.stamp_day < end && day.created_day >= created) rows += day.rows;
    }
    return rows;
  };
  return stored;
}

}  // namespace penstock::coordinator
