// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <shared_mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "store/encoding.h"
#include "store/rocks_status.h"
#include "store/rocks_store_impl.h"
#include "store/row_convert.h"

namespace penstock::store {
namespace {

// How many rows of a scan are looked up and held at once.
constexpr size_t kScanRows = 512;
constexpr uint64_t kScanBytes = 4 << 20;

// Visits every key and value of a family that begins with `prefix`, until `visit` gives an error.
absl::Status ForEach(
    const Database& database, const rocksdb::ReadOptions& options, Family family, const std::string& prefix,
    const std::function<absl::Status(absl::string_view key, absl::string_view value)>& visit) {
  rocksdb::ReadOptions bounded = options;
  const std::string end = PrefixEnd(prefix);
  const rocksdb::Slice end_slice(end);
  if (!end.empty()) bounded.iterate_upper_bound = &end_slice;
  std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator(bounded, database.family(family)));
  for (it->Seek(prefix); it->Valid(); it->Next())
    RETURN_IF_ERROR(visit(ToView(it->key()), ToView(it->value())));
  return ToStatus(it->status(), absl::StrCat("reading ", Name(family)));
}

template <typename Message>
absl::Status VisitRecords(const Database& database, const rocksdb::ReadOptions& options, Family family,
                          const std::string& prefix, const std::function<void(Record)>& visit) {
  return ForEach(database, options, family, prefix, [&](absl::string_view, absl::string_view value) {
    Message message;
    RETURN_IF_ERROR(DecodeValue(value, message));
    visit(std::move(message));
    return absl::OkStatus();
  });
}

absl::Status MissingRow(uint32_t source, uint64_t change) {
  return absl::DataLossError(absl::StrCat("change ", change, " of source ", source,
                                          " is gone; the database is damaged: restore a backup"));
}

// Many values of one family at once, parallel to `keys`; empty where there is none.
absl::StatusOr<std::vector<rocksdb::PinnableSlice>> GetMany(const Database& database,
                                                            const rocksdb::ReadOptions& options,
                                                            Family family,
                                                            const std::vector<std::string>& keys,
                                                            std::vector<bool>& found) {
  std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database.db().MultiGet(options, database.family(family), slices.size(), slices.data(), values.data(),
                         statuses.data());
  found.assign(keys.size(), false);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    RETURN_IF_ERROR(ToStatus(statuses[i], absl::StrCat("reading ", Name(family))));
    found[i] = true;
  }
  return values;
}

// Gathers the places of a scan and hands out their rows, in order, a chunk at a time.
class ScanChunk {
 public:
  ScanChunk(const Database& database, const rocksdb::ReadOptions& options, uint32_t source,
            const std::function<bool(v1::Row)>& visit)
      : database_(database), options_(options), source_(source), visit_(visit) {}

  void Add(const storage::RowPlace& place) {
    changes_.push_back(place.change());
    bytes_ += place.raw_bytes();
  }
  bool full() const { return changes_.size() >= kScanRows || bytes_ >= kScanBytes; }
  bool stopped() const { return stopped_; }

  absl::Status Deliver() {
    ASSIGN_OR_RETURN(std::vector<storage::ChangedRow> rows, ReadRows(database_, options_, source_, changes_));
    for (storage::ChangedRow& row : rows) {
      if (stopped_) break;
      if (row.row().stand_in()) continue;
      stopped_ = !visit_(ToRow(row.id(), std::move(*row.mutable_row())));
    }
    changes_.clear();
    bytes_ = 0;
    return absl::OkStatus();
  }

 private:
  const Database& database_;
  const rocksdb::ReadOptions& options_;
  const uint32_t source_;
  const std::function<bool(v1::Row)>& visit_;
  std::vector<uint64_t> changes_;
  uint64_t bytes_ = 0;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::vector<storage::ChangedRow>> ReadRows(const Database& database,
                                                          const rocksdb::ReadOptions& options,
                                                          uint32_t source,
                                                          const std::vector<uint64_t>& changes) {
  std::vector<std::string> keys;
  keys.reserve(changes.size());
  for (uint64_t change : changes) keys.push_back(ChangeKey{source, change}.Encode());
  std::vector<bool> found;
  ASSIGN_OR_RETURN(const auto values, GetMany(database, options, Family::kChanges, keys, found));
  std::vector<storage::ChangedRow> rows(changes.size());
  for (size_t i = 0; i < changes.size(); ++i) {
    if (!found[i]) return MissingRow(source, changes[i]);
    RETURN_IF_ERROR(DecodeValue(ToView(values[i]), rows[i]));
  }
  return rows;
}

absl::StatusOr<std::vector<std::optional<storage::RowPlace>>> RocksStoredRows::Places(
    uint32_t source, Endpoint endpoint, const std::vector<absl::string_view>& ids) {
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  const std::string prefix = RowKey::Prefix(source, endpoint);
  for (absl::string_view id : ids) keys.push_back(absl::StrCat(prefix, id));
  std::vector<bool> found;
  ASSIGN_OR_RETURN(const auto values, GetMany(database_, rocksdb::ReadOptions(), Family::kRows, keys, found));
  std::vector<std::optional<storage::RowPlace>> places(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (found[i]) RETURN_IF_ERROR(DecodeValue(ToView(values[i]), places[i].emplace()));
  }
  return places;
}

absl::StatusOr<std::vector<std::string>> RocksStoredRows::Contents(uint32_t source,
                                                                   const std::vector<uint64_t>& changes) {
  ASSIGN_OR_RETURN(std::vector<storage::ChangedRow> rows,
                   ReadRows(database_, rocksdb::ReadOptions(), source, changes));
  std::vector<std::string> contents;
  contents.reserve(rows.size());
  for (storage::ChangedRow& row : rows) contents.push_back(std::move(*row.mutable_row()->mutable_raw()));
  return contents;
}

absl::StatusOr<bool> RocksStoredRows::IsQuarantined(uint32_t source, Endpoint endpoint,
                                                    const std::string& name) {
  storage::QuarantineRecord record;
  const absl::Status read = database_.Get(rocksdb::ReadOptions(), Family::kQuarantine,
                                          QuarantineKey{source, endpoint, name}.Encode(), record);
  if (absl::IsNotFound(read)) return false;
  RETURN_IF_ERROR(read);
  return true;
}

absl::Status RocksStore::CheckOpen() const {
  if (parts_.database != nullptr) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the database in ", parts_.options.directory,
                                          " could not be opened again after the disk was full; start again"));
}

