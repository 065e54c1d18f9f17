// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/checkers/loader.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "destinations/load_cursor.h"
#include "proto/convert.h"
#include "tests/simulation/world.h"

namespace penstock::simulation {
namespace {

std::string StoreOf(const destinations::LoadCursor& cursor) {
  return destinations::ParseStoreEpoch(cursor.store_id).store_id;
}

}  // namespace

void LoaderChecker::OnCoordinatorStart(const coordinator::Core& core, const Moment& now,
                                       const std::string& boot_id) {
  store_id_ = core.store().store_id();
}

void LoaderChecker::OnStoreCommit(const StoreCommit& commit) {
  bool load = false;
  bool other = commit.page != nullptr;
  for (const store::Record& record : commit.committed->records) {
    const auto* told = std::get_if<storage::LoadRecord>(&record);
    told != nullptr ? load = true : other = true;
    if (told == nullptr) continue;
    const uint64_t holds = StoreOf(cursor_) == store_id_ ? cursor_.change : 0;
    if (told->loaded() > holds) {
      Violated("I30",
               absl::StrCat("change ", told->loaded(), " is told as loaded, the destination holds ", holds));
    }
  }
  if (load && other) Violated("I32", "a load's outcome is committed together with something else");
}

void LoaderChecker::OnUpsert(const std::vector<destinations::TypedRow>& rows,
                             const destinations::LoadCursor& from, const destinations::LoadCursor& to) {
  const uint64_t begin = StoreOf(from) == StoreOf(to) ? from.change : 0;
  if (from.store_id != cursor_.store_id || from.change != cursor_.change || to.change <= begin ||
      StoreOf(to) != store_id_) {
    Violated("I29", absl::StrCat("changes ", begin, " to ", to.change, " are loaded after ", cursor_.change,
                                 " of store ", cursor_.store_id));
  }
  uint64_t last = begin;
  for (const destinations::TypedRow& row : rows) {
    if (row.change <= last || row.change > to.change) {
      Violated("I30", absl::StrCat("change ", row.change, " is loaded after ", last));
    }
    last = row.change;
    const auto loaded =
        warehouse_.tables().tables().find({row.endpoint, std::get<std::string>(row.values.at(0))});
    if (loaded == warehouse_.tables().tables().end() || loaded->second.change < row.change) {
      Violated("I30", absl::StrCat("change ", row.change, " is not there, the load cursor is"));
    }
  }
  cursor_ = to;
}

void LoaderChecker::AtEnd(coordinator::Core& core) {
  const WarehouseTables::Tables& tables = warehouse_.tables().tables();
  size_t rows = 0;
  for (Endpoint endpoint : kAllEndpoints) {
    const absl::Status scanned = disk_.store().ScanRows(1, endpoint, [&](const v1::Row& row) {
      ++rows;
      const absl::StatusOr<storage::RowRecord> stored = disk_.store().GetRow(1, endpoint, row.id());
      const auto loaded = tables.find({endpoint, row.id()});
      if (!stored.ok() || loaded == tables.end()) {
        Violated("I30", absl::StrCat("row ", row.id(), " is not in the destination"));
      } else if (loaded->second.change != stored->change() ||
                 loaded->second.stamp != FromProto(stored->last_updated_time())) {
        Violated("I31", absl::StrCat("row ", row.id(), " is in the destination in another version"));
      }
      return true;
    });
    if (!scanned.ok()) Violated("I30", std::string(scanned.message()));
  }
  if (rows != tables.size()) Violated("I30", "the destination has rows that the store has not");
}

}  // namespace penstock::simulation
