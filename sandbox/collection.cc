// SPDX-License-Identifier: Apache-2.0
#include "sandbox/collection.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/status_macros.h"

namespace penstock::sandbox {
namespace {

constexpr size_t kMaxKeptSelections = 1024;
constexpr size_t kMaxKeptRanks = 16'000'000;  // 64 MB

std::string VisibilityText(const RecordTable& table, const Visibility& visibility) {
  return absl::StrCat(visibility.now ? table.LatestBatch(absl::ToUnixMillis(*visibility.now)) : 0, "/",
                      visibility.oldest ? absl::ToUnixMillis(*visibility.oldest) : 0, "/",
                      absl::StrJoin(visibility.held_back, "+"));
}

}  // namespace

// All records of the table in one order; a rank is an index into it.
struct Collection::Order {
  std::vector<uint32_t> rows;  // empty: rank and row are the same
  uint64_t size = 0;
  uint64_t version = 0;  // 0 unless the order speaks of stamps
  const Column* first = nullptr;
  bool first_descending = false;

  uint32_t Row(uint64_t rank) const { return rows.empty() ? rank : rows[rank]; }
};

// The records that a filter leaves, as ranks in ascending order: either all of [first, end) or those listed.
struct Collection::Selection {
  std::shared_ptr<const Order> order;
  uint64_t first = 0;
  uint64_t end = 0;
  bool listed = false;
  std::vector<uint32_t> ranks;

  uint64_t size() const { return listed ? ranks.size() : end - first; }
  uint64_t Rank(uint64_t index) const { return listed ? ranks[index] : first + index; }
  // Of the first member whose rank is not below `rank`.
  uint64_t Index(uint64_t rank) const {
    if (listed) return std::lower_bound(ranks.begin(), ranks.end(), rank) - ranks.begin();
    return std::clamp(rank, first, end) - first;
  }
};

Collection::Collection(Endpoint endpoint, std::unique_ptr<RecordTable> table)
    : endpoint_(endpoint), table_(std::move(table)) {}
Collection::~Collection() = default;

absl::StatusOr<std::shared_ptr<const Collection::Order>> Collection::FindOrder(
    const std::vector<OrderKey>& keys) {
  std::shared_ptr<const Order>& kept = orders_[OrderText(keys)];
  if (kept != nullptr) return kept;
  auto order = std::make_shared<Order>();
  order->size = table_->size();
  std::vector<std::pair<const Column*, bool>> columns;
  for (const OrderKey& key : keys) {
    const Column* column = table_->column(key.property);
    if (column == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("$orderby: ", Name(endpoint_), " cannot be ordered by '", key.property, "'"));
    }
    columns.push_back({column, key.descending});
    if (key.property == "last_updated_time") order->version = version_;
  }
  if (!columns.empty()) {
    order->first = columns[0].first;
    order->first_descending = columns[0].second;
    // The first key travels with its row: it decides nearly every comparison.
    std::vector<std::pair<uint64_t, uint32_t>> sorted(order->size);
    for (uint32_t row = 0; row < order->size; ++row) {
      const uint64_t key = columns[0].first->Key(row);
      sorted[row] = {columns[0].second ? ~key : key, row};
    }
    std::sort(sorted.begin(), sorted.end(), [&columns](const auto& a, const auto& b) {
      if (a.first != b.first) return a.first < b.first;
      for (size_t i = 1; i < columns.size(); ++i) {
        const uint64_t left = columns[i].first->Key(a.second);
        const uint64_t right = columns[i].first->Key(b.second);
        if (left != right) return (left < right) != columns[i].second;
      }
      return a.second < b.second;
    });
    order->rows.reserve(order->size);
    for (const auto& entry : sorted) order->rows.push_back(entry.second);
  }
  kept = order;
  return kept;
}

absl::StatusOr<std::vector<Collection::Bound>> Collection::Bounds(const std::vector<Condition>& filter,
                                                                  const Visibility& visibility) {
  std::vector<Bound> bounds;
  for (const Condition& condition : filter) {
    const Column* column = table_->column(condition.property);
    if (column == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("$filter: ", Name(endpoint_), " cannot be filtered by '", condition.property, "'"));
    }
    bounds.push_back({column, RangeOf(*column, condition.comparison, condition.literal)});
  }
  if (const Column* stamp = table_->column("last_updated_time"); stamp != nullptr && visibility.now) {
    bounds.push_back({stamp, RangeOf(*stamp, Comparison::kLe, FormatStamp(*visibility.now))});
  }
  const Column* created = HasCreatedTime(endpoint_) ? table_->column("created_time") : nullptr;
  if (created != nullptr && visibility.oldest) {
    bounds.push_back({created, RangeOf(*created, Comparison::kGe, FormatStamp(*visibility.oldest))});
  }
  for (int64_t day : created != nullptr ? visibility.held_back : std::vector<int64_t>()) {
    const KeyRange range = {created->LowerBound(FormatStamp(DayStart(day))),
                            created->LowerBound(FormatStamp(DayStart(day + 1)))};
    bounds.push_back({created, range, false});
  }
  return bounds;
}