absl::Status RocksStore::ForEachRecord(const std::function<void(Record)>& visit) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Database& database = *parts_.database;
  const Snapshot snapshot(database.db());
  const rocksdb::ReadOptions& options = snapshot.options();
  RETURN_IF_ERROR(
      VisitRecords<storage::SourceRecord>(database, options, Family::kDefault, SourceKey::Prefix(), visit));
  RETURN_IF_ERROR(VisitRecords<storage::SuppressionRecord>(database, options, Family::kDefault,
                                                           SuppressionKey::Prefix(), visit));
  RETURN_IF_ERROR(
      VisitRecords<storage::ErasureRecord>(database, options, Family::kDefault, ErasureKey::Prefix(), visit));
  RETURN_IF_ERROR(VisitRecords<storage::JobRecord>(database, options, Family::kJobs, "", visit));
  RETURN_IF_ERROR(VisitRecords<storage::WindowRecord>(database, options, Family::kWindows, "", visit));
  RETURN_IF_ERROR(VisitRecords<storage::LoadRecord>(database, options, Family::kLoads, "", visit));
  return ForEach(database, options, Family::kBudget, "", [&](absl::string_view key, absl::string_view value) {
    ASSIGN_OR_RETURN(const BudgetKind kind, BudgetKindOf(key));
    storage::BudgetRecord budget;
    storage::SlotRecord slot;
    if (kind == BudgetKind::kBudget) {
      RETURN_IF_ERROR(DecodeValue(value, budget));
      visit(std::move(budget));
    } else {
      RETURN_IF_ERROR(DecodeValue(value, slot));
      visit(std::move(slot));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<storage::RowRecord> RocksStore::GetRow(uint32_t source, Endpoint endpoint,
                                                      absl::string_view id) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Snapshot snapshot(parts_.database->db());
  storage::RowPlace place;
  const absl::Status read = parts_.database->Get(snapshot.options(), Family::kRows,
                                                 RowKey{source, endpoint, std::string(id)}.Encode(), place);
  if (absl::IsNotFound(read)) return NoSuchRow(endpoint, id);
  RETURN_IF_ERROR(read);
  storage::ChangedRow changed;
  const absl::Status row_read = parts_.database->Get(snapshot.options(), Family::kChanges,
                                                     ChangeKey{source, place.change()}.Encode(), changed);
  if (absl::IsNotFound(row_read)) return MissingRow(source, place.change());
  RETURN_IF_ERROR(row_read);
  if (changed.row().stand_in()) return NoSuchRow(endpoint, id);
  return std::move(*changed.mutable_row());
}

absl::Status RocksStore::ScanRows(uint32_t source, Endpoint endpoint,
                                  const std::function<bool(v1::Row)>& visit) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Snapshot snapshot(parts_.database->db());
  ScanChunk chunk(*parts_.database, snapshot.options(), source, visit);
  const absl::Status scanned =
      ForEach(*parts_.database, snapshot.options(), Family::kRows, RowKey::Prefix(source, endpoint),
              [&](absl::string_view, absl::string_view value) {
                storage::RowPlace place;
                RETURN_IF_ERROR(DecodeValue(value, place));
                chunk.Add(place);
                if (chunk.full()) RETURN_IF_ERROR(chunk.Deliver());
                return chunk.stopped() ? absl::CancelledError("enough") : absl::OkStatus();
              });
  if (chunk.stopped()) return absl::OkStatus();
  RETURN_IF_ERROR(scanned);
  return chunk.Deliver();
}

absl::StatusOr<Changes> RocksStore::ReadChanges(uint32_t source, uint64_t after, uint64_t max_bytes) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Database& database = *parts_.database;
  const Snapshot snapshot(database.db());
  storage::SourceRecord known;
  const absl::Status read =
      database.Get(snapshot.options(), Family::kDefault, SourceKey{source}.Encode(), known);
  if (!absl::IsNotFound(read)) RETURN_IF_ERROR(read);
  Changes result;
  result.head = known.last_change();
  RETURN_IF_ERROR(CheckCursor(after, result.head));
  result.through = result.head;
  if (after == result.head) return result;

  rocksdb::ReadOptions options = snapshot.options();
  const std::string end = PrefixEnd(ChangeKey::Prefix(source));
  const rocksdb::Slice end_slice(end);
  if (!end.empty()) options.iterate_upper_bound = &end_slice;
  uint64_t bytes = 0;
  std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(options, database.family(Family::kChanges)));
  for (it->Seek(ChangeKey{source, after + 1}.Encode()); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(const ChangeKey key, ChangeKey::Decode(ToView(it->key())));
    storage::ChangedRow changed;
    RETURN_IF_ERROR(DecodeValue(ToView(it->value()), changed));
    if (!IsEndpoint(changed.endpoint())) return MissingRow(source, key.number);
    const uint64_t of_this = changed.id().size() + changed.row().raw().size();
    if (!result.changes.empty() && bytes + of_this > max_bytes) {
      result.through = result.changes.back().number();
      break;
    }
    bytes += of_this;
    result.changes.push_back(ToChange(key.number, static_cast<Endpoint>(changed.endpoint()), changed.id(),
                                      std::move(*changed.mutable_row())));
    result.changes.back().set_erased(changed.erased());
  }
  RETURN_IF_ERROR(ToStatus(it->status(), "reading changes"));
  return result;
}

