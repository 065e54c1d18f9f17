// SPDX-License-Identifier: Apache-2.0
#include "store/page_plan.h"

#include <openssl/sha.h>

#include <iterator>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "store/encoding.h"
#include "store/json_equal.h"
#include "store/upsert_rule.h"

namespace penstock::store {
namespace {

template <typename Message>
Stamp UpdatedOf(const Message& message) {
  return OptionalTime(message.has_last_updated_time(), message.last_updated_time());
}
template <typename Message>
int64_t DayOf(const Message& message) {
  return CountedDay(OptionalTime(message.has_created_time(), message.created_time()));
}

template <typename Deltas>
void DropZeros(Deltas& deltas) {
  for (auto delta = deltas.begin(); delta != deltas.end();) {
    delta = delta->second == 0 ? deltas.erase(delta) : std::next(delta);
  }
}

absl::Status CheckIds(const PageWrite& page) {
  for (const v1::Row& row : page.rows) {
    if (row.id().empty() || row.id().size() > kMaxIdBytes) {
      return absl::InvalidArgumentError(absl::StrCat("a row of ", Name(page.endpoint), " has an id of ",
                                                     row.id().size(), " bytes; 1 to ", kMaxIdBytes,
                                                     " are allowed, others belong in quarantine"));
    }
  }
  return absl::OkStatus();
}

// What the store knows of the ids of a page, read in two rounds: where each row stands, then the bytes of
// those whose stamp is the same as the incoming one's.
struct Known {
  std::vector<std::optional<storage::RowPlace>> places;  // parallel to the page's rows
  absl::flat_hash_map<uint64_t, std::string> contents;   // by change number
};

absl::StatusOr<Known> LookUp(const PageWrite& page, StoredRows& stored) {
  Known known;
  std::vector<absl::string_view> ids;
  ids.reserve(page.rows.size());
  for (const v1::Row& row : page.rows) ids.emplace_back(row.id());
  ASSIGN_OR_RETURN(known.places, stored.Places(page.source, page.endpoint, ids));
  CHECK(known.places.size() == ids.size());
  std::set<uint64_t> wanted;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!known.places[i]) continue;
    const Version stored_version{UpdatedOf(*known.places[i]), known.places[i]->permit()};
    if (NeedsContent(stored_version, {UpdatedOf(page.rows[i]), page.permit}))
      wanted.insert(known.places[i]->change());
  }
  const std::vector<uint64_t> changes(wanted.begin(), wanted.end());
  ASSIGN_OR_RETURN(std::vector<std::string> contents, stored.Contents(page.source, changes));
  CHECK(contents.size() == changes.size());
  for (size_t i = 0; i < changes.size(); ++i) known.contents.emplace(changes[i], std::move(contents[i]));
  return known;
}

// The fold over the page's rows.
class RowFold {
 public:
  RowFold(const PageWrite& page, Known known, PagePlan& plan)
      : permit_(page.permit), known_(std::move(known)), plan_(plan) {
    plan_.rows.reserve(page.rows.size());
  }

  void Apply(size_t index, v1::Row row) {
    const auto earlier = put_.find(row.id());
    if (earlier != put_.end()) {
      Meet(plan_.rows[earlier->second], std::move(row));
    } else if (known_.places[index]) {
      Meet(*known_.places[index], std::move(row));
    } else {
      plan_.counts.set_inserted(plan_.counts.inserted() + 1);
      Count(row, +1);
      Put(std::move(row));
    }
  }

  void Finish() {
    DropZeros(plan_.day_deltas);
    DropZeros(plan_.stamp_deltas);
  }

 private:
  // Against a version of the same id that came earlier in this page.
  void Meet(RowPut& standing, v1::Row row) {
    const Version version{UpdatedOf(standing.row), standing.row.permit()};
    const auto same = [&] { return JsonEqual(standing.row.raw(), row.raw()); };
    if (!Replaces(version, row, same)) return;
    Count(standing.row, -1);
    Count(row, +1);
    Fill(standing, std::move(row));  // the number it had was never written
  }