std::shared_ptr<const Collection::Selection> Collection::Scan(std::shared_ptr<const Order> order,
                                                              const std::vector<Bound>& bounds) const {
  auto selection = std::make_shared<Selection>();
  selection->end = order->size;
  std::vector<Bound> rest;
  for (const Bound& bound : bounds) {
    if (bound.column != order->first || !bound.inside) {
      rest.push_back(bound);
      continue;
    }
    // Sorted by this very property: two binary searches replace a scan.
    const auto key = [&](uint64_t rank) { return bound.column->Key(order->Row(rank)); };
    const auto begins = [&](uint64_t rank) {
      return order->first_descending ? key(rank) < bound.range.end : key(rank) >= bound.range.first;
    };
    const auto is_past = [&](uint64_t rank) {
      return order->first_descending ? key(rank) < bound.range.first : key(rank) >= bound.range.end;
    };
    const uint64_t first = FirstKey(selection->first, selection->end, begins);
    selection->end = FirstKey(first, selection->end, is_past);
    selection->first = first;
  }
  if (!rest.empty()) {
    selection->listed = true;
    for (uint64_t rank = selection->first; rank < selection->end; ++rank) {
      const uint32_t row = order->Row(rank);
      const bool fits = std::all_of(rest.begin(), rest.end(), [row](const Bound& bound) {
        return bound.range.Contains(bound.column->Key(row)) == bound.inside;
      });
      if (fits) selection->ranks.push_back(rank);
    }
  }
  selection->order = std::move(order);
  return selection;
}

void Collection::Keep(const std::string& key, std::shared_ptr<const Selection> selection) {
  kept_ranks_ += selection->ranks.size();
  selections_[key] = std::move(selection);
  kept_.push_back(key);
  while (kept_.size() > kMaxKeptSelections || (kept_ranks_ > kMaxKeptRanks && kept_.size() > 1)) {
    const auto oldest = selections_.find(kept_.front());
    kept_ranks_ -= oldest->second->ranks.size();
    selections_.erase(oldest);
    kept_.pop_front();
  }
}

absl::StatusOr<std::shared_ptr<const Collection::Selection>> Collection::Select(
    const std::vector<Condition>& filter, const std::vector<OrderKey>& order, const Visibility& visibility) {
  std::lock_guard lock(mutex_);
  const std::string key =
      absl::StrCat(FilterText(filter), "\n", OrderText(order), "\n", VisibilityText(*table_, visibility));
  if (const auto kept = selections_.find(key); kept != selections_.end()) return kept->second;
  ASSIGN_OR_RETURN(std::shared_ptr<const Order> sorted, FindOrder(order));
  ASSIGN_OR_RETURN(const std::vector<Bound> bounds, Bounds(filter, visibility));
  std::shared_ptr<const Selection> selection = Scan(std::move(sorted), bounds);
  Keep(key, selection);
  return selection;
}

absl::StatusOr<Collection::Page> Collection::Read(const Query& query, std::optional<Position> from,
                                                  uint64_t limit, const Visibility& visibility) {
  std::shared_lock records(records_mutex_);
  ASSIGN_OR_RETURN(const std::shared_ptr<const Selection> selection,
                   Select(query.filter, query.order, visibility));
  const uint64_t version = selection->order->version;
  if (from && from->order_version != version) {
    return absl::NotFoundError(
        "$skiptoken: the records were published again since; start from the first page");
  }
  const uint64_t size = selection->size();
  uint64_t index = from ? selection->Index(from->rank) : std::min<uint64_t>(query.skip, size);
  Page page;
  page.total = size;
  if (index < size) page.here = Position{selection->Rank(index), version};
  if (index > 0) page.before = selection->order->Row(selection->Rank(index - 1));
  const uint64_t end = index + std::min(limit, size - index);
  page.rows.reserve(end - index);
  for (; index < end; ++index) page.rows.push_back(selection->order->Row(selection->Rank(index)));
  if (end < size) page.next = Position{selection->Rank(end), version};
  return page;
}

absl::StatusOr<uint64_t> Collection::Count(const std::vector<Condition>& filter,
                                           const Visibility& visibility) {
  std::shared_lock records(records_mutex_);
  // Ordered by time, because then the usual filters cost two binary searches.
  std::vector<OrderKey> order;
  if (HasCreatedTime(endpoint_)) order = {{"created_time", true}, {"id", true}};
  ASSIGN_OR_RETURN(const std::shared_ptr<const Selection> selection, Select(filter, order, visibility));
  return selection->size();
}

void Collection::Append(const std::vector<uint32_t>& rows, std::string* out,
                        std::vector<size_t>* ends) const {
  std::shared_lock records(records_mutex_);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out->push_back(',');
    table_->Append(rows[i], out);
    ends->push_back(out->size());
  }
}

absl::Status Collection::CheckSelect(const std::vector<std::string>& select) const {
  for (const std::string& name : select) {
    const auto& known = table_->properties();
    if (std::none_of(known.begin(), known.end(),
                     [&](const Property& property) { return property.name == name; })) {
      return absl::InvalidArgumentError(
          absl::StrCat("$select: ", Name(endpoint_), " has no property '", name, "'"));
    }
  }
  return absl::OkStatus();
}

bool Collection::Republish(int64_t day_number, absl::Time stamp) {
  std::unique_lock records(records_mutex_);
  std::lock_guard lock(mutex_);
  if (!table_->Republish(day_number, absl::ToUnixMillis(stamp))) return false;
  ++version_;
  for (auto it = orders_.begin(); it != orders_.end();) {
    it = it->first.find("last_updated_time") == std::string::npos ? std::next(it) : orders_.erase(it);
  }
  selections_.clear();
  kept_.clear();
  kept_ranks_ = 0;
  return true;
}

}  // namespace penstock::sandbox
