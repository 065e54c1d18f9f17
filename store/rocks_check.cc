// SPDX-License-Identifier: Apache-2.0
// Whether everything that is stored can be read and agrees with itself.
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "rocksdb/sst_file_reader.h"
#include "store/encoding.h"
#include "store/rocks_status.h"
#include "store/rocks_store_impl.h"

namespace penstock::store {
namespace {

constexpr size_t kDifferencesNamed = 20;
using EndpointKey = std::pair<uint32_t, Endpoint>;

class Checker {
 public:
  Checker(const Database& database, rocksdb::Env& env, const std::atomic<bool>& stop)
      : database_(database), env_(env), stop_(stop), snapshot_(database.db()) {}

  absl::StatusOr<StoreCheck> Run() {
    RETURN_IF_ERROR(ReadFiles());
    // What cannot be read need not be compared.
    if (check_.differing > 0) return std::move(check_);
    RETURN_IF_ERROR(CountRows());
    RETURN_IF_ERROR(ReadChanges());
    RETURN_IF_ERROR(CompareDays());
    return std::move(check_);
  }

 private:
  void Differs(std::string sentence) {
    if (++check_.differing <= kDifferencesNamed) check_.differences.push_back(std::move(sentence));
  }
  absl::Status Stopped() const {
    return stop_ ? absl::CancelledError("the check was stopped") : absl::OkStatus();
  }

  // Every block of every table against its checksum.
  absl::Status ReadFiles() {
    // Files that are merged away meanwhile stay until the end. A reader has none such, and refuses.
    const bool kept = database_.db().DisableFileDeletions().ok();
    std::vector<rocksdb::LiveFileMetaData> files;
    database_.db().GetLiveFilesMetaData(&files);
    absl::Status status;
    for (const rocksdb::LiveFileMetaData& file : files) {
      status = Stopped();
      if (!status.ok()) break;
      rocksdb::Options options;
      options.env = &env_;
      rocksdb::SstFileReader reader(options);
      rocksdb::Status read = reader.Open(file.db_path + file.name);
      if (read.ok()) read = reader.VerifyChecksum();
      if (!read.ok())
        Differs(absl::StrCat("file ", file.name.substr(1), " (", file.column_family_name,
                             "): ", read.ToString()));
      check_.bytes += file.size;
    }
    if (kept) database_.db().EnableFileDeletions(/*force=*/false).PermitUncheckedError();
    return status;
  }

  template <typename Visit>
  absl::Status ForEach(Family family, const Visit& visit) {
    std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(snapshot_.options(), database_.family(family)));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      RETURN_IF_ERROR(Stopped());
      RETURN_IF_ERROR(visit(ToView(it->key()), ToView(it->value())));
    }
    return ToStatus(it->status(), absl::StrCat("reading ", Name(family)));
  }

  absl::Status CountRows() {
    return ForEach(Family::kRows, [&](absl::string_view key, absl::string_view) {
      ASSIGN_OR_RETURN(const RowKey row, RowKey::Decode(key));
      ++rows_[{row.source, row.endpoint}];
      ++check_.rows;
      return absl::OkStatus();
    });
  }

  // Each row of the change sequence is the place of its id. With as many ids as such rows, each id has one.
  absl::Status ReadChanges() {
    RETURN_IF_ERROR(ForEach(Family::kChanges, [&](absl::string_view key, absl::string_view value) {
      ASSIGN_OR_RETURN(const ChangeKey change, ChangeKey::Decode(key));
      storage::ChangedRow changed;
      RETURN_IF_ERROR(DecodeValue(value, changed));
      ++check_.changes;
      last_changes_[change.source] = change.number;
      if (!changed.erased()) RETURN_IF_ERROR(CheckPlace(change, changed));
      return absl::OkStatus();
    }));
    for (const auto& [key, rows] : rows_) {
      if (rows != placed_[key]) {
        Differs(absl::StrCat(Name(key.second), " of source ", key.first, ": ", rows, " ids, but ",
                             placed_[key], " rows in the change sequence"));
      }
    }
    for (const auto& [source, last] : last_changes_) {
      storage::SourceRecord known;
      RETURN_IF_ERROR(
          database_.Get(snapshot_.options(), Family::kDefault, SourceKey{source}.Encode(), known));
      if (last > known.last_change())
        Differs(absl::StrCat("source ", source, " has change ", last, ", but says that ", known.last_change(),
                             " is the last"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckPlace(const ChangeKey& change, const storage::ChangedRow& changed) {
    const auto endpoint = static_cast<Endpoint>(changed.endpoint());
    storage::RowPlace place;
    const absl::Status read = database_.Get(snapshot_.options(), Family::kRows,
                                            RowKey{change.source, endpoint, changed.id()}.Encode(), place);
    if (!absl::IsNotFound(read)) RETURN_IF_ERROR(read);
    if (!read.ok() || place.change() != change.number) {
      Differs(absl::StrCat("change ", change.number, " of source ", change.source, " (", Name(endpoint),
                           ") is not where its id points to"));
      return absl::OkStatus();
    }
    const EndpointKey key{change.source, endpoint};
    ++placed_[key];
    ++days_[key][CountedDay(OptionalTime(changed.row().has_created_time(), changed.row().created_time()))];
    return absl::OkStatus();
  }

  absl::Status CompareDays() {
    std::map<EndpointKey, std::map<int64_t, uint64_t>> counted;
    for (const auto& [key, rows] : rows_) {
      const std::string prefix = DayCounterKey::Prefix(key.first, key.second);
      std::unique_ptr<rocksdb::Iterator> it(
          database_.db().NewIterator(snapshot_.options(), database_.family(Family::kCounters)));
      for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
        ASSIGN_OR_RETURN(const DayCounterKey day, DayCounterKey::Decode(ToView(it->key())));
        storage::DayCounterRecord counter;
        RETURN_IF_ERROR(DecodeValue(ToView(it->value()), counter));
        counted[key][day.day] = static_cast<uint64_t>(counter.rows());
      }
      RETURN_IF_ERROR(ToStatus(it->status(), "reading counters"));
      if (counted[key] != days_[key]) {
        Differs(absl::StrCat("the counters by day of ", Name(key.second), " of source ", key.first,
                             " do not agree with its rows"));
      }
    }
    return absl::OkStatus();
  }

  const Database& database_;
  rocksdb::Env& env_;
  const std::atomic<bool>& stop_;
  const Snapshot snapshot_;
  StoreCheck check_;
  std::map<EndpointKey, uint64_t> rows_;    // ids
  std::map<EndpointKey, uint64_t> placed_;  // rows in the change sequence that are where their ids point to
  std::map<EndpointKey, std::map<int64_t, uint64_t>> days_;
  std::map<uint32_t, uint64_t> last_changes_;
};

}  // namespace

absl::StatusOr<StoreCheck> RocksStore::Check(const std::atomic<bool>& stop) const {
  std::shared_lock lock(database_mutex_);
  RETURN_IF_ERROR(CheckOpen());
  return Checker(*parts_.database, *parts_.env, stop).Run();
}

}  // namespace penstock::store
