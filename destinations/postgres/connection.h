// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/config.h"

namespace penstock::destinations::postgres {

// The rows that a query found.
class Result {
 public:
  explicit Result(PGresult* result) : result_(result) {}
  int rows() const { return PQntuples(result_.get()); }
  int columns() const { return PQnfields(result_.get()); }
  bool IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  // NULL reads as empty text, 0 and false.
  std::string Text(int row, int column) const { return PQgetvalue(result_.get(), row, column); }
  int64_t Int(int row, int column) const;
  bool Bool(int row, int column) const { return Text(row, column) == "t"; }
  // "COMMIT", "INSERT 0 5".
  std::string command() const { return PQcmdStatus(result_.get()); }
  // Rows that an INSERT, UPDATE or DELETE changed.
  uint64_t affected() const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

// One session on a server, which may not read as if in another time zone, wait for a lock or keep one for
// ever, or acknowledge what is not durable. One thread at a time. Every error is a Status of destination.h's
// kinds (server_error.h).
class Connection {
 public:
  // Reads the password file each time, so that a new password needs no new start.
  // `lock_timeout`: how long another one's lock is waited for.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const PostgresConfig& config,
                                                          absl::Duration lock_timeout);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One statement with $1, $2 .. as text.
  absl::StatusOr<Result> Query(const std::string& sql, const std::vector<std::string>& parameters = {});
  // One or more statements, their rows ignored.
  absl::Status Execute(const std::string& sql);
  // One statement, whose rows, if it has any, are handed to `visit` one by one, as they come. `keep_on` is asked some
  // times a second while none comes. Either ends it by false: the server is told to cancel, and OK is answered.
  absl::Status Stream(const std::string& sql, const std::function<bool(const Result&)>& visit,
                      const std::function<bool()>& keep_on);
  // COPY .. FROM STDIN with these bytes.
  absl::Status CopyIn(const std::string& sql, absl::string_view data);

  // The session has ended: nothing more can be done with it.
  bool lost() const { return given_up_ || PQstatus(connection_.get()) != CONNECTION_OK; }
  bool in_transaction() const { return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  Connection(const PostgresConfig& config, PGconn* connection) : config_(config), connection_(connection) {}
  absl::Status AwaitConnected();
  absl::Status Configure(absl::Duration lock_timeout);
  absl::Status Send(int sent);
  // The last result of what was sent; an earlier one when it is an error or asks for data.
  absl::StatusOr<Result> AwaitResult();
  // CANCELLED: `keep_on` said so.
  absl::Status AwaitInput(const std::function<bool()>& keep_on = nullptr);
  void Cancel();
  absl::Status Failure(const PGresult* result);
  absl::Status Lost();

  const PostgresConfig config_;
  std::unique_ptr<PGconn, Finish> connection_;
  bool given_up_ = false;
};

// Rolled back unless Commit was called. A Commit that fails may have happened: only the load cursor tells.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Connection* connection);
  // Reads only, and always the tables as they are when it first looks.
  static absl::StatusOr<Transaction> BeginReading(Connection* connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  absl::Status Commit();

 private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  Connection* connection_;  // null: over
};

}  // namespace penstock::destinations::postgres
