// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/connection.h"

#include <poll.h>

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/secret_file.h"
#include "base/status_macros.h"
#include "destinations/postgres/server_error.h"

namespace penstock::destinations::postgres {
namespace {

constexpr int kStepMs = 100;
constexpr int kConnectMs = 10'000;
// No batch takes so long, and few indexes on what was there before; a server that stands still is given up, and the
// lease with it.
constexpr int kAnswerMs = 1'800'000;
constexpr size_t kCopyChunk = 1 << 20;
// Where Debian, and most of the others, keep the CAs of the world.
constexpr char kSystemCas[] = "/etc/ssl/certs/ca-certificates.crt";

// In UTC, because tables of somebody else's may have timestamps without a zone. Another loader is waited for,
// not for ever; a worker that stands still lets go of its locks. Only what would acknowledge too early is
// changed of synchronous_commit.
constexpr char kSettings[] =
    "SET TimeZone = 'UTC'; SET idle_in_transaction_session_timeout = '60s'; "
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = "
    "'off'";

const char* SslMode(TlsMode mode) {
  switch (mode) {
    case TlsMode::kDisable:
      return "disable";
    case TlsMode::kPrefer:
      return "prefer";
    case TlsMode::kRequire:
      return "require";
    case TlsMode::kVerifyCa:
      return "verify-ca";
    case TlsMode::kVerifyFull:
      return "verify-full";
  }
  CHECK(false);
}

bool Poll(PGconn* connection, short events) {
  pollfd waiting = {PQsocket(connection), events, 0};
  return poll(&waiting, 1, kStepMs) != 0;
}

// False: the time is over.
bool Ready(PGconn* connection, short events, int* patience_ms) {
  for (; *patience_ms > 0; *patience_ms -= kStepMs) {
    if (Poll(connection, events)) return true;
  }
  return false;
}

// The system's unless one is named; "require" would verify, too, if it found one.
std::string CaFile(const PostgresConfig& config) {
  const bool verifies = config.tls == TlsMode::kVerifyCa || config.tls == TlsMode::kVerifyFull;
  return config.ca_file.empty() && verifies ? kSystemCas : config.ca_file;
}

}  // namespace

int64_t Result::Int(int row, int column) const {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(row, column), &number) ? number : 0;
}

uint64_t Result::affected() const {
  uint64_t number = 0;
  return absl::SimpleAtoi(PQcmdTuples(result_.get()), &number) ? number : 0;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const PostgresConfig& config,
                                                             absl::Duration lock_timeout) {
  std::string password;
  if (!config.password_file.empty()) {
    ASSIGN_OR_RETURN(password, ReadSecretFile(config.password_file));
  }
  const std::vector<std::pair<const char*, std::string>> parameters = {
      {"host", config.host},           {"port", absl::StrCat(config.port)},
      {"dbname", config.database},     {"user", config.user},
      {"password", password},          {"sslmode", SslMode(config.tls)},
      {"sslrootcert", CaFile(config)}, {"sslcert", config.cert_file},
      {"sslkey", config.key_file},     {"application_name", "penstock"},
      {"client_encoding", "UTF8"},     {"gssencmode", "disable"},
      {"keepalives_idle", "30"},       {"keepalives_interval", "10"},
      {"keepalives_count", "3"},       {"tcp_user_timeout", "30000"}};
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : parameters) {
    keys.push_back(key);
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* started = PQconnectStartParams(keys.data(), values.data(), /*expand_dbname=*/0);
  CHECK(started != nullptr);
  std::unique_ptr<Connection> connection(new Connection(config, started));
  RETURN_IF_ERROR(connection->AwaitConnected());
  RETURN_IF_ERROR(connection->Configure(lock_timeout));
  return connection;
}

absl::Status Connection::AwaitConnected() {
  PGconn* connection = connection_.get();
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);  // for the SQLSTATE of a refusal
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  int patience = kConnectMs;
  auto state = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    if (!Ready(connection, state == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, &patience)) {
      return ConnectError(config_, "it does not answer within 10 s");
    }
    state = PQconnectPoll(connection);
  }
  if (state == PGRES_POLLING_FAILED) return ConnectError(config_, PQerrorMessage(connection));
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  return absl::OkStatus();
}

absl::Status Connection::Configure(absl::Duration lock_timeout) {
  const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
  if (encoding == nullptr || absl::string_view(encoding) != "UTF8") {
    return absl::FailedPreconditionError(absl::StrCat(
        Place(config_), ": the database keeps its text as ", encoding == nullptr ? "?" : encoding,
        ", which cannot hold every row; create one with ENCODING 'UTF8'"));
  }
  return Execute(
      absl::StrCat("SET lock_timeout = ", absl::ToInt64Milliseconds(lock_timeout), "; ", kSettings));
}

absl::StatusOr<Result> Connection::Query(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  RETURN_IF_ERROR(Send(PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                         nullptr, values.data(), nullptr, nullptr, /*resultFormat=*/0)));
  return AwaitResult();
}

