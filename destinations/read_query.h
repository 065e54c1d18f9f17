// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace penstock::destinations {

// A row of an answer, as text; nullopt is NULL.
using TextRow = std::vector<std::optional<std::string>>;

// Statements that only read, and what their answer may cost. All values stand in the SQL, quoted by whoever wrote it.
struct ReadQuery {
  std::vector<std::string> statements;  // run in order; each begins with SELECT or WITH
  uint64_t max_rows = 100'000;          // of all of them
  uint64_t max_bytes = 16 << 20;
  absl::Duration time = absl::Minutes(1);
  // Asked about once a second while the system works. Not OK: the query ends with it.
  std::function<absl::Status()> keep_on = nullptr;
};
// Takes the rows of statement number `statement`, from 0. Not OK: the query ends with it.
using RowSink = std::function<absl::Status(size_t statement, TextRow row)>;

// What a query that runs has cost so far, alike on every system.
class ReadMeter {
 public:
  // All three outlive it. `place` is for people.
  ReadMeter(const ReadQuery& query, const Clock& clock, std::string place);

  // FAILED_PRECONDITION: a statement does more than read, by its first word.
  absl::Status CheckStatements() const;
  // To be called often. DEADLINE_EXCEEDED, or what `keep_on` said.
  absl::Status KeepOn();
  absl::Duration left() const;
  // RESOURCE_EXHAUSTED: the answer is too large.
  absl::Status Count(const TextRow& row);
  // A system's error as whoever asked should read it: `words` are the system's own, if it said any.
  absl::Status Trouble(const absl::Status& status, absl::string_view words) const;

 private:
  absl::Status TimeOver() const;

  const ReadQuery& query_;
  const Clock& clock_;
  const std::string place_;
  const absl::Duration end_;  // boot clock
  absl::Duration asked_ = -absl::InfiniteDuration();
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace penstock::destinations
