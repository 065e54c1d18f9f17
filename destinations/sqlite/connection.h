// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock::destinations::sqlite {

class Connection;

// A prepared statement. Reset before each use and after; bound text must live until the statement is reset.
class Statement {
 public:
  void Reset();
  void BindNull(int index);
  void Bind(int index, int64_t value);
  // Bytes as they are: NUL inside is kept.
  void Bind(int index, absl::string_view text);

  // True: a row stands there; false: done.
  absl::StatusOr<bool> Step();
  // Of the row that Step found. NULL reads as 0 and as empty text.
  int64_t Int(int column) const;
  std::string Text(int column) const;
  bool IsNull(int column) const;
  int columns() const { return sqlite3_column_count(statement_.get()); }

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement(Connection* connection, sqlite3_stmt* statement)
      : connection_(connection), statement_(statement) {}

  Connection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_code_ = SQLITE_OK;  // of text too long to be bound; told by Step
};

// What an errno of the file `text` speaks of means to whoever runs the destination.
absl::Status DiskError(int error, const std::string& text);

// Whether one row may be to blame for a statement's error: what is in it does not suit a constraint, a trigger or
// a limit.
bool MayBlameARow(const absl::Status& status);
// SQLite's own words of a statement's error.
std::string OwnWords(const absl::Status& status);

// Whether this process may create the file: its folder is there and open to it. NOT_FOUND or
// PERMISSION_DENIED.
absl::Status CheckFolder(const std::string& path);

// One open SQLite file, with the settings that make a commit durable: WAL and synchronous=FULL. One thread at
// a time.
//
// Every error is a Status of destination.h's kinds which names the file, SQLite's own words and what to do.
class Connection {
 public:
  struct Options {
    bool create = false;  // make the file when there is none; its folder must exist
    bool probe = false;   // only look: the file keeps the journal mode it has
    bool read = false;    // nothing can be written, and the file need not be writable
    // How long a call waits for another writer before it is UNAVAILABLE.
    absl::Duration busy_timeout = absl::Seconds(10);
  };

  // NOT_FOUND when there is no file (without `create`) or no folder; PERMISSION_DENIED when it could only be
  // read.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, const Options& options);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Statements must end before their connection.
  absl::StatusOr<Statement> Prepare(const std::string& sql);
  // One or more statements without parameters, their rows ignored.
  absl::Status Execute(const std::string& sql);
  // Rows that the last INSERT, UPDATE or DELETE changed.
  int64_t Changes() const { return sqlite3_changes64(db_.get()); }
  // False: an error ended the transaction that was begun.
  bool InTransaction() const { return sqlite3_get_autocommit(db_.get()) == 0; }
  // Another file, or none, stands at the path now: what is written here would be lost.
  bool HasMoved() const;
  // Grows whenever anybody changes a table or an index.
  absl::StatusOr<int64_t> SchemaVersion();

  // Asked now and then while a statement runs; false interrupts it, and its error says nothing of use.
  void Watch(std::function<bool()> keep_on);

  absl::Status Error(int code) const;

 private:
  absl::Status Sentence(int code) const;
  friend class Transaction;
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  Connection(std::string path, sqlite3* db) : path_(std::move(path)), db_(db) {}
  absl::Status Configure(const Options& options);

  const std::string path_;
  std::function<bool()> keep_on_;
  std::unique_ptr<sqlite3, Close> db_;
};

// Holds the file's write lock from the beginning. Rolled back unless Commit succeeded.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Connection* connection);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Durable when it returns.
  absl::Status Commit();

 private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  Connection* connection_;  // null: over
};

}  // namespace penstock::destinations::sqlite
