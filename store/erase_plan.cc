// SPDX-License-Identifier: Apache-2.0
#include "store/erase_plan.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "store/encoding.h"

namespace penstock::store {
namespace {

using Places = std::vector<std::optional<storage::RowPlace>>;

absl::Status CheckIds(const Erasure& erasure) {
  for (const Erasure::Row& row : erasure.rows) {
    CHECK(row.id != row.stand_in);
    for (const std::string& id : {row.id, row.stand_in}) {
      if (id.empty() || id.size() > kMaxIdBytes) {
        return absl::InvalidArgumentError(absl::StrCat("an erasure names an id of ", id.size(),
                                                       " bytes; 1 to ", kMaxIdBytes, " are allowed"));
      }
    }
  }
  return absl::OkStatus();
}

// The row that takes the place of the erased one.
RowPut StandIn(const std::string& id, const storage::RowPlace& place, uint64_t change) {
  RowPut put;
  put.id = id;
  if (place.has_created_time()) *put.row.mutable_created_time() = place.created_time();
  if (place.has_last_updated_time()) *put.row.mutable_last_updated_time() = place.last_updated_time();
  put.row.set_permit(place.permit());
  put.row.set_stand_in(true);
  put.row.set_change(change);
  return put;
}

int64_t CreatedDay(const storage::RowPlace& place) {
  return CountedDay(OptionalTime(place.has_created_time(), place.created_time()));
}
int64_t StampDay(const storage::RowPlace& place) {
  return CountedDay(OptionalTime(place.has_last_updated_time(), place.last_updated_time()));
}

// `places` and `stand_ins` are parallel to `rows`.
void PlanRows(const std::vector<Erasure::Row>& rows, const Places& places, const Places& stand_ins,
              PagePlan& plan) {
  std::set<std::string> seen, taken;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!seen.insert(rows[i].id).second) continue;
    if (places[i].has_value()) {
      plan.removed.push_back(rows[i].id);
      plan.retired.push_back(places[i]->change());
      if (!stand_ins[i].has_value() && taken.insert(rows[i].stand_in).second) {
        plan.rows.push_back(StandIn(rows[i].stand_in, *places[i], ++plan.last_change));
      } else {
        --plan.day_deltas[CreatedDay(*places[i])];
        --plan.stamp_deltas[{StampDay(*places[i]), CreatedDay(*places[i])}];
      }
    }
    plan.erased.push_back({rows[i].id, ++plan.last_change});
  }
}

// The records go, and what stands for them is there once.
absl::Status PlanQuarantine(std::vector<Erasure::Record> records, PagePlan& plan, StoredRows& stored) {
  std::set<std::string> taken;
  for (Erasure::Record& record : records) {
    plan.released.push_back(std::move(record.name));
    std::string name = QuarantineName(record.stand_in.raw());
    ASSIGN_OR_RETURN(const bool known, stored.IsQuarantined(plan.source, plan.endpoint, name));
    if (known || !taken.insert(name).second) continue;
    plan.quarantine.push_back({std::move(name), std::move(record.stand_in)});
  }
  return absl::OkStatus();
}

absl::StatusOr<Places> PlacesOf(const std::vector<Erasure::Row>& rows, uint32_t source, Endpoint endpoint,
                                std::string Erasure::Row::*id, StoredRows& stored) {
  std::vector<absl::string_view> ids;
  for (const Erasure::Row& row : rows) ids.emplace_back(row.*id);
  ASSIGN_OR_RETURN(Places places, stored.Places(source, endpoint, ids));
  CHECK(places.size() == rows.size());
  return places;
}

}  // namespace

absl::StatusOr<std::vector<PagePlan>> PlanErasure(Erasure erasure, uint64_t last_change, StoredRows& stored) {
  RETURN_IF_ERROR(CheckIds(erasure));
  std::map<Endpoint, std::vector<Erasure::Row>> rows;
  for (Erasure::Row& row : erasure.rows) rows[row.endpoint].push_back(std::move(row));
  std::map<Endpoint, std::vector<Erasure::Record>> quarantined;
  for (Erasure::Record& record : erasure.quarantined) {
    rows[record.endpoint];
    quarantined[record.endpoint].push_back(std::move(record));
  }
  // Numbers are the source's, whichever endpoint they are taken out with.
  if (!erasure.told.empty()) rows[Endpoint::kConversations];
  std::vector<PagePlan> plans;
  for (const auto& [endpoint, of_endpoint] : rows) {
    ASSIGN_OR_RETURN(const Places places,
                     PlacesOf(of_endpoint, erasure.source, endpoint, &Erasure::Row::id, stored));
    ASSIGN_OR_RETURN(const Places stand_ins,
                     PlacesOf(of_endpoint, erasure.source, endpoint, &Erasure::Row::stand_in, stored));
    PagePlan& plan = plans.emplace_back();
    plan.source = erasure.source;
    plan.endpoint = endpoint;
    plan.last_change = last_change;
    PlanRows(of_endpoint, places, stand_ins, plan);
    RETURN_IF_ERROR(PlanQuarantine(std::move(quarantined[endpoint]), plan, stored));
    if (plans.size() == 1) plan.retired.insert(plan.retired.end(), erasure.told.begin(), erasure.told.end());
    last_change = plan.last_change;
  }
  return plans;
}

}  // namespace penstock::store
