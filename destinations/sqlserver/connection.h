// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/config.h"

namespace penstock::destinations::sqlserver {

// What a batch of statements answered: the rows of the last one that has rows, as text, and how many rows the last one
// that counts has changed.
struct Result {
  std::vector<std::vector<std::optional<std::string>>> rows;
  uint64_t affected = 0;

  // NULL, and what is not there, reads as empty text and 0.
  std::string Text(size_t row, size_t column) const;
  int64_t Int(size_t row, size_t column) const;
};

// One session on a server: the seam between SQL text and ODBC (odbc_connection.cc). One thread at a time. Every
// error is a Status of destination.h's kinds (server_error.h).
class Connection {
 public:
  virtual ~Connection() = default;

  // One batch. What of it comes from rows stands in `json`, which "?" in the text takes: no text of a row becomes SQL.
  virtual absl::StatusOr<Result> Query(const std::string& sql, const std::string& json) = 0;
  virtual absl::StatusOr<Result> Query(const std::string& sql) = 0;

  // The session has ended: nothing more can be done with it.
  virtual bool lost() const = 0;
};

using Connector = std::function<absl::StatusOr<std::unique_ptr<Connection>>(const SqlserverConfig& config)>;

// Through unixODBC and the driver that `config` names. Reads the password file each time, so that a new password needs
// no new start.
absl::StatusOr<std::unique_ptr<Connection>> OpenOdbc(const SqlserverConfig& config);

// Rolled back unless Commit was called. With XACT_ABORT the server has done it already when a statement failed. A
// Commit that fails may have happened: only the load cursor tells.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Connection* connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  absl::Status Commit();

 private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  Connection* connection_;  // null: over
};

}  // namespace penstock::destinations::sqlserver
