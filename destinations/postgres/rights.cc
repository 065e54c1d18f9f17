// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/rights.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "destinations/postgres/dialect.h"
#include "destinations/postgres/layout.h"
#include "destinations/postgres/server_error.h"

namespace penstock::destinations::postgres {
namespace {

constexpr char kOverview[] =
    "SELECT n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'USAGE'), false), "
    "coalesce(has_schema_privilege(n.oid, 'CREATE'), false), "
    "has_database_privilege(current_database(), 'CREATE'), "
    "has_database_privilege(current_database(), 'TEMPORARY'), current_setting('transaction_read_only') = "
    "'on' "
    "FROM (SELECT 1) AS one LEFT JOIN pg_namespace n ON n.nspname = $1";
constexpr char kTableRights[] =
    "SELECT has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'), "
    "has_table_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE') "
    "FROM pg_class c WHERE c.oid = to_regclass($1)";
constexpr const char* kRights[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};

class Rights {
 public:
  Rights(Connection* connection, const PostgresConfig& config, TableNames tables)
      : connection_(connection), config_(config), tables_(tables) {}

  absl::Status Check() {
    ASSIGN_OR_RETURN(const Result overview, connection_->Query(kOverview, {config_.schema}));
    if (overview.Bool(0, 5)) {
      return absl::UnavailableError(absl::StrCat(
          Place(config_), ": the server only reads; name the primary, loading will be tried again"));
    }
    const std::string database = absl::StrCat("DATABASE ", QuoteName(config_.database));
    if (!overview.Bool(0, 4))
      return Lacks("may not make temporary tables", absl::StrCat("TEMPORARY ON ", database));
    const bool may_make_schema = overview.Bool(0, 3);
    if (!overview.Bool(0, 0)) {
      if (may_make_schema) return absl::OkStatus();
      return absl::NotFoundError(
          absl::StrCat(Place(config_), ": there is no schema '", config_.schema, "', and role '",
                       config_.user, "' may not make it; as the owner of the database: CREATE SCHEMA ",
                       QuoteName(config_.schema), " AUTHORIZATION ", QuoteName(config_.user)));
    }
    if (!overview.Bool(0, 1))
      return Lacks(absl::StrCat("may not use schema '", config_.schema, "'"), OnSchema());
    return CheckTables(/*may_create=*/overview.Bool(0, 2));
  }

 private:
  std::string OnSchema() const { return absl::StrCat("USAGE, CREATE ON SCHEMA ", QuoteName(config_.schema)); }

  absl::Status Lacks(absl::string_view what, absl::string_view grant) const {
    return absl::PermissionDeniedError(absl::StrCat(Place(config_), ": role '", config_.user, "' ", what,
                                                    "; as the owner: GRANT ", grant, " TO ",
                                                    QuoteName(config_.user)));
  }

  absl::Status CheckTables(bool may_create) {
    ASSIGN_OR_RETURN(const auto layouts, ReadLayouts(connection_, config_.schema, tables_));
    for (const auto& [endpoint, layout] : layouts) {
      const Table& table = TableOf(tables_, endpoint);
      RETURN_IF_ERROR(CheckTable(table.name, /*rights=*/3, may_create));
      const bool to_alter = layout.exists && (!layout.missing.empty() || !layout.key_index);
      if (!to_alter || layout.mine) continue;
      return absl::PermissionDeniedError(absl::StrCat(
          Place(config_), ": role '", config_.user, "' does not own table ", table.name, ", which lacks ",
          layout.missing.empty() ? "an index on its key" : absl::StrJoin(layout.missing, ", "),
          "; let the owner add it, or: ALTER TABLE ", Qualified(config_.schema, table.name), " OWNER TO ",
          QuoteName(config_.user)));
    }
    for (const char* own : {kLoadsTable, kSetAsideTable, kCoverageTable})
      RETURN_IF_ERROR(CheckTable(own, 4, may_create));
    return absl::OkStatus();
  }

  absl::Status CheckTable(const std::string& name, int rights, bool may_create) {
    const std::string qualified = Qualified(config_.schema, name);
    ASSIGN_OR_RETURN(const Result found, connection_->Query(kTableRights, {qualified}));
    if (found.rows() == 0) {
      if (may_create) return absl::OkStatus();
      return Lacks(absl::StrCat("may not create table ", name, " in schema '", config_.schema, "'"),
                   OnSchema());
    }
    for (int right = 0; right < rights; ++right) {
      if (found.Bool(0, right)) continue;
      return Lacks(absl::StrCat("may not ", kRights[right], " on table ", name),
                   absl::StrCat("SELECT, INSERT, UPDATE", rights > 3 ? ", DELETE" : "", " ON ", qualified));
    }
    return absl::OkStatus();
  }

  Connection* const connection_;
  const PostgresConfig& config_;
  const TableNames tables_;
};

}  // namespace

absl::Status CheckRights(Connection* connection, const PostgresConfig& config, TableNames tables) {
  return Rights(connection, config, tables).Check();
}

}  // namespace penstock::destinations::postgres
