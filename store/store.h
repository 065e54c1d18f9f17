// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "proto/row.pb.h"
#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"

namespace penstock::store {

// The page half of a commit: what one HTTP response brought for one endpoint.
struct PageWrite {
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  uint64_t window = 0;
  uint64_t permit = 0;  // of the request that brought it: among equal stamps the later permit wins
  absl::Time now;       // first_seen of quarantined records
  std::vector<v1::Row> rows;
  std::vector<v1::QuarantinedRecord> quarantined;
};

// A fact that the coordinator keeps, put under its own key (source, job, window, slot ...).
using Record = std::variant<storage::SourceRecord, storage::JobRecord, storage::WindowRecord,
                            storage::SlotRecord, storage::BudgetRecord, storage::LoadRecord,
                            storage::SuppressionRecord, storage::ErasureRecord>;

// Rows and quarantined records whose content is to go for good. Of each row an id that says nothing takes the place: a
// row without bytes, with the times of the erased one, so that counts of what the source has still agree and the
// record, should it be read again under that id, is an identical one. An id that is there already stays as it is. In
// the change sequence each row, stored or not, is followed by word of its erasure (v1::Change::erased). The place of a
// quarantined record is taken likewise.
struct Erasure {
  struct Row {
    Endpoint endpoint = Endpoint::kConversations;
    std::string id;
    std::string stand_in;  // the id that takes its place
  };
  struct Record {
    Endpoint endpoint = Endpoint::kConversations;
    std::string name;  // of a quarantined record
    storage::QuarantineRecord stand_in;
  };
  uint32_t source = 0;
  std::vector<Row> rows;
  std::vector<Record> quarantined;
  std::vector<uint64_t> told;  // words of earlier erasures, by number, that nobody needs any more
};

// Everything of a batch becomes visible and durable together, or nothing does.
//
// With a page: the upsert rule (upsert_rule.h) decides row by row; a new version takes the source's next
// change number; day counters follow. `records` are built by `finish`, which is told the page's counts, so
// that the window's progress and the rows are one write. SourceRecord::last_change is kept by the store
// itself: what `records` say of it is overwritten with the truth.
struct Batch {
  std::vector<Record> records;
  std::optional<PageWrite> page;
  std::optional<Erasure> erasure;  // not beside a page
  std::function<std::vector<Record>(const v1::PageCounts&)>
      finish;  // may be empty; called once, before the write
};

struct Committed {
  uint64_t number = 0;  // of the commit; grows by one with each
  v1::PageCounts counts;
  uint64_t last_change = 0;  // of the page's or erasure's source, after the commit; 0 without one
  // What was written: `records`, what `finish` returned, and the page's source if its last_change moved and
  // nobody named it. For the coordinator's Apply.
  std::vector<Record> records;
};

struct Changes {
  std::vector<v1::Change> changes;  // in order of number
  uint64_t through = 0;             // everything up to here has been looked at
  uint64_t head = 0;
};

struct DayCount {
  int64_t day = 0;  // days since 1970-01-01; kNoDay: rows without a readable created_time
  uint64_t rows = 0;
};
inline constexpr int64_t kNoDay = INT64_MIN;

// Rows by UTC day of last_updated_time and of created_time; kNoDay: not readable, or there is none.
struct StampCount {
  int64_t stamp_day = 0;
  int64_t created_day = 0;
  uint64_t rows = 0;
  bool operator==(const StampCount&) const = default;
};

struct Quarantined {
  std::string name;  // 16 hex digits of the SHA-256 of its bytes
  Endpoint endpoint = Endpoint::kConversations;
  storage::QuarantineRecord record;
};

// A copy of a whole store at one moment, in a directory beside others.
struct Backup {
  uint32_t number = 0;   // grows within its directory
  absl::Time taken;      // when it was begun
  std::string store_id;  // of the store that it is a copy of
  uint64_t epoch = 0;
  uint64_t commit = 0;  // it holds this one and all before
  uint64_t bytes = 0;   // of all its files; several backups may share one
  std::string damage;   // why it cannot be restored; empty: nothing is known against it
};
struct BackupOrder {
  std::string directory;
  uint32_t keep = 1;  // so many in all; those before them are dropped once the new one is there
  absl::Time now;
};

// What was found where everything was read.
struct StoreCheck {
  uint64_t rows = 0;  // looked at, those that stand for erased ones too
  uint64_t changes = 0;
  uint64_t bytes = 0;  // of files whose checksums were compared
  uint64_t differing = 0;
  std::vector<std::string> differences;  // the first ones, a sentence each; they name no person
};

// Of day counters; empty when a bound lies within a day.
std::optional<uint64_t> CountWholeDays(const std::vector<DayCount>& days, std::optional<absl::Time> from,
                                       std::optional<absl::Time> to);
// Whether a row counts for [from, to).
bool IsCreatedWithin(std::optional<absl::Time> created, std::optional<absl::Time> from,
                     std::optional<absl::Time> to);

// Rows, facts and the change sequence of all sources. One process writes; reads may run beside it from any
// thread and see whole commits only.
//
// Errors of Commit: RESOURCE_EXHAUSTED when the disk is full (nothing was written; repeat later); DATA_LOSS
// or INTERNAL when the disk failed: the store then refuses every further commit and the process must end.
// Errors of reads: DATA_LOSS when a stored value cannot be read. A store opened for reading answers Commit
// with FAILED_PRECONDITION. A visitor must not call Commit.
class Store {
 public:
  virtual ~Store() = default;

