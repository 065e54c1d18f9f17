// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlite/ddl.h"

#include "absl/strings/str_cat.h"
#include "destinations/sqlite/dialect.h"

namespace penstock::destinations::sqlite {

std::string Ddl(TableNames tables) {
  std::string sql =
      "-- Penstock's tables, for the sqlite3 shell: sqlite3 FILE < this. May be run again.\n"
      "-- SQLite has no roles: who may write the file and its folder is the loader, who may read them is a "
      "reader.\n"
      "PRAGMA page_size = 8192;\n"
      "PRAGMA journal_mode = WAL;\n";
  for (Endpoint endpoint : kAllEndpoints) {
    absl::StrAppend(&sql, CreateTable(TableOf(tables, endpoint)), ";\n");
  }
  absl::StrAppend(&sql, CreateLoadsTable(), ";\n", CreateSetAsideTable(), ";\n", CreateCoverageTable(),
                  ";\n");
  return sql;
}

}  // namespace penstock::destinations::sqlite