absl::StatusOr<std::vector<DayCount>> RocksStore::DayCounts(uint32_t source, Endpoint endpoint) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Snapshot snapshot(parts_.database->db());
  std::vector<DayCount> counts;
  RETURN_IF_ERROR(ForEach(*parts_.database, snapshot.options(), Family::kCounters,
                          DayCounterKey::Prefix(source, endpoint),
                          [&](absl::string_view key, absl::string_view value) {
                            ASSIGN_OR_RETURN(const DayCounterKey counter, DayCounterKey::Decode(key));
                            storage::DayCounterRecord record;
                            RETURN_IF_ERROR(DecodeValue(value, record));
                            counts.push_back({counter.day, static_cast<uint64_t>(record.rows())});
                            return absl::OkStatus();
                          }));
  return counts;
}

absl::StatusOr<std::vector<StampCount>> RocksStore::StampCounts(uint32_t source, Endpoint endpoint,
                                                                int64_t from_day) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Snapshot snapshot(parts_.database->db());
  std::vector<StampCount> counts;
  RETURN_IF_ERROR(ForEach(
      *parts_.database, snapshot.options(), Family::kCounters, StampCounterKey::Prefix(source, endpoint),
      [&](absl::string_view key, absl::string_view value) {
        ASSIGN_OR_RETURN(const StampCounterKey counter, StampCounterKey::Decode(key));
        if (counter.stamp_day < from_day) return absl::OkStatus();
        storage::DayCounterRecord record;
        RETURN_IF_ERROR(DecodeValue(value, record));
        counts.push_back({counter.stamp_day, counter.created_day, static_cast<uint64_t>(record.rows())});
        return absl::OkStatus();
      }));
  return counts;
}

absl::StatusOr<uint64_t> RocksStore::CountRows(uint32_t source, Endpoint endpoint,
                                               std::optional<absl::Time> from,
                                               std::optional<absl::Time> to) const {
  ASSIGN_OR_RETURN(const std::vector<DayCount> days, DayCounts(source, endpoint));
  if (const auto whole = CountWholeDays(days, from, to)) return *whole;
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Snapshot snapshot(parts_.database->db());
  uint64_t rows = 0;
  RETURN_IF_ERROR(ForEach(*parts_.database, snapshot.options(), Family::kRows,
                          RowKey::Prefix(source, endpoint), [&](absl::string_view, absl::string_view value) {
                            storage::RowPlace place;
                            RETURN_IF_ERROR(DecodeValue(value, place));
                            rows += IsCreatedWithin(
                                OptionalTime(place.has_created_time(), place.created_time()), from, to);
                            return absl::OkStatus();
                          }));
  return rows;
}

absl::StatusOr<std::vector<Quarantined>> RocksStore::ListQuarantine(uint32_t source) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  const Snapshot snapshot(parts_.database->db());
  std::vector<Quarantined> list;
  RETURN_IF_ERROR(ForEach(*parts_.database, snapshot.options(), Family::kQuarantine,
                          QuarantineKey::Prefix(source), [&](absl::string_view key, absl::string_view value) {
                            ASSIGN_OR_RETURN(QuarantineKey decoded, QuarantineKey::Decode(key));
                            Quarantined& entry = list.emplace_back();
                            entry.name = std::move(decoded.name);
                            entry.endpoint = decoded.endpoint;
                            return DecodeValue(value, entry.record);
                          }));
  return list;
}

}  // namespace penstock::store
