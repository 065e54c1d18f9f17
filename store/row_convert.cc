// SPDX-License-Identifier: Apache-2.0
#include "store/row_convert.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "proto/convert.h"

namespace penstock::store {

v1::Row ToRow(absl::string_view id, storage::RowRecord record) {
  v1::Row row;
  row.set_id(id.data(), id.size());
  row.set_raw(std::move(*record.mutable_raw()));
  if (record.has_created_time()) *row.mutable_created_time() = record.created_time();
  if (record.has_last_updated_time()) *row.mutable_last_updated_time() = record.last_updated_time();
  row.set_stand_in(record.stand_in());
  return row;
}

v1::Change ToChange(uint64_t number, Endpoint endpoint, absl::string_view id, storage::RowRecord record) {
  v1::Change change;
  change.set_number(number);
  change.set_endpoint(ToProto(endpoint));
  *change.mutable_row() = ToRow(id, std::move(record));
  return change;
}

storage::RowPlace PlaceOf(const storage::RowRecord& record) {
  storage::RowPlace place;
  place.set_change(record.change());
  place.set_permit(record.permit());
  if (record.has_created_time()) *place.mutable_created_time() = record.created_time();
  if (record.has_last_updated_time()) *place.mutable_last_updated_time() = record.last_updated_time();
  place.set_raw_bytes(record.raw().size());
  return place;
}

RecordKey KeyOfRecord(const Record& record) {
  const auto of = [](const auto& key) { return RecordKey{key.kFamily, key.Encode()}; };
  if (const auto* source = std::get_if<storage::SourceRecord>(&record)) return of(SourceKey{source->id()});
  if (const auto* job = std::get_if<storage::JobRecord>(&record)) return of(JobKey{job->number()});
  if (const auto* window = std::get_if<storage::WindowRecord>(&record))
    return of(WindowKey{window->number()});
  if (const auto* slot = std::get_if<storage::SlotRecord>(&record)) {
    return of(SlotKey{slot->source(), slot->ring(), slot->index()});
  }
  if (const auto* budget = std::get_if<storage::BudgetRecord>(&record))
    return of(BudgetKey{budget->source()});
  if (const auto* suppression = std::get_if<storage::SuppressionRecord>(&record)) {
    return of(SuppressionKey{suppression->source(), suppression->hash()});
  }
  if (const auto* erasure = std::get_if<storage::ErasureRecord>(&record)) {
    return of(ErasureKey{erasure->source(), erasure->number()});
  }
  const auto& load = std::get<storage::LoadRecord>(record);
  return of(LoadKey{load.source(), load.destination()});
}

absl::Status NoSuchRow(Endpoint endpoint, absl::string_view id) {
  return absl::NotFoundError(
      absl::StrCat("no row of ", Name(endpoint), " has the id '", absl::CHexEscape(id.substr(0, 100)), "'"));
}

absl::Status CheckCursor(uint64_t after, uint64_t head) {
  if (after <= head) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat("the load cursor ", after, " is beyond the last change ", head,
                                            ": the destination was loaded from another store; resync it"));
}

}  // namespace penstock::store