absl::Status Connection::Execute(const std::string& sql) {
  RETURN_IF_ERROR(Send(PQsendQuery(connection_.get(), sql.c_str())));
  return AwaitResult().status();
}

absl::Status Connection::CopyIn(const std::string& sql, absl::string_view data) {
  RETURN_IF_ERROR(Execute(sql));
  while (!data.empty()) {
    const size_t size = std::min(data.size(), kCopyChunk);
    // Fails only when the connection is gone; what the server thinks of the data comes at the end.
    if (PQputCopyData(connection_.get(), data.data(), static_cast<int>(size)) != 1) return Lost();
    data.remove_prefix(size);
  }
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) return Lost();
  return AwaitResult().status();
}

absl::Status Connection::Send(int sent) { return sent == 1 ? absl::OkStatus() : Lost(); }

absl::Status Connection::Lost() {
  std::string words = PQerrorMessage(connection_.get());
  std::replace(words.begin(), words.end(), '\n', ' ');
  return StatementError(config_, "", words.empty() ? "the connection was lost" : words);
}

absl::Status Connection::Stream(const std::string& sql, const std::function<bool(const Result&)>& visit,
                                const std::function<bool()>& keep_on) {
  RETURN_IF_ERROR(Send(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr,
                                         nullptr, /*resultFormat=*/0)));
  CHECK(PQsetSingleRowMode(connection_.get()) == 1);
  while (true) {
    const absl::Status awaited = AwaitInput(keep_on);
    if (absl::IsCancelled(awaited)) break;
    RETURN_IF_ERROR(awaited);
    PGresult* const next = PQgetResult(connection_.get());
    const Result result(next);
    if (PQresultStatus(next) != PGRES_SINGLE_TUPLE) {
      const bool done = PQresultStatus(next) == PGRES_TUPLES_OK || PQresultStatus(next) == PGRES_COMMAND_OK;
      const absl::Status ended = done ? absl::OkStatus() : Failure(next);
      AwaitResult().status().IgnoreError();  // nothing comes after it
      return ended;
    }
    if (!visit(result)) break;
  }
  Cancel();
  return absl::OkStatus();
}

void Connection::Cancel() {
  PGcancel* const cancel = PQgetCancel(connection_.get());
  char words[256];
  const bool told = cancel != nullptr && PQcancel(cancel, words, sizeof(words)) == 1;
  PQfreeCancel(cancel);
  if (told) {
    AwaitResult().status().IgnoreError();  // that it was cancelled
  } else {
    given_up_ = true;  // the server ends the statement when its time is over
  }
}

absl::Status Connection::AwaitInput(const std::function<bool()>& keep_on) {
  int patience = kAnswerMs;
  while (PQisBusy(connection_.get()) != 0) {
    if (Poll(connection_.get(), POLLIN)) {
      if (PQconsumeInput(connection_.get()) != 1) return Lost();
      continue;
    }
    patience -= kStepMs;
    if (keep_on != nullptr && !keep_on()) return absl::CancelledError();
    if (patience > 0) continue;
    given_up_ = true;
    return StatementError(config_, "", "the server did not answer within 30 minutes");
  }
  return absl::OkStatus();
}

absl::Status Connection::Failure(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return words == nullptr ? Lost() : StatementError(config_, state == nullptr ? "" : state, words);
}

absl::StatusOr<Result> Connection::AwaitResult() {
  absl::Status failed;
  Result last(nullptr);
  while (true) {
    RETURN_IF_ERROR(AwaitInput());
    PGresult* next = PQgetResult(connection_.get());
    if (next == nullptr) break;
    last = Result(next);
    const ExecStatusType status = PQresultStatus(next);
    if (status == PGRES_COPY_IN) return last;
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || !failed.ok()) continue;
    if (status == PGRES_SINGLE_TUPLE) continue;  // of a statement that is being cancelled
    failed = Failure(next);
  }
  RETURN_IF_ERROR(failed);
  return last;
}

absl::StatusOr<Transaction> Transaction::Begin(Connection* connection) {
  RETURN_IF_ERROR(connection->Execute("BEGIN ISOLATION LEVEL READ COMMITTED"));
  return Transaction(connection);
}

absl::StatusOr<Transaction> Transaction::BeginReading(Connection* connection) {
  RETURN_IF_ERROR(connection->Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  return Transaction(connection);
}

absl::Status Transaction::Commit() {
  ASSIGN_OR_RETURN(const Result result, connection_->Query("COMMIT"));
  CHECK(result.command() == "COMMIT");  // else a statement failed and nobody looked
  connection_ = nullptr;
  return absl::OkStatus();
}

Transaction::~Transaction() {
  if (connection_ == nullptr || connection_->lost() || !connection_->in_transaction()) return;
  connection_->Execute("ROLLBACK").IgnoreError();  // the server does it when the connection is gone
}

}  // namespace penstock::destinations::postgres
