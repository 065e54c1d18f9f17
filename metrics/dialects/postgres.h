// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/dialect.h"

namespace penstock::metrics {

// Columns are cast to what they should be, so that tables of text serve too.
class PostgresDialect final : public Dialect {
 public:
  PostgresDialect(const PostgresConfig& config, TableNames tables)
      : Dialect(tables), schema_(config.schema) {}

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
  std::string Flag(const std::string& column) const override;
  std::string CodePoints(const std::string& text) const override;
  std::string InlineAs() const override { return "AS NOT MATERIALIZED"; }
  std::string Analyze(const std::string& table) const override { return "ANALYZE " + table; }
  std::string QuoteName(absl::string_view name) const override;

 private:
  const std::string schema_;
};

}  // namespace penstock::metrics