  // Fixed while the store is open. `epoch` is greater than in any earlier opening.
  virtual const std::string& store_id() const = 0;
  virtual uint64_t epoch() const = 0;
  // The last acknowledged commit. Durable.
  virtual uint64_t last_commit() const = 0;

  // Atomic, and durable when it returns. One caller at a time.
  virtual absl::StatusOr<Committed> Commit(Batch batch) = 0;

  // The bytes of what was erased or replaced until now leave the disk. Takes as long as writing the source's rows anew;
  // commits and reads go on. What a read that began before still looks at stays until the next call. CANCELLED soon
  // after `stop` became true.
  virtual absl::Status Scour(uint32_t source, std::atomic<bool>& stop) = 0;

  // A copy of what is committed when it begins, and perhaps of some commits after; whole or not at all. Commits and
  // reads go on beside it. Errors: UNIMPLEMENTED: a store of this kind is not copied this way; FAILED_PRECONDITION: the
  // directory is in use, or holds something else; NOT_FOUND, PERMISSION_DENIED: it cannot be made or written;
  // RESOURCE_EXHAUSTED: its disk is full; UNAVAILABLE: a disk fails; CANCELLED soon after `stop` became true. None of
  // them harms the store.
  virtual absl::StatusOr<Backup> BackUp(const BackupOrder& order, std::atomic<bool>& stop) = 0;

  // Reads everything, as of one moment, and compares it with its checksums, ids with the change sequence, and counters
  // with rows. Commits and reads go on beside it. What is found is no error. CANCELLED soon after `stop` became true.
  virtual absl::StatusOr<StoreCheck> Check(const std::atomic<bool>& stop) const = 0;

  // Every stored fact once, in any order: recovery.
  virtual absl::Status ForEachRecord(const std::function<void(Record)>& visit) const = 0;

  // NOT_FOUND when there is none, or only one that stands for an erased row.
  virtual absl::StatusOr<storage::RowRecord> GetRow(uint32_t source, Endpoint endpoint,
                                                    absl::string_view id) const = 0;
  // All rows of an endpoint in byte order of id, but for those that stand for erased ones, until `visit` returns false.
  virtual absl::Status ScanRows(uint32_t source, Endpoint endpoint,
                                const std::function<bool(v1::Row)>& visit) const = 0;
  // The rows whose last change is after `after`, and word of erased ones, until about `max_bytes` of ids and raw bytes
  // (at least one row if there is any). OUT_OF_RANGE when `after` is beyond the head.
  virtual absl::StatusOr<Changes> ReadChanges(uint32_t source, uint64_t after, uint64_t max_bytes) const = 0;

  // In order of day, kNoDay first.
  virtual absl::StatusOr<std::vector<DayCount>> DayCounts(uint32_t source, Endpoint endpoint) const = 0;
  // Of the days of last_updated_time from `from_day` on, in order of both days. Rows that a version without
  // these counters stored are not in them until they change.
  virtual absl::StatusOr<std::vector<StampCount>> StampCounts(uint32_t source, Endpoint endpoint,
                                                              int64_t from_day) const = 0;
  // The rows with created_time in [from, to); without any bound: all, also those without a created_time. Quick
  // for whole days; other bounds cost a scan of the endpoint's places (about a second a million).
  virtual absl::StatusOr<uint64_t> CountRows(uint32_t source, Endpoint endpoint,
                                             std::optional<absl::Time> from,
                                             std::optional<absl::Time> to) const = 0;
  virtual absl::StatusOr<std::vector<Quarantined>> ListQuarantine(uint32_t source) const = 0;
};

}  // namespace penstock::store
