// SPDX-License-Identifier: Apache-2.0
// The only file that includes ODBC.
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/odbc_string.h"
#include "base/secret_file.h"
#include "base/status_macros.h"
#include "destinations/sqlserver/connection.h"
#include "destinations/sqlserver/server_error.h"
#include "destinations/sqlserver/utf16.h"

namespace penstock::destinations::sqlserver {
namespace {

constexpr SQLULEN kConnectSeconds = 10;
// No batch takes so long, and few indexes on what was there before; a server that stands still is given up, and the
// lease with it.
constexpr SQLULEN kAnswerSeconds = 1'800;
constexpr size_t kChunk = 32'768;  // UTF-16 units that are read at once
constexpr SQLSMALLINT kMostDiagnostics = 16;
static_assert(sizeof(SQLWCHAR) == sizeof(char16_t));

bool Good(SQLRETURN code) { return SQL_SUCCEEDED(code) || code == SQL_NO_DATA; }

// An attribute that is a number travels in the place of a pointer.
SQLPOINTER AsPointer(SQLULEN number) { return reinterpret_cast<SQLPOINTER>(number); }

// ODBC takes texts that it does not change as ones that it might.
SQLWCHAR* Wide(std::u16string& text) { return reinterpret_cast<SQLWCHAR*>(text.data()); }

template <SQLSMALLINT kType>
class Handle {
 public:
  explicit Handle(SQLHANDLE parent) {
    if (!SQL_SUCCEEDED(SQLAllocHandle(kType, parent, &handle_))) handle_ = SQL_NULL_HANDLE;
  }
  Handle(const Handle&) = delete;
  ~Handle() {
    if (handle_ != SQL_NULL_HANDLE) SQLFreeHandle(kType, handle_);
  }
  SQLHANDLE get() const { return handle_; }

  std::vector<Diagnostic> Diagnostics() const {
    std::vector<Diagnostic> all;
    for (SQLSMALLINT record = 1; record <= kMostDiagnostics; ++record) {
      std::u16string state(6, 0);
      std::u16string message(2048, 0);
      SQLINTEGER native = 0;
      SQLSMALLINT length = 0;
      if (!SQL_SUCCEEDED(SQLGetDiagRecW(kType, handle_, record, Wide(state), &native, Wide(message),
                                        static_cast<SQLSMALLINT>(message.size()), &length))) {
        break;
      }
      message.resize(std::min<size_t>(length, message.size() - 1));
      all.push_back({ToUtf8(state.substr(0, 5)), native, ToUtf8(message)});
    }
    return all;
  }

 private:
  SQLHANDLE handle_ = SQL_NULL_HANDLE;
};

class OdbcConnection final : public Connection {
 public:
  explicit OdbcConnection(const SqlserverConfig& config)
      : config_(config), environment_(SQL_NULL_HANDLE), session_(Version3(environment_.get())) {}
  ~OdbcConnection() override {
    if (connected_) SQLDisconnect(session_.get());
  }

  absl::Status Connect(const std::string& password) {
    CHECK(environment_.get() != SQL_NULL_HANDLE && session_.get() != SQL_NULL_HANDLE);
    std::string text = config_.connection;
    if (!password.empty()) absl::StrAppend(&text, ";", FormatOdbcString({{"PWD", password}}));
    std::u16string wide;
    if (!ToUtf16(text, &wide))
      return absl::InvalidArgumentError(
          absl::StrCat(Place(config_), ": the connection or password is no UTF-8"));
    SQLSetConnectAttr(session_.get(), SQL_ATTR_LOGIN_TIMEOUT, AsPointer(kConnectSeconds), SQL_IS_UINTEGER);
    const SQLRETURN code =
        SQLDriverConnectW(session_.get(), nullptr, Wide(wide), static_cast<SQLSMALLINT>(wide.size()), nullptr,
                          0, nullptr, SQL_DRIVER_NOPROMPT);
    std::fill(wide.begin(), wide.end(), u'\0');
    connected_ = SQL_SUCCEEDED(code);
    return connected_ ? absl::OkStatus() : ServerError(config_, session_.Diagnostics());
  }

  absl::StatusOr<Result> Query(const std::string& sql) override { return Run(sql, nullptr); }
  absl::StatusOr<Result> Query(const std::string& sql, const std::string& json) override {
    std::u16string wide;
    CHECK(ToUtf16(json, &wide));  // what is none was refused before
    return Run(sql, &wide);
  }

  bool lost() const override { return lost_; }

 private:
  using Statement = Handle<SQL_HANDLE_STMT>;

  static SQLHANDLE Version3(SQLHANDLE environment) {
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, AsPointer(SQL_OV_ODBC3), 0);
    return environment;
  }