  // Against the stored version.
  void Meet(const storage::RowPlace& place, v1::Row row) {
    const auto same = [&] {
      const auto content = known_.contents.find(place.change());
      CHECK(content != known_.contents.end());
      return JsonEqual(content->second, row.raw());
    };
    if (!Replaces({UpdatedOf(place), place.permit()}, row, same)) return;
    Count(place, -1);
    Count(row, +1);
    plan_.retired.push_back(place.change());
    Put(std::move(row));
  }

  template <typename Same>
  bool Replaces(const Version& standing, const v1::Row& row, Same same) {
    const Version incoming{UpdatedOf(row), permit_};
    v1::PageCounts& counts = plan_.counts;
    switch (Decide(standing, incoming, NeedsContent(standing, incoming) && same())) {
      case Verdict::kReplace:
        counts.set_updated(counts.updated() + 1);
        return true;
      case Verdict::kIdentical:
        counts.set_identical(counts.identical() + 1);
        return false;
      case Verdict::kOlder:
        counts.set_older(counts.older() + 1);
        return false;
    }
    CHECK(false);
  }

  void Put(v1::Row row) {
    plan_.rows.emplace_back().id = row.id();
    put_.emplace(plan_.rows.back().id, plan_.rows.size() - 1);
    Fill(plan_.rows.back(), std::move(row));
  }

  void Fill(RowPut& put, v1::Row row) {
    put.row.Clear();
    put.row.set_raw(std::move(*row.mutable_raw()));
    if (row.has_created_time()) *put.row.mutable_created_time() = row.created_time();
    if (row.has_last_updated_time()) *put.row.mutable_last_updated_time() = row.last_updated_time();
    put.row.set_stand_in(row.stand_in());
    put.row.set_permit(permit_);
    put.row.set_change(++plan_.last_change);
  }

  template <typename Message>
  void Count(const Message& row, int64_t delta) {
    plan_.day_deltas[DayOf(row)] += delta;
    plan_.stamp_deltas[{CountedDay(UpdatedOf(row)), DayOf(row)}] += delta;
  }

  const uint64_t permit_;
  const Known known_;
  PagePlan& plan_;
  absl::flat_hash_map<std::string, size_t> put_;  // id -> index in plan_.rows
};

absl::Status PlanQuarantine(PageWrite& page, StoredRows& stored, PagePlan& plan) {
  std::set<std::string> seen;
  for (v1::QuarantinedRecord& record : page.quarantined) {
    std::string name = QuarantineName(record.raw());
    if (!seen.insert(name).second) continue;
    ASSIGN_OR_RETURN(const bool known, stored.IsQuarantined(page.source, page.endpoint, name));
    if (known) continue;
    QuarantinePut& put = plan.quarantine.emplace_back();
    put.name = std::move(name);
    put.record.set_raw(std::move(*record.mutable_raw()));
    put.record.set_reason(std::move(*record.mutable_reason()));
    *put.record.mutable_first_seen() = ToProto(page.now);
    put.record.set_window(page.window);
  }
  // A record that is quarantined already is as it was: only new ones need a look.
  plan.counts.set_quarantined(plan.quarantine.size());
  plan.counts.set_identical(plan.counts.identical() + page.quarantined.size() - plan.quarantine.size());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PagePlan> PlanPage(PageWrite page, uint64_t last_change, StoredRows& stored) {
  RETURN_IF_ERROR(CheckIds(page));
  ASSIGN_OR_RETURN(Known known, LookUp(page, stored));
  PagePlan plan;
  plan.source = page.source;
  plan.endpoint = page.endpoint;
  plan.last_change = last_change;
  plan.counts.set_fetched(page.rows.size() + page.quarantined.size());
  RowFold fold(page, std::move(known), plan);
  for (size_t i = 0; i < page.rows.size(); ++i) fold.Apply(i, std::move(page.rows[i]));
  fold.Finish();
  RETURN_IF_ERROR(PlanQuarantine(page, stored, plan));
  return plan;
}

std::string QuarantineName(absl::string_view raw) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(raw.data()), raw.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), 8));
}

int64_t CountedDay(const std::optional<absl::Time>& time) { return time ? DayNumber(*time) : kNoDay; }

}  // namespace penstock::store
