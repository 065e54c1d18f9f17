// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/rights.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "destinations/sqlserver/catalog.h"
#include "destinations/sqlserver/layout.h"
#include "destinations/sqlserver/server_error.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {
namespace {

constexpr const char* kRights[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};
constexpr size_t kAlter = 4;

class Rights {
 public:
  Rights(Connection* connection, const SqlserverConfig& config, TableNames tables)
      : connection_(connection), config_(config), tables_(tables) {}

  absl::Status Check() {
    ASSIGN_OR_RETURN(const Result overview, connection_->Query(SelectRights(config_.schema)));
    if (overview.Int(0, 4) != 0) {
      return absl::UnavailableError(absl::StrCat(
          Place(config_), ": the database only reads; name the primary, loading will be tried again"));
    }
    may_create_ = overview.Int(0, 1) != 0 && overview.Int(0, 2) != 0;
    if (overview.Int(0, 0) != 0) return CheckTables();
    if (overview.Int(0, 1) != 0 && overview.Int(0, 3) != 0) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat(Place(config_), ": there is no schema '", config_.schema,
                     "', and this login may not make it and its tables; as the database's owner: CREATE "
                     "SCHEMA ",
                     QuoteName(config_.schema), "; ", GrantCreate()));
  }

 private:
  // A login of Kerberos, or a data source's, is not known here.
  std::string Grantee() const { return config_.user.empty() ? "the login" : QuoteName(config_.user); }
  std::string GrantCreate() const {
    return absl::StrCat("GRANT CREATE TABLE TO ", Grantee(),
                        "; GRANT SELECT, INSERT, UPDATE, DELETE, ALTER ON SCHEMA::",
                        QuoteName(config_.schema), " TO ", Grantee());
  }
  absl::Status Lacks(absl::string_view what, absl::string_view grant) const {
    return absl::PermissionDeniedError(
        absl::StrCat(Place(config_), ": login '", config_.user, "' ", what, "; as the owner: ", grant));
  }

  absl::Status CheckTables() {
    ASSIGN_OR_RETURN(const Layouts layouts, ReadLayouts(connection_, config_.schema, tables_));
    for (const auto& [endpoint, layout] : layouts.tables) {
      const std::string& table = TableOf(tables_, endpoint).name;
      RETURN_IF_ERROR(CheckTable(table, layout.exists, /*rights=*/3, &layout));
    }
    for (const char* own : {kLoadsTable, kSetAsideTable, kCoverageTable}) {
      RETURN_IF_ERROR(CheckTable(own, layouts.bookkeeping.count(own) > 0, /*rights=*/4, nullptr));
    }
    return absl::OkStatus();
  }

  absl::Status CheckTable(const std::string& name, bool exists, size_t rights, const Layout* layout) {
    if (!exists) {
      if (may_create_) return absl::OkStatus();
      return Lacks(absl::StrCat("may not create table ", name, " in schema '", config_.schema, "'"),
                   GrantCreate());
    }
    ASSIGN_OR_RETURN(const Result found, connection_->Query(SelectTableRights(config_.schema, name)));
    const std::string on_table = absl::StrCat(" ON ", Qualified(config_.schema, name), " TO ", Grantee());
    for (size_t right = 0; right < rights; ++right) {
      if (found.Int(0, right) != 0) continue;
      return Lacks(absl::StrCat("may not ", kRights[right], " on table ", name),
                   absl::StrCat("GRANT SELECT, INSERT, UPDATE", rights > 3 ? ", DELETE" : "", on_table));
    }
    if (layout == nullptr || found.Int(0, kAlter) != 0) return absl::OkStatus();
    if (layout->missing.empty() && (layout->key_index || !layout->indexable)) return absl::OkStatus();
    return Lacks(
        absl::StrCat("may not alter table ", name, ", which lacks ",
                     layout->missing.empty() ? "an index on its key" : absl::StrJoin(layout->missing, ", ")),
        absl::StrCat("GRANT ALTER", on_table));
  }

  Connection* const connection_;
  const SqlserverConfig& config_;
  const TableNames tables_;
  bool may_create_ = false;
};

}  // namespace

absl::Status CheckRights(Connection* connection, const SqlserverConfig& config, TableNames tables) {
  return Rights(connection, config, tables).Check();
}

}  // namespace penstock::destinations::sqlserver
