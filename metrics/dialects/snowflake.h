// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/dialect.h"

namespace penstock::metrics {

// Timestamps are TIMESTAMP_NTZ in UTC, JSON is VARIANT.
class SnowflakeDialect final : public Dialect {
 public:
  SnowflakeDialect(const SnowflakeConfig& config, TableNames tables);

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
  // A backslash begins an escape there.
  std::string Quote(absl::string_view text) const override;
  bool KeepsFacts() const override { return false; }
  std::string QuoteName(absl::string_view name) const override;

 private:
  const std::string in_;  // "DATABASE"."SCHEMA"
};

}  // namespace penstock::metrics
