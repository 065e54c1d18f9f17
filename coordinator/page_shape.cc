// SPDX-License-Identifier: Apache-2.0
#include "coordinator/page_shape.h"

#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

constexpr absl::Duration kMillisecond = absl::Milliseconds(1);

}  // namespace

absl::Time FloorMs(absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), kMillisecond);
}

PageShape ShapeOf(const std::vector<v1::Row>& rows) {
  PageShape shape;
  for (const v1::Row& row : rows) {
    if (!row.has_created_time()) continue;
    ++shape.dated;
    const absl::Time created = FromProto(row.created_time());
    if (!shape.newest.has_value()) shape.newest = created;
    if (shape.oldest.has_value() && created > *shape.oldest) shape.descending = false;
    const bool same_ms = shape.oldest.has_value() && FloorMs(created) == FloorMs(*shape.oldest);
    shape.in_oldest_ms = same_ms ? shape.in_oldest_ms + 1 : 1;
    shape.oldest = created;
  }
  return shape;
}

std::optional<absl::Time> NewestStamp(const std::vector<v1::Row>& rows, absl::Time limit) {
  std::optional<absl::Time> newest;
  for (const v1::Row& row : rows) {
    if (!row.has_last_updated_time()) continue;
    const absl::Time stamp = FromProto(row.last_updated_time());
    if (stamp <= limit && (!newest.has_value() || stamp > *newest)) newest = stamp;
  }
  return newest;
}

}  // namespace penstock::coordinator
