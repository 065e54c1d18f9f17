// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/found_table.h"
#include "destinations/read_query.h"
#include "destinations/table_profile.h"

namespace penstock::destinations {

// A column's value as the source said it; each destination maps it to a native type.
struct JsonText {
  std::string text;  // valid JSON
};
using Value = std::variant<std::monostate, bool, std::string, absl::Time, JsonText>;

// One row, its columns in the order of its table's profile.
struct TypedRow {
  Endpoint endpoint = Endpoint::kConversations;
  std::vector<Value> values;
  std::string extra;  // JSON object of the fields the profile does not know; empty: there are none
  // Its last_updated_time, infinite past when unreadable. A row is replaced only by one with a later or equal
  // stamp.
  absl::Time stamp = absl::InfinitePast();
  uint64_t change = 0;  // its number in the change sequence: PENSTOCK_SEQ
  // No row, but word that the one with this id was erased: what is there goes, whatever its stamp. `values` holds the
  // id alone.
  bool erased = false;
};

// How far a destination is loaded: it holds every change of that store up to that number.
struct LoadCursor {
  // Which store, and which of its lives gave the change its number (load_cursor.h). Kept as it is. Empty: nothing was
  // ever loaded.
  std::string store_id;
  uint64_t change = 0;
};

struct BatchCounts {
  uint64_t written = 0;
  uint64_t unchanged = 0;  // the destination already had this change or a newer stamp
  uint64_t set_aside = 0;  // refused for what is in them, and named in PENSTOCK_SET_ASIDE
};

// A row that the system takes in no form: the others of its batch are loaded without it.
struct SetAsideRow {
  Endpoint endpoint = Endpoint::kConversations;
  std::string id;
  uint64_t change = 0;
  std::string reason;
};
struct SetAside {
  uint64_t total = 0;
  std::vector<SetAsideRow> rows;  // the first ones
};

// How a row of the store stands in the warehouse. The greatest holds where the id is there several times.
enum class Standing {
  kSame,
  kDiffers,  // an Upsert would write it again
  kNewer,    // there, by its stamp
  kMissing,
};

// One endpoint's day, as PENSTOCK_COVERAGE tells it.
struct CoverageDay {
  Endpoint endpoint = Endpoint::kConversations;
  absl::Time day;                             // midnight UTC; users: of the last full reading
  std::string state;                          // "settled", "provisional" .. (docs/operating.md)
  uint64_t rows = 0;                          // in the store
  absl::Time counted = absl::InfinitePast();  // when the source was last asked; infinite past: never
};

// More refused rows in a batch, and it is the table that refuses, not they.
inline size_t SetAsideMax(size_t rows) { return rows < 200 ? 1 : rows / 100; }

// A warehouse. One thread at a time.
//
// Errors: UNAVAILABLE: not reachable, try again later; PERMISSION_DENIED: role, password or schema is
// refused; NOT_FOUND: the path, database or schema does not exist; RESOURCE_EXHAUSTED: its disk is full;
// ABORTED: another loader moved the cursor; FAILED_PRECONDITION: an existing table cannot take the rows, or
// refuses more than a few (SetAsideMax).
// Every message says what to do.
class Destination {
 public:
  virtual ~Destination() = default;

  // For people and logs; without secrets: "sqlite:/data/warehouse.db".
  virtual std::string Describe() const = 0;

  // Creates what is missing (tables, columns, the bookkeeping tables), drops and retypes nothing. Repeatable.
  virtual absl::Status EnsureTables() = 0;

  virtual absl::StatusOr<LoadCursor> ReadCursor() = 0;

  // The rows and the cursor in one transaction: afterwards either both are there or neither is. ABORTED, and
  // nothing written, when the cursor there is not `from`. Running it again after a lost answer changes
  // nothing.
  // Erased rows come first. One that is deleted counts as written, one that was not there as unchanged. With them, and
  // when other rules for columns begin, go all kept facts: they may hold what is not to be there any more.
  virtual absl::StatusOr<BatchCounts> Upsert(const std::vector<TypedRow>& rows, const LoadCursor& from,
                                             const LoadCursor& to) = 0;

  // The rows set aside so far, at most `limit` of them by name. None before EnsureTables.
  virtual absl::StatusOr<SetAside> ReadSetAside(size_t limit) = 0;

  // One per row, in their order. Writes nothing. NOT_FOUND: a table or a column is missing. FAILED_PRECONDITION: this
  // system cannot compare.
  virtual absl::StatusOr<std::vector<Standing>> Compare(const std::vector<TypedRow>& rows);
  // All rows of the endpoint's table, whoever wrote them.
  virtual absl::StatusOr<uint64_t> CountRows(Endpoint endpoint);

  // Puts these days in the place of those in PENSTOCK_COVERAGE, if the cursor still is `at`: the rows that they speak
  // of are there. ABORTED otherwise. UNIMPLEMENTED: this system keeps none.
  virtual absl::Status PutCoverage(const std::vector<CoverageDay>& days, const LoadCursor& at);

  // How the existing tables stand, all five in order, after what `options` ask of them was done. Creates none.
  // FAILED_PRECONDITION: this system cannot tell.
  virtual absl::StatusOr<std::vector<FoundTable>> Adopt(const AdoptOptions& options);

  // Runs statements that only read, as a reader who can change nothing, and in one snapshot where the system has one
  // over several statements. Errors besides: NOT_FOUND: a table or a column is missing; FAILED_PRECONDITION: a
  // statement does more than read; RESOURCE_EXHAUSTED: the answer is too large; DEADLINE_EXCEEDED: it took too long;
  // UNIMPLEMENTED: this system cannot be asked.
  virtual absl::Status Query(const ReadQuery& query, const RowSink& sink);
  // Runs statements that make views or put others in their place, in one transaction where the system has one for them.
  // Errors as above.
  virtual absl::Status CreateViews(const std::vector<std::string>& statements);

  // Runs statements that make tables of facts out of the rows, in one transaction over one snapshot in which the load
  // cursor stays: loads wait for it. Of the query its statements, `time` and `keep_on` count; errors as above.
  // UNIMPLEMENTED: no facts are kept in this system.
  virtual absl::Status KeepFacts(const ReadQuery& query);

  // So many bytes of records a batch should have, where each costs much however small it is. 0: no wish.
  virtual uint64_t BatchBytes() const { return 0; }

  // Can it be reached and written? What EnsureTables would meet, without creating anything.
  virtual absl::Status Check() = 0;
};

}  // namespace penstock::destinations
