// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/rights.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "destinations/snowflake/dialect.h"
#include "destinations/snowflake/identifier.h"
#include "destinations/snowflake/server_error.h"

namespace penstock::destinations::snowflake {
namespace {

struct Needed {
  std::string table;
  std::string column;  // of text
  std::vector<std::string> rights;
};

std::vector<Needed> AllNeeded(TableNames names, const Layouts& layouts) {
  std::vector<Needed> all;
  for (const auto& [endpoint, layout] : layouts.tables) {
    const Table& table = TableOf(names, endpoint);
    if (layout.exists)
      all.push_back({table.name, table.columns.front().name, {"SELECT", "INSERT", "UPDATE"}});
  }
  const Needed own[] = {{kLoadsTable, "STORE_ID", {"SELECT", "INSERT", "UPDATE"}},
                        {kStageTable, "ROUND_ID", {"SELECT", "INSERT", "DELETE"}},
                        {kSetAsideTable, "ID", {"SELECT", "INSERT", "UPDATE", "DELETE"}},
                        {kCoverageTable, "STATE", {"SELECT", "INSERT", "DELETE"}}};
  for (const Needed& needed : own) {
    if (layouts.bookkeeping.count(needed.table) > 0) all.push_back(needed);
  }
  return all;
}

}  // namespace

absl::Status CheckRights(StatementClient* client, const SnowflakeConfig& config, TableNames tables,
                         const Layouts& layouts) {
  const std::string in = Qualified(Identifier(config.database), Identifier(config.schema));
  for (const Needed& needed : AllNeeded(tables, layouts)) {
    for (const std::string& right : needed.rights) {
      const absl::Status status =
          client->Execute(ExplainRight(in, needed.table, needed.column, right)).status();
      // To see a table that one may not use at all is not to see it.
      if (absl::IsPermissionDenied(status) || NamesNothing(status)) {
        return absl::PermissionDeniedError(absl::StrCat(
            Place(config), ": role '", config.role, "' may not ", right, " on table ", needed.table,
            "; as its owner: GRANT ", absl::StrJoin(needed.rights, ", "), " ON TABLE ",
            TableIn(in, needed.table), " TO ROLE ", QuoteName(Identifier(config.role))));
      }
      RETURN_IF_ERROR(status);
    }
  }
  return absl::OkStatus();
}

}  // namespace penstock::destinations::snowflake
