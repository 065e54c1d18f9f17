// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/connection.h"

#include "absl/strings/numbers.h"
#include "base/status_macros.h"

namespace penstock::destinations::sqlserver {

std::string Result::Text(size_t row, size_t column) const {
  if (row >= rows.size() || column >= rows[row].size()) return "";
  return rows[row][column].value_or("");
}

int64_t Result::Int(size_t row, size_t column) const {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(row, column), &number) ? number : 0;
}

absl::StatusOr<Transaction> Transaction::Begin(Connection* connection) {
  RETURN_IF_ERROR(connection->Query("BEGIN TRANSACTION").status());
  return Transaction(connection);
}

absl::Status Transaction::Commit() {
  // Without an open transaction it is an error, and nothing was written.
  RETURN_IF_ERROR(connection_->Query("COMMIT TRANSACTION").status());
  connection_ = nullptr;
  return absl::OkStatus();
}

Transaction::~Transaction() {
  if (connection_ == nullptr || connection_->lost()) return;
  // The server does it when the connection is gone.
  connection_->Query("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").IgnoreError();
}

}  // namespace penstock::destinations::sqlserver
