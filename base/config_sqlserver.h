// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/config.h"
#include "base/config_reader.h"

namespace penstock {

inline constexpr char kSqlserverForm[] =
    "'sqlserver:Driver=ODBC Driver 18 for SQL Server;Server=HOST;Database=D;UID=USER;password_file=F'";

// The keys of `type: sqlserver` in the file.
const std::vector<std::string>& SqlserverKeys();
absl::Status ReadSqlserver(const ConfigReader& reader, SqlserverConfig* sqlserver);

// What stands behind "sqlserver:": an ODBC connection string, which may name the driver's own keys. password_file,
// schema and tables are taken out of it. INVALID_ARGUMENT when it holds a password; no value is repeated.
absl::StatusOr<SqlserverConfig> ParseSqlserverString(absl::string_view text, TableNames* tables);

}  // namespace penstock
