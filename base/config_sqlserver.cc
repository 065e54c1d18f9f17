// SPDX-License-Identifier: Apache-2.0
#include "base/config_sqlserver.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/odbc_string.h"
#include "base/source_url.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

constexpr char kMicrosoftDriver[] = "ODBC Driver 18 for SQL Server";

enum class Tls { kDisable, kRequire, kVerifyFull };

// In the order of Tls.
const std::vector<std::string>& TlsChoices() {
  static const auto* const choices = new std::vector<std::string>{"disable", "require", "verify-full"};
  return *choices;
}

absl::Status BadString(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the sqlserver: destination ", what, "; write ", kSqlserverForm));
}

// By its name, or by the file of its library.
bool IsFreeTds(const std::string& driver) {
  const std::string small = absl::AsciiStrToLower(driver);
  return absl::StrContains(small, "freetds") || absl::StrContains(small, "tdsodbc");
}

// https://www.freetds.org/userguide/odbcconnattr.html. 7.4: nvarchar(max) and datetime2 as they are.
OdbcPairs ForFreeTds(const SqlserverConfig& sqlserver, uint32_t port, Tls tls) {
  return {{"Server", sqlserver.host},
          {"Port", absl::StrCat(port)},
          {"TDS_Version", "7.4"},
          {"Encryption", tls == Tls::kDisable ? "off" : "require"}};
}

// https://learn.microsoft.com/en-us/sql/connect/odbc/dsn-connection-string-attribute
OdbcPairs ForMicrosoft(const SqlserverConfig& sqlserver, uint32_t port, Tls tls) {
  return {{"Server", absl::StrCat("tcp:", sqlserver.host, ",", port)},
          {"Encrypt", tls == Tls::kDisable ? "no" : "yes"},
          {"TrustServerCertificate", tls == Tls::kVerifyFull ? "no" : "yes"}};
}

}  // namespace

const std::vector<std::string>& SqlserverKeys() {
  static const auto* const keys = new std::vector<std::string>{"host", "port",          "database", "schema",
                                                               "user", "password_file", "driver",   "tls"};
  return *keys;
}

absl::Status ReadSqlserver(const ConfigReader& reader, SqlserverConfig* sqlserver) {
  uint32_t port = 1433;
  std::string driver = kMicrosoftDriver;
  RETURN_IF_ERROR(reader.Text("host", &sqlserver->host));
  RETURN_IF_ERROR(reader.Number("port", 1, 65535, &port));
  RETURN_IF_ERROR(reader.Text("database", &sqlserver->database));
  RETURN_IF_ERROR(reader.Text("schema", &sqlserver->schema));
  RETURN_IF_ERROR(reader.Text("user", &sqlserver->user));
  RETURN_IF_ERROR(reader.Text("password_file", &sqlserver->password_file));
  RETURN_IF_ERROR(reader.Text("driver", &driver));
  // Away from this machine nothing but a server that proves who it is.
  size_t choice = static_cast<size_t>(IsLoopback(sqlserver->host) ? Tls::kRequire : Tls::kVerifyFull);
  RETURN_IF_ERROR(reader.Choice("tls", TlsChoices(), &choice));
  const Tls tls = static_cast<Tls>(choice);
  const bool freetds = IsFreeTds(driver);
  if (freetds && tls == Tls::kVerifyFull) {
    return reader.Error(
        "tls",
        "is verify-full, which FreeTDS does only by its freetds.conf (\"ca file\"): take Microsoft's driver, "
        "a server of freetds.conf by sqlserver:Servername=.., or tls: require, which trusts any certificate");
  }
  OdbcPairs pairs = {{"Driver", driver}};
  const OdbcPairs own = freetds ? ForFreeTds(*sqlserver, port, tls) : ForMicrosoft(*sqlserver, port, tls);
  pairs.insert(pairs.end(), own.begin(), own.end());
  pairs.insert(pairs.end(),
               {{"Database", sqlserver->database}, {"UID", sqlserver->user}, {"APP", "penstock"}});
  sqlserver->connection = FormatOdbcString(pairs);
  return absl::OkStatus();
}

absl::StatusOr<SqlserverConfig> ParseSqlserverString(absl::string_view text, TableNames* tables) {
  const absl::StatusOr<OdbcPairs> all = ParseOdbcString(text);
  if (!all.ok()) return BadString(absl::StrCat("is not right: ", all.status().message()));
  SqlserverConfig sqlserver;
  OdbcPairs kept;
  for (const auto& [key, value] : *all) {
    const auto is = [&key = key](absl::string_view name) { return absl::EqualsIgnoreCase(key, name); };
    if (is("pwd") || is("password"))
      return BadString("holds a password, which others on this machine can see; put it into a file");
    if (value.empty()) return BadString(absl::StrCat("leaves ", key, " empty"));
    if (is("password_file")) {
      sqlserver.password_file = value;
    } else if (is("schema")) {
      sqlserver.schema = value;
    } else if (is("tables")) {
      if (value != "guide" && value != "vendor")
        return BadString("has an unknown tables; the choices are guide, vendor");
      *tables = value == "vendor" ? TableNames::kVendor : TableNames::kGuide;
    } else {
      kept.emplace_back(key, value);
    }
  }
  const std::string source = OdbcValue(kept, {"DSN"});
  sqlserver.host = OdbcValue(kept, {"Server", "Servername", "Address", "Addr"});
  sqlserver.database = OdbcValue(kept, {"Database"});
  sqlserver.user = OdbcValue(kept, {"UID", "User"});
  if (source.empty() && OdbcValue(kept, {"Driver"}).empty()) return BadString("names no Driver and no DSN");
  if (source.empty() && sqlserver.host.empty()) return BadString("names no Server and no DSN");
  sqlserver.connection = FormatOdbcString(kept);
  return sqlserver;
}

}  // namespace penstock
