// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/connection.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "destinations/sqlite/dialect.h"

namespace penstock::destinations::sqlite {
namespace {

constexpr char kCodePayload[] = "penstock/sqlite-code";
constexpr char kWordsPayload[] = "penstock/sqlite-words";

// 16 MiB of pages, so that a worker's memory stays bounded however big the file grows; the checkpoint after
// 32 MiB of WAL writes a page that many rows touched once instead of many times. Pages of 8 KiB only hold for
// a new file. What a row no longer holds, because its column is dropped now, is overwritten in the file too.
constexpr char kSettings[] =
    "PRAGMA page_size=8192; PRAGMA cache_size=-16384; PRAGMA synchronous=FULL; PRAGMA "
    "wal_autocheckpoint=4000; PRAGMA secure_delete=ON;";

// Of a reader: a metric goes over whole tables, more than once.
constexpr char kReadSettings[] = "PRAGMA query_only=ON; PRAGMA cache_size=-65536;";
// How many steps of SQLite's machine a statement takes between two looks at whether it should go on: some ms.
constexpr int kWatchSteps = 100'000;

std::optional<absl::Time> ReadStamp(sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_NULL) return std::nullopt;
  const char* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (text == nullptr) return std::nullopt;
  return ParseStamp(absl::string_view(text, sqlite3_value_bytes(value)));
}

void CompareStamps(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  const std::optional<absl::Time> left = ReadStamp(values[0]);
  const std::optional<absl::Time> right = ReadStamp(values[1]);
  // An empty optional is smaller than any value, which is the rule for stamps that cannot be read.
  sqlite3_result_int(context, left < right ? -1 : (left == right ? 0 : 1));
}

void StampNanos(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  const std::optional<absl::Time> stamp = ReadStamp(values[0]);
  stamp.has_value() ? sqlite3_result_int64(context, absl::ToUnixNanos(*stamp)) : sqlite3_result_null(context);
}

}  // namespace

absl::Status DiskError(int error, const std::string& text) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::ResourceExhaustedError(
          absl::StrCat(text, "; the disk, a quota or a size limit is full: make room, loading then goes on"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(absl::StrCat(text, "; let this user write the file and its folder"));
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat(text, "; create the folder, or correct the path"));
    case EISDIR:
      return absl::FailedPreconditionError(absl::StrCat(text, "; name a file, not a folder"));
    default:
      return absl::UnavailableError(absl::StrCat(text, "; look at the disk, loading will be tried again"));
  }
}

bool MayBlameARow(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kCodePayload);
  int code = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &code)) return false;
  // A column of somebody else's that must be filled, and a row that another table lacks, are the table's way.
  if (code == SQLITE_CONSTRAINT_NOTNULL || code == SQLITE_CONSTRAINT_FOREIGNKEY) return false;
  code &= 0xFF;
  return code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH;
}