  absl::StatusOr<Result> Run(const std::string& sql, std::u16string* parameter) {
    const Statement statement(session_.get());
    if (statement.get() == SQL_NULL_HANDLE) return Failed(session_.Diagnostics());
    SQLSetStmtAttr(statement.get(), SQL_ATTR_QUERY_TIMEOUT, AsPointer(kAnswerSeconds), SQL_IS_UINTEGER);
    std::u16string text;
    CHECK(ToUtf16(sql, &text));
    SQLLEN bytes = 0;
    if (parameter != nullptr) {
      bytes = static_cast<SQLLEN>(2 * parameter->size());
      // Long text: nvarchar(max) or ntext, as the driver has it; the SQL converts it.
      const SQLRETURN bound =
          SQLBindParameter(statement.get(), 1, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WLONGVARCHAR,
                           std::max<SQLULEN>(1, parameter->size()), 0, Wide(*parameter), bytes, &bytes);
      if (!Good(bound)) return Failed(statement.Diagnostics());
    }
    if (!Good(SQLExecDirectW(statement.get(), Wide(text), static_cast<SQLINTEGER>(text.size()))))
      return Failed(statement.Diagnostics());
    return Read(statement);
  }

  // All results: an error of a later statement comes only when its turn has come.
  absl::StatusOr<Result> Read(const Statement& statement) {
    Result result;
    while (true) {
      SQLSMALLINT columns = 0;
      if (!SQL_SUCCEEDED(SQLNumResultCols(statement.get(), &columns))) return Failed(statement.Diagnostics());
      if (columns > 0) {
        result.rows.clear();
        RETURN_IF_ERROR(FetchRows(statement, columns, &result));
      } else {
        SQLLEN changed = -1;
        SQLRowCount(statement.get(), &changed);
        if (changed >= 0) result.affected = static_cast<uint64_t>(changed);
      }
      const SQLRETURN more = SQLMoreResults(statement.get());
      if (more == SQL_NO_DATA) return result;
      if (!Good(more)) return Failed(statement.Diagnostics());
    }
  }

  absl::Status FetchRows(const Statement& statement, SQLSMALLINT columns, Result* result) {
    while (true) {
      const SQLRETURN fetched = SQLFetch(statement.get());
      if (fetched == SQL_NO_DATA) return absl::OkStatus();
      if (!Good(fetched)) return Failed(statement.Diagnostics());
      auto& row = result->rows.emplace_back();
      for (SQLUSMALLINT column = 1; column <= columns; ++column) {
        ASSIGN_OR_RETURN(std::optional<std::string> cell, Cell(statement, column));
        row.push_back(std::move(cell));
      }
    }
  }

  absl::StatusOr<std::optional<std::string>> Cell(const Statement& statement, SQLUSMALLINT column) {
    std::u16string all;
    std::u16string chunk(kChunk, 0);
    const auto room = static_cast<SQLLEN>(2 * kChunk);
    while (true) {
      SQLLEN bytes = 0;
      const SQLRETURN code = SQLGetData(statement.get(), column, SQL_C_WCHAR, chunk.data(), room, &bytes);
      if (code == SQL_NO_DATA) break;
      if (!SQL_SUCCEEDED(code)) return Failed(statement.Diagnostics());
      if (bytes == SQL_NULL_DATA) return std::nullopt;
      const bool cut = bytes == SQL_NO_TOTAL || bytes >= room;  // the last unit is a terminator
      all.append(chunk, 0, cut ? kChunk - 1 : static_cast<size_t>(bytes) / 2);
      if (!cut) break;
    }
    return ToUtf8(all);
  }

  absl::Status Failed(const std::vector<Diagnostic>& diagnostics) {
    SQLUINTEGER dead = SQL_CD_FALSE;
    SQLGetConnectAttr(session_.get(), SQL_ATTR_CONNECTION_DEAD, &dead, SQL_IS_UINTEGER, nullptr);
    lost_ |= dead == SQL_CD_TRUE;
    for (const Diagnostic& one : diagnostics) {
      // Of what was timed out here nobody knows how far the server is.
      lost_ |= absl::StartsWith(one.sql_state, "08") || absl::StartsWith(one.sql_state, "HYT");
    }
    return ServerError(config_, diagnostics);
  }

  const SqlserverConfig config_;
  const Handle<SQL_HANDLE_ENV> environment_;
  const Handle<SQL_HANDLE_DBC> session_;
  bool connected_ = false;
  bool lost_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> OpenOdbc(const SqlserverConfig& config) {
  std::string password;
  if (!config.password_file.empty()) {
    ASSIGN_OR_RETURN(password, ReadSecretFile(config.password_file));
  }
  auto connection = std::make_unique<OdbcConnection>(config);
  RETURN_IF_ERROR(connection->Connect(password));
  return connection;
}

}  // namespace penstock::destinations::sqlserver
