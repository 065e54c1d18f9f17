// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/sqlserver/sqlserver_warehouse.h"

#include <cstdlib>
#include <optional>
#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "base/ids.h"
#include "base/odbc_string.h"
#include "base/random.h"
#include "destinations/sqlserver/sqlserver_destination.h"
#include "tests/destinations/postgres/postgres_server.h"
#include "tests/destinations/sqlserver/tsql_on_postgres.h"
#include "tests/fakes/relay.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {
namespace {

using sqlserver::Connection;
using sqlserver::Connector;
using sqlserver::Result;

std::unique_ptr<Destination> OpenWith(const SqlserverConfig& config, const Clock& clock,
                                      Connector connector) {
  return std::make_unique<sqlserver::SqlserverDestination>(config, clock, absl::Seconds(10),
                                                           TableNames::kGuide, std::move(connector));
}

// "2026-03-16 06:02:51.06" as the contract reads it: 2026-03-16T06:02:51.060Z.
std::string Shown(const std::string& cell) {
  static const auto* const instant =
      new std::regex("(\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d+))?");
  std::smatch parts;
  if (cell.size() > 27 || !std::regex_match(cell, parts, *instant)) return cell;
  std::string fraction = parts[3];
  while (absl::EndsWith(fraction, "0")) fraction.pop_back();
  fraction.resize(fraction.size() <= 3 ? 3 : 6, '0');
  return absl::StrCat(parts[1].str(), "T", parts[2].str(), ".", fraction, "Z");
}

std::vector<std::vector<std::string>> Shown(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows) {
    for (std::string& cell : row) cell = Shown(cell);
  }
  return rows;
}

class TsqlOnPostgresWarehouse final : public ServerWarehouse {
 public:
  std::unique_ptr<Destination> Open(const Clock& clock) override {
    return OpenWith(OdbcToPostgres(schema_), clock, OpenTsqlOnPostgres);
  }
  std::unique_ptr<Destination> OpenLosingTheCommit(const Clock& clock, bool applied) override {
    relay_.emplace(server_.socket());
    relay_->CutAt("COMMIT TRANSACTION", applied);
    SqlserverConfig config = OdbcToPostgres(schema_);
    config.connection = absl::StrReplaceAll(
        config.connection,
        {{absl::StrCat("Server=", server_.socket_folder()), "Server=127.0.0.1"},
         {absl::StrCat("Port=", server_.port()), absl::StrCat("SSLmode=disable;Port=", relay_->port())}});
    return OpenWith(config, clock, OpenTsqlOnPostgres);
  }
  void Execute(const std::string& sql) override { server_.Execute(InSchema(sql)); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) override {
    return Shown(server_.Query(InSchema(sql)));
  }
  void RefuseKey(const std::string& table, const std::string& key_column, const std::string& key) override {
    Execute(
        absl::Substitute("CREATE FUNCTION refuse_$0() RETURNS trigger LANGUAGE plpgsql AS $$$$ BEGIN IF "
                         "NEW.$1 = '$0' THEN RAISE 'refused "
                         "by the test'; END IF; RETURN NEW; END $$$$; CREATE TRIGGER refuse_$0 BEFORE INSERT "
                         "ON $2 FOR EACH ROW EXECUTE "
                         "FUNCTION $3.refuse_$0()",
                         key, key_column, table, schema_));
  }
  void AcceptKey(const std::string& table, const std::string& key) override {
    Execute(absl::StrCat("DROP TRIGGER refuse_", key, " ON ", table));
  }
  void TakeInsertAway(const std::string& table) override {
    Execute(absl::StrCat("REVOKE INSERT ON ", table, " FROM loader"));
  }
  std::string TextType() const override { return "VARCHAR"; }
  bool KeepsNul() const override { return false; }

 private:
  std::string InSchema(const std::string& sql) const {
    return absl::StrCat("SET ROLE loader; SET search_path TO ", schema_, "; ", sql);
  }

  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = server_.NewSchema();
  std::optional<Relay> relay_;
};

// Ends with its first COMMIT: before the server has heard of it, or after.
class LosingTheCommit final : public Connection {
 public:
  LosingTheCommit(std::unique_ptr<Connection> connection, bool applied)
      : connection_(std::move(connection)), applied_(applied) {}
  absl::StatusOr<Result> Query(const std::string& sql) override {
    if (sql != "COMMIT TRANSACTION") return connection_->Query(sql);
    if (applied_) connection_->Query(sql).IgnoreError();
    lost_ = true;
    connection_.reset();  // the server rolls back what is open
    return absl::UnavailableError("lost by the test");
  }
  absl::StatusOr<Result> Query(const std::string& sql, const std::string& json) override {
    return connection_->Query(sql, json);
  }
  bool lost() const override { return lost_; }

 private:
  std::unique_ptr<Connection> connection_;
  const bool applied_;
  bool lost_ = false;
};

