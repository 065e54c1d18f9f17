// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/config.h"
#include "base/endpoint.h"

namespace penstock::metrics {

// All that differs between warehouses: how a column of the five tables becomes text, milliseconds or a flag. The record
// views (records.h) are made of these expressions; above them SQL is portable.
class Dialect {
 public:
  virtual ~Dialect() = default;

  // The table, qualified and quoted, and the column that a field of its records stands in.
  virtual std::string Table(Endpoint endpoint) const = 0;
  std::string Column(Endpoint endpoint, absl::string_view field) const;
  virtual std::string Bookkeeping(absl::string_view table) const = 0;
  virtual std::string QuoteName(absl::string_view name) const = 0;

  virtual std::string Quote(absl::string_view text) const;

  // Letters of ASCII only: each system folds others in its own way.
  virtual std::string Lower(const std::string& text) const = 0;
  virtual std::string Upper(const std::string& text) const = 0;
  // Without blanks, tabs and line ends around it.
  virtual std::string Trim(const std::string& text) const = 0;
  // What JSON has under a key, when it is a string; otherwise NULL.
  virtual std::string JsonText(const std::string& column, absl::string_view key) const = 0;
  // Since 1970, cut off downwards.
  virtual std::string Millis(const std::string& column) const = 0;
  // Whole days since 1970 of milliseconds.
  virtual std::string Day(const std::string& millis) const = 0;
  // And back: a day, for people; the number of a day that a column holds; a time without a zone, in UTC.
  virtual std::string Date(const std::string& days) const = 0;
  virtual std::string DayNumber(const std::string& column) const = 0;
  virtual std::string Timestamp(const std::string& millis) const = 0;
  // 1 or 0.
  virtual std::string Flag(const std::string& column) const;
  // Orders text by code points.
  virtual std::string CodePoints(const std::string& text) const { return text; }
  // Between a name and its query in WITH: computed where it is used, not kept.
  virtual std::string InlineAs() const { return "AS"; }
  // Whether facts are kept as tables there (kept.h).
  virtual bool KeepsFacts() const { return true; }
  // A statement that counts a new table's values for the planner; empty where it needs none.
  virtual std::string Analyze(const std::string& /*table*/) const { return ""; }
  // Statements that make a view or put another query in its place.
  virtual std::vector<std::string> CreateView(const std::string& name, const std::string& sql) const;

 protected:
  explicit Dialect(TableNames tables) : tables_(tables) {}
  std::string TableName(Endpoint endpoint) const;

 private:
  const TableNames tables_;
};

// Of the destination's system, with its schema and its names. UNIMPLEMENTED: of a system whose SQL nobody wrote down.
absl::StatusOr<std::unique_ptr<Dialect>> DialectOf(const DestinationConfig& destination);

}  // namespace penstock::metrics
