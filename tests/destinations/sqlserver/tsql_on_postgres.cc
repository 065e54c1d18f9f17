// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/sqlserver/tsql_on_postgres.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/sqlserver/server_error.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/destinations/sqlserver/postgres_dialect.h"

namespace penstock::destinations {
namespace {

class TsqlOnPostgres final : public sqlserver::Connection {
 public:
  TsqlOnPostgres(const SqlserverConfig& config, std::unique_ptr<sqlserver::Connection> connection)
      : config_(config), connection_(std::move(connection)) {}

  absl::StatusOr<sqlserver::Result> Query(const std::string& sql) override {
    return Told(connection_->Query(FromTsql(sql)));
  }
  absl::StatusOr<sqlserver::Result> Query(const std::string& sql, const std::string& json) override {
    return Told(connection_->Query(FromTsql(sql), json));
  }
  bool lost() const override { return connection_->lost(); }

 private:
  // As SQL Server would tell it.
  absl::StatusOr<sqlserver::Result> Told(absl::StatusOr<sqlserver::Result> result) {
    if (result.ok() || connection_->lost()) return result;
    const std::string state = sqlserver::SqlState(result.status());
    return sqlserver::ServerError(config_,
                                  {{state, NativeErrorOf(state), sqlserver::ServerWords(result.status())}});
  }

  const SqlserverConfig config_;
  const std::unique_ptr<sqlserver::Connection> connection_;
};

}  // namespace

SqlserverConfig OdbcToPostgres(const std::string& schema) {
  PostgresServer& server = PostgresServer::Shared();
  SqlserverConfig config;
  // Protocol 7.4-1: a failing statement ends the transaction, as XACT_ABORT has it.
  config.connection = absl::StrCat("Driver={PostgreSQL Unicode};Server=", server.socket_folder(),
                                   ";Port=", server.port(), ";Database=postgres;UID=loader;Protocol=7.4-1");
  config.schema = schema;
  config.host = server.socket_folder();
  config.database = "postgres";
  config.user = "loader";
  return config;
}

absl::StatusOr<std::unique_ptr<sqlserver::Connection>> OpenTsqlOnPostgres(const SqlserverConfig& config) {
  static const bool prepared = [] {
    PostgresServer::Shared().Execute(CreateTsqlCatalog());
    return true;
  }();
  CHECK(prepared);
  ASSIGN_OR_RETURN(std::unique_ptr<sqlserver::Connection> connection, sqlserver::OpenOdbc(config));
  return std::make_unique<TsqlOnPostgres>(config, std::move(connection));
}

}  // namespace penstock::destinations
