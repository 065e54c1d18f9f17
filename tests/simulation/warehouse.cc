// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/warehouse.h"

#include <memory>
#include <tuple>

#include "base/status_macros.h"
#include "tests/simulation/planted/destination.h"

namespace penstock::simulation {

absl::StatusOr<destinations::BatchCounts> WarehouseTables::Upsert(
    const std::vector<destinations::TypedRow>& rows, const destinations::LoadCursor& from,
    const destinations::LoadCursor& to) {
  if (from.store_id != cursor_.store_id || from.change != cursor_.change) {
    return absl::AbortedError("another loader moved the cursor");
  }
  destinations::BatchCounts counts;
  for (const destinations::TypedRow& row : rows) {
    const std::pair key(row.endpoint, std::get<std::string>(row.values.at(0)));
    if (row.erased) {
      tables_.erase(key) > 0 ? ++counts.written : ++counts.unchanged;
      continue;
    }
    const auto known = tables_.find(key);
    const bool newer = known == tables_.end() ||
                       std::tie(row.stamp, row.change) > std::tie(known->second.stamp, known->second.change);
    newer ? ++counts.written : ++counts.unchanged;
    if (newer) tables_[key] = row;
  }
  cursor_ = to;
  return counts;
}

Warehouse::Warehouse(World& world, bool second_hand) : world_(world) {
  if (second_hand) CHECK(tables_.Upsert({}, {}, {"another store", 30}).ok());
}

absl::Status Warehouse::Trouble() const {
  if (refusing_until_ > world_.queue.now()) return absl::PermissionDeniedError("the role is refused");
  if (down_until_ > world_.queue.now()) return absl::UnavailableError("the warehouse is down");
  return absl::OkStatus();
}

void Warehouse::Prepare(Process& from, std::function<void(absl::StatusOr<destinations::LoadCursor>)> done) {
  from.After(absl::Milliseconds(20), [this, done = std::move(done)] {
    if (const absl::Status trouble = Trouble(); !trouble.ok()) return done(trouble);
    done(tables_.ReadCursor());
  });
}

void Warehouse::Upsert(Process& from, std::vector<destinations::TypedRow> rows,
                       destinations::LoadCursor cursor, destinations::LoadCursor to,
                       std::function<void(absl::Status)> done) {
  absl::Duration time = absl::Milliseconds(50);
  if (world_.Strikes(Fault::kSlowLoad)) time = world_.Uniform(absl::Seconds(15), absl::Seconds(60));
  auto batch = std::make_shared<std::vector<destinations::TypedRow>>(std::move(rows));
  world_.queue.After(time, [this, &from, life = from.life(), batch, cursor, to, done = std::move(done)] {
    const absl::Status trouble = Trouble();
    const bool nothing = trouble.ok() && world_.Strikes(Fault::kCommitLostNotApplied);
    const bool silent = nothing || (trouble.ok() && world_.Strikes(Fault::kCommitLostApplied));
    absl::Status result = trouble;
    if (trouble.ok() && !nothing) {
      result = planted::Upsert(world_, tables_, *batch, cursor, to);
      if (result.ok()) world_.Tell([&](Checker& checker) { checker.OnUpsert(*batch, cursor, to); });
    }
    if (silent) result = absl::UnavailableError("the connection was lost at the commit");
    ToLife(from, life, [result, done] { done(result); });
  });
}

}  // namespace penstock::simulation