std::string OwnWords(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kWordsPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status CheckFolder(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  if (faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return absl::OkStatus();
  const int error = errno;
  return DiskError(error, absl::StrCat("sqlite:", path, ": cannot be created in ", folder, " (",
                                       std::strerror(error), ")"));
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  bind_code_ = SQLITE_OK;
}

void Statement::BindNull(int index) { CHECK(sqlite3_bind_null(statement_.get(), index) == SQLITE_OK); }

void Statement::Bind(int index, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::Bind(int index, absl::string_view text) {
  // A null pointer would bind NULL instead of empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  const int code =
      sqlite3_bind_text64(statement_.get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  CHECK(code == SQLITE_OK || code == SQLITE_TOOBIG);
  if (code != SQLITE_OK) bind_code_ = code;
}

absl::StatusOr<bool> Statement::Step() {
  const int code = bind_code_ == SQLITE_OK ? sqlite3_step(statement_.get()) : bind_code_;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  absl::Status error = connection_->Error(code);
  Reset();
  return error;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::Text(int column) const {
  const void* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return "";
  return std::string(static_cast<const char*>(text), sqlite3_column_bytes(statement_.get(), column));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path,
                                                             const Options& options) {
  // "./" keeps SQLite from seeing anything but a file in names like ":memory:".
  const std::string file = path.front() == '/' ? path : absl::StrCat("./", path);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (options.create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &db, flags, nullptr);
  CHECK(db != nullptr);
  std::unique_ptr<Connection> connection(new Connection(path, db));
  if (code != SQLITE_OK) {
    const absl::Status error = connection->Error(code);
    // SQLite tried again for reading only, which hides why it could not write.
    struct stat found;
    if (stat(file.c_str(), &found) == 0) {
      return S_ISDIR(found.st_mode) ? DiskError(EISDIR, absl::StrCat("sqlite:", path, ": is a folder"))
                                    : error;
    }
    RETURN_IF_ERROR(CheckFolder(path));
    return error;
  }
  RETURN_IF_ERROR(connection->Configure(options));
  return connection;
}

absl::Status Connection::Configure(const Options& options) {
  sqlite3_busy_timeout(db_.get(), static_cast<int>(absl::ToInt64Milliseconds(options.busy_timeout)));
  const auto add = [&](const char* name, int arguments, auto* function) {
    CHECK(sqlite3_create_function_v2(db_.get(), name, arguments,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, nullptr,
                                     function, nullptr, nullptr, nullptr) == SQLITE_OK);
  };
  add(kCompareStamps, 2, CompareStamps);
  add(kStampNanos, 1, StampNanos);
  if (options.read) return Execute(kReadSettings);
  // SQLite opens what it may not write for reading only.
  if (sqlite3_db_readonly(db_.get(), "main") == 1) {
    return DiskError(EACCES, absl::StrCat("sqlite:", path_, ": can be read but not written"));
  }
  RETURN_IF_ERROR(Execute(kSettings));
  if (options.probe) return SchemaVersion().status();
  ASSIGN_OR_RETURN(Statement journal, Prepare("PRAGMA journal_mode=WAL"));
  RETURN_IF_ERROR(journal.Step().status());
  if (journal.Text(0) != "wal") {
    return absl::FailedPreconditionError(
        absl::StrCat("sqlite:", path_, ": cannot keep a write-ahead log (it keeps '", journal.Text(0),
                     "'); put the file on a local disk, not on a network file system"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Statement> Connection::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Error(code);
  return Statement(this, statement);
}

absl::Status Connection::Execute(const std::string& sql) {
  const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

void Connection::Watch(std::function<bool()> keep_on) {
  keep_on_ = std::move(keep_on);
  const auto interrupts = [](void* self) { return static_cast<Connection*>(self)->keep_on_() ? 0 : 1; };
  sqlite3_progress_handler(db_.get(), kWatchSteps, interrupts, this);
}

bool Connection::HasMoved() const {
  int moved = 0;
  const int code = sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

absl::StatusOr<int64_t> Connection::SchemaVersion() {
  ASSIGN_OR_RETURN(Statement version, Prepare("PRAGMA schema_version"));
  RETURN_IF_ERROR(version.Step().status());
  return version.Int(0);
}

absl::Status Connection::Error(int code) const {
  absl::Status error = Sentence(code);
  error.SetPayload(kCodePayload, absl::Cord(absl::StrCat(code)));
  error.SetPayload(kWordsPayload, absl::Cord(sqlite3_errmsg(db_.get())));
  return error;
}

absl::Status Connection::Sentence(int code) const {
  const std::string text = absl::StrCat("sqlite:", path_, ": ", sqlite3_errmsg(db_.get()));
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(text, "; another program is writing to it, loading will be tried again"));
    case SQLITE_FULL:
      return DiskError(ENOSPC, text);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return DiskError(EACCES, text);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: {
      const int error = sqlite3_system_errno(db_.get());
      return DiskError(error, error == 0 ? text : absl::StrCat(text, " (", std::strerror(error), ")"));
    }
    case SQLITE_NOTADB:
      return absl::FailedPreconditionError(
          absl::StrCat(text, "; it belongs to something else: name another file"));
    case SQLITE_CORRUPT:
      return absl::FailedPreconditionError(absl::StrCat(
          text, "; the file is damaged: move it away, and `penstock load` fills a new one from the store"));
    case SQLITE_NOMEM:
      return absl::UnavailableError(absl::StrCat(text, "; free some memory, loading will be tried again"));
    default:
      return absl::FailedPreconditionError(absl::StrCat(
          text, "; its tables cannot take these rows: remove what refuses them, or name another file"));
  }
}

absl::StatusOr<Transaction> Transaction::Begin(Connection* connection) {
  RETURN_IF_ERROR(connection->Execute("BEGIN IMMEDIATE"));
  return Transaction(connection);
}

absl::Status Transaction::Commit() {
  RETURN_IF_ERROR(connection_->Execute("COMMIT"));
  connection_ = nullptr;
  return absl::OkStatus();
}

Transaction::~Transaction() {
  // Some errors (a full disk) have ended the transaction already.
  if (connection_ == nullptr || !connection_->InTransaction()) return;
  connection_->Execute("ROLLBACK")
      .IgnoreError();  // it fails only when there is none, or when the disk is gone
}

}  // namespace penstock::destinations::sqlite
