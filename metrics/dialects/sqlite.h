// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "metrics/dialect.h"

namespace penstock::metrics {

// Timestamps are ISO text, JSON is text, booleans are 0 and 1.
class SqliteDialect final : public Dialect {
 public:
  explicit SqliteDialect(TableNames tables) : Dialect(tables) {}

  std::string Table(Endpoint endpoint) const override;
  std::string Bookkeeping(absl::string_view table) const override;
  std::string Lower(const std::string& text) const override;
  std::string Upper(const std::string& text) const override;
  std::string Trim(const std::string& text) const override;
  std::string JsonText(const std::string& column, absl::string_view key) const override;
  std::string Millis(const std::string& column) const override;
  std::string Day(const std::string& millis) const override;
  std::string Date(const std::string& days) const override;
  std::string DayNumber(const std::string& column) const override;
  std::string Timestamp(const std::string& millis) const override;
  std::vector<std::string> CreateView(const std::string& name, const std::string& sql) const override;
  std::string InlineAs() const override { return "AS NOT MATERIALIZED"; }
  std::string QuoteName(absl::string_view name) const override;
};

}  // namespace penstock::metrics
