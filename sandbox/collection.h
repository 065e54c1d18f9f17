// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "sandbox/query.h"
#include "sandbox/record_table.h"

namespace penstock::sandbox {

// Which records of an endpoint exist at an instant, as far as a client can tell.
struct Visibility {
  // Set: a record is published once its last_updated_time is not later than this.
  std::optional<absl::Time> now;
  // Set: created earlier than this is forgotten. Endpoints without created_time forget nothing.
  std::optional<absl::Time> oldest;
  // Days (numbers of UTC days) whose records are held back.
  std::vector<int64_t> held_back;
};

// One endpoint, as it can be asked: filters, orders, counts, and pages cut from them. An order is computed
// once for all records and kept; a query's outcome is kept as places in that order, so a page costs a copy of
// its records and nothing else. Thread-safe.
class Collection {
 public:
  Collection(Endpoint endpoint, std::unique_ptr<RecordTable> table);
  ~Collection();

  // Where a page begins: the first place, or the one a token names. Places survive anything but a Republish
  // under an order that speaks of stamps; NOT_FOUND then, and the client has to start again.
  struct Position {
    uint64_t rank = 0;
    uint64_t order_version = 0;
  };
  struct Page {
    std::vector<uint32_t> rows;
    uint64_t total = 0;              // of the whole query, before top and skip
    std::optional<Position> here;    // of the first row
    std::optional<Position> next;    // empty: nothing is left
    std::optional<uint32_t> before;  // the row just before the first one, if there is one
  };
  // At most `limit` rows from `from` on (empty: from the beginning, after query.skip). `query.top` is the
  // caller's to turn into a limit. INVALID_ARGUMENT: a property that does not exist or cannot be compared.
  absl::StatusOr<Page> Read(const Query& query, std::optional<Position> from, uint64_t limit,
                            const Visibility& visibility);

  absl::StatusOr<uint64_t> Count(const std::vector<Condition>& filter, const Visibility& visibility);

  // The records one after the other, separated by commas; ends[i] is where record i ends within `out`.
  void Append(const std::vector<uint32_t>& rows, std::string* out, std::vector<size_t>* ends) const;

  absl::Status CheckSelect(const std::vector<std::string>& select) const;
  bool Republish(int64_t day_number, absl::Time stamp);
  uint32_t size() const { return table_->size(); }

 private:
  struct Order;
  struct Selection;
  struct Bound {
    const Column* column;
    KeyRange range;
    bool inside = true;  // false: the key must lie outside
  };

  absl::StatusOr<std::shared_ptr<const Order>> FindOrder(const std::vector<OrderKey>& keys);
  absl::StatusOr<std::vector<Bound>> Bounds(const std::vector<Condition>& filter,
                                            const Visibility& visibility);
  absl::StatusOr<std::shared_ptr<const Selection>> Select(const std::vector<Condition>& filter,
                                                          const std::vector<OrderKey>& order,
                                                          const Visibility& visibility);
  std::shared_ptr<const Selection> Scan(std::shared_ptr<const Order> order,
                                        const std::vector<Bound>& bounds) const;
  void Keep(const std::string& key, std::shared_ptr<const Selection> selection);

  const Endpoint endpoint_;
  const std::unique_ptr<RecordTable> table_;

  mutable std::shared_mutex records_mutex_;  // exclusive: Republish
  std::mutex mutex_;                         // everything below, and the table's columns
  uint64_t version_ = 0;                     // grows by Republish
  std::map<std::string, std::shared_ptr<const Order>> orders_;
  std::map<std::string, std::shared_ptr<const Selection>> selections_;
  std::deque<std::string> kept_;  // keys of selections_, oldest first
  size_t kept_ranks_ = 0;
};

}  // namespace penstock::sandbox
