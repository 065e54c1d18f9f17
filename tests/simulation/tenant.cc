// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/tenant.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/instant.h"
#include "base/status_macros.h"

namespace penstock::simulation {

size_t Tenant::Row::VersionAt(absl::Duration when) const {
  size_t version = 0;
  while (version + 1 < versions.size() && versions[version + 1].since <= when) ++version;
  return version;
}

std::string Tenant::Raw(const Row& row, absl::Time stamp, size_t version) {
  return absl::StrCat(R"({"id":")", row.id, R"(","created_time":")", FormatStamp(row.created),
                      R"(","last_updated_time":")", FormatStamp(stamp), R"(","user_id":"u)", version,
                      R"("})");
}

void Tenant::Add(Endpoint endpoint, absl::Time created, absl::Time stamp, absl::Duration now) {
  std::vector<std::string>& ids = ids_[Index(endpoint)];
  // Ids say nothing about time.
  const uint64_t scattered = (ids.size() + 1) * 0x9E3779B97F4A7C15u;
  Row row;
  row.id = absl::StrFormat("%016x", scattered);
  row.created = absl::FromUnixMillis(absl::ToUnixMillis(created));
  row.visible_since = now;
  const absl::Time whole = absl::FromUnixMillis(absl::ToUnixMillis(stamp));
  row.versions.push_back({whole, now, Raw(row, whole, 0)});
  ids.push_back(row.id);
  const auto [place, added] = rows_[Index(endpoint)].emplace(row.id, row);
  CHECK(added);
  by_created_[Index(endpoint)][{absl::ToUnixMillis(row.created), row.id}] = &place->second;
}

void Tenant::Restamp(Endpoint endpoint, const std::string& id, absl::Time stamp, absl::Duration now) {
  Row& row = rows_[Index(endpoint)].at(id);
  const absl::Time later =
      std::max(absl::FromUnixMillis(absl::ToUnixMillis(stamp)), row.newest().stamp + absl::Milliseconds(1));
  row.versions.push_back({later, now, Raw(row, later, row.versions.size())});
}

void Tenant::HoldBack(Endpoint endpoint, Random& dice) {
  const std::string id = Pick(endpoint, dice);
  if (id.empty()) return;
  const int64_t day = DayNumber(Find(endpoint, id)->created);
  for (auto& [other, row] : rows_[Index(endpoint)]) {
    if (DayNumber(row.created) == day) row.held_back = true;
  }
}

void Tenant::Release(absl::Time stamp, absl::Duration now) {
  for (Endpoint endpoint : kAllEndpoints) {
    for (auto& [id, row] : rows_[Index(endpoint)]) {
      if (!row.held_back) continue;
      row.held_back = false;
      row.visible_since = now;
      Restamp(endpoint, id, stamp, now);
    }
  }
}

void Tenant::ForgetBefore(absl::Time created, absl::Duration now) {
  for (Endpoint endpoint : kAllEndpoints) {
    if (!HasCreatedTime(endpoint)) continue;
    for (auto& [id, row] : rows_[Index(endpoint)]) {
      if (row.created < created && row.forgotten == absl::InfiniteDuration()) row.forgotten = now;
    }
  }
}

const Tenant::Row* Tenant::Find(Endpoint endpoint, const std::string& id) const {
  const auto row = rows_[Index(endpoint)].find(id);
  return row == rows_[Index(endpoint)].end() ? nullptr : &row->second;
}

std::string Tenant::Pick(Endpoint endpoint, Random& dice) const {
  const std::vector<std::string>& ids = ids_[Index(endpoint)];
  return ids.empty() ? "" : ids[dice.Next() % ids.size()];
}

void Tenant::Descend(Endpoint endpoint, bool by_created, const Key* after,
                     const std::function<bool(const Row&)>& visit) const {
  if (by_created) {
    const auto& order = by_created_[Index(endpoint)];
    auto place = after == nullptr ? order.end() : order.lower_bound(*after);
    while (place != order.begin()) {
      --place;
      if (place->second->visible() && !visit(*place->second)) return;
    }
    return;
  }
  const Rows& order = rows(endpoint);
  auto place = after == nullptr ? order.end() : order.lower_bound(after->second);
  while (place != order.begin()) {
    --place;
    if (place->second.visible() && !visit(place->second)) return;
  }
}

}  // namespace penstock::simulation