class SqlserverWarehouse final : public ServerWarehouse {
 public:
  SqlserverWarehouse() {
    config_.connection = TestSqlserver();
    config_.schema = schema_;
    config_.user = schema_;
    config_.host = OdbcValue(*ParseOdbcString(config_.connection), {"Server", "Servername", "DSN"});
    config_.database = OdbcValue(*ParseOdbcString(config_.connection), {"Database"});
    AsAdmin("CREATE SCHEMA [$0]");
    AsAdmin("CREATE USER [$0] WITHOUT LOGIN WITH DEFAULT_SCHEMA = [$0]");
    AsAdmin("GRANT CREATE TABLE TO [$0]; GRANT CONTROL ON SCHEMA::[$0] TO [$0]");
  }
  ~SqlserverWarehouse() override {
    for (const auto& row :
         Query(absl::StrCat("SELECT o.name, o.type FROM sys.objects AS o JOIN sys.schemas AS s ON "
                            "s.schema_id = o.schema_id WHERE o.type IN ('U', 'V') AND s.name = N'",
                            schema_, "'"))) {
      AsAdmin(absl::StrCat(row[1][0] == 'V' ? "DROP VIEW [$0].[" : "DROP TABLE [$0].[", row[0], "]"));
    }
    AsAdmin("DROP USER [$0]");
    AsAdmin("DROP SCHEMA [$0]");
  }

  std::unique_ptr<Destination> Open(const Clock& clock) override {
    return OpenWith(config_, clock, AsLoader());
  }
  std::unique_ptr<Destination> OpenLosingTheCommit(const Clock& clock, bool applied) override {
    auto first = std::make_shared<bool>(true);
    return OpenWith(config_, clock, [=, open = AsLoader()](const SqlserverConfig& config) {
      absl::StatusOr<std::unique_ptr<Connection>> connection = open(config);
      if (connection.ok() && std::exchange(*first, false))
        connection = std::make_unique<LosingTheCommit>(*std::move(connection), applied);
      return connection;
    });
  }
  void Execute(const std::string& sql) override { Query(sql); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) override {
    absl::StatusOr<std::unique_ptr<Connection>> connection = AsLoader()(config_);
    EXPECT_OK(connection);
    if (!connection.ok()) return {};
    const absl::StatusOr<Result> result = (*connection)->Query(sql);
    EXPECT_OK(result) << sql;
    std::vector<std::vector<std::string>> rows;
    if (!result.ok()) return rows;
    for (const auto& row : result->rows) {
      std::vector<std::string>& cells = rows.emplace_back();
      for (const auto& cell : row) cells.push_back(cell.has_value() ? Shown(*cell) : "<null>");
    }
    return rows;
  }
  void RefuseKey(const std::string& table, const std::string& key_column, const std::string& key) override {
    Execute(absl::Substitute(
        "CREATE TRIGGER [refuse_$0] ON $1 AFTER INSERT AS BEGIN SET NOCOUNT ON; IF EXISTS (SELECT 1 "
        "FROM inserted WHERE $2 = N'$0') THROW 50001, N'refused by the test', 1; END",
        key, table, key_column));
  }
  void AcceptKey(const std::string&, const std::string& key) override {
    Execute(absl::StrCat("DROP TRIGGER [refuse_", key, "]"));
  }
  void TakeInsertAway(const std::string& table) override {
    AsAdmin(absl::StrCat("DENY INSERT ON [$0].[", table, "] TO [$0]"));
  }
  std::string TextType() const override { return "NVARCHAR(MAX)"; }
  bool KeepsNul() const override { return false; }
  bool KeepsBlanksApart() const override { return false; }

 private:
  void AsAdmin(const std::string& sql) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = sqlserver::OpenOdbc(config_);
    EXPECT_OK(connection);
    if (connection.ok()) EXPECT_OK((*connection)->Query(absl::StrReplaceAll(sql, {{"$0", schema_}}))) << sql;
  }
  Connector AsLoader() const {
    return [schema = schema_](const SqlserverConfig& config) -> absl::StatusOr<std::unique_ptr<Connection>> {
      absl::StatusOr<std::unique_ptr<Connection>> connection = sqlserver::OpenOdbc(config);
      if (!connection.ok()) return connection;
      const absl::Status as =
          (*connection)->Query(absl::StrCat("EXECUTE AS USER = N'", schema, "'")).status();
      return as.ok() ? std::move(connection) : absl::StatusOr<std::unique_ptr<Connection>>(as);
    };
  }

  const std::string schema_ = absl::StrCat("penstock_test_", NewId(SystemRandom()));
  SqlserverConfig config_;
};

}  // namespace

std::unique_ptr<Warehouse> MakeTsqlOnPostgresWarehouse() {
  return std::make_unique<TsqlOnPostgresWarehouse>();
}

std::string TestSqlserver() {
  const char* connection = std::getenv("PENSTOCK_TEST_SQLSERVER");
  return connection == nullptr ? "" : connection;
}

std::unique_ptr<Warehouse> MakeSqlserverWarehouse() { return std::make_unique<SqlserverWarehouse>(); }

}  // namespace penstock::destinations
