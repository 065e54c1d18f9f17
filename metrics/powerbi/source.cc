// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/source.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/json_text.h"
#include "base/nearest_word.h"
#include "base/snowflake_account.h"
#include "base/status_macros.h"
#include "destinations/snowflake/identifier.h"

namespace penstock::metrics::powerbi {
namespace {

absl::StatusOr<Source> PostgresSource(const DestinationConfig& destination, const std::string& server) {
  const PostgresConfig& config = destination.postgres;
  Source source = {DestinationType::kPostgres, server, config.database, config.schema};
  if (!server.empty()) return source;
  if (config.host.empty() || absl::StartsWith(config.host, "/")) {
    return absl::InvalidArgumentError(absl::StrCat(
        destination.name, " is reached by a socket of this machine, which Power BI cannot use; add ",
        "--server HOST, or HOST:PORT, as Power BI finds it"));
  }
  const bool v6 = absl::StrContains(config.host, ':');
  source.server = v6 ? absl::StrCat("[", config.host, "]") : config.host;
  if (config.port != 5432) absl::StrAppend(&source.server, ":", config.port);
  return source;
}

absl::StatusOr<Source> SnowflakeSource(const DestinationConfig& destination, const std::string& server) {
  const SnowflakeConfig& config = destination.snowflake;
  Source source = {DestinationType::kSnowflake, server, destinations::snowflake::Identifier(config.database),
                   destinations::snowflake::Identifier(config.schema),
                   destinations::snowflake::Identifier(config.warehouse)};
  if (!server.empty()) return source;
  std::string url = config.url;
  if (url.empty()) {
    ASSIGN_OR_RETURN(url, SnowflakeUrl(config.account));
  }
  source.server = std::string(absl::StripPrefix(url, "https://"));
  return source;
}

absl::StatusOr<Source> SqlserverSource(const DestinationConfig& destination, const std::string& server) {
  const SqlserverConfig& config = destination.sqlserver;
  Source source = {DestinationType::kSqlserver, server.empty() ? config.host : server, config.database,
                   config.schema};
  if (!source.server.empty()) return source;
  return absl::InvalidArgumentError(absl::StrCat(
      destination.name, " does not say which server it is; add --server HOST, as Power BI finds it"));
}

std::string Protocol(DestinationType type) {
  switch (type) {
    case DestinationType::kPostgres:
      return "postgresql";
    case DestinationType::kSnowflake:
      return "snowflake";
    case DestinationType::kSqlserver:
      return "tds";
    case DestinationType::kSqlite:
      break;
  }
  CHECK(false);
}

}  // namespace

absl::StatusOr<Mode> ParseMode(const std::string& text) {
  if (text == "import") return Mode::kImport;
  if (text == "directquery") return Mode::kDirectQuery;
  return absl::InvalidArgumentError(absl::StrCat("--mode ", text, " is none of import, directquery",
                                                 DidYouMean(text, {"import", "directquery"})));
}

absl::StatusOr<Source> SourceOf(const DestinationConfig& destination, const std::string& server) {
  switch (destination.type) {
    case DestinationType::kPostgres:
      return PostgresSource(destination, server);
    case DestinationType::kSnowflake:
      return SnowflakeSource(destination, server);
    case DestinationType::kSqlserver:
      return SqlserverSource(destination, server);
    case DestinationType::kSqlite:
      return absl::InvalidArgumentError(absl::StrCat(
          destination.name,
          " is a file on this machine, which Power BI has no connector for; fill a "
          "PostgreSQL or Snowflake destination from the same store with penstock load, and name that"));
  }
  CHECK(false);
}

std::string Pbids(const Source& source, Mode mode) {
  // Snowflake's connector asks for the warehouse where others ask for the database, which is chosen afterwards.
  const bool snowflake = source.type == DestinationType::kSnowflake;
  return absl::StrCat(
      "{\n  \"version\": \"0.1\",\n  \"connections\": [\n    {\n      \"details\": {\n        \"protocol\": ",
      QuoteJson(Protocol(source.type)),
      ",\n        \"address\": {\n          \"server\": ", QuoteJson(source.server), ",\n          ",
      snowflake ? "\"warehouse\": " : "\"database\": ",
      QuoteJson(snowflake ? source.warehouse : source.database),
      "\n        }\n      },\n      \"options\": {},\n      \"mode\": ",
      QuoteJson(mode == Mode::kImport ? "Import" : "DirectQuery"), "\n    }\n  ]\n}\n");
}

std::vector<SourceParameter> SourceParameters(const Source& source) {
  std::vector<SourceParameter> all = {{"Server", source.server}};
  if (source.type == DestinationType::kSnowflake) all.push_back({"Warehouse", source.warehouse});
  all.push_back({"Database", source.database});
  all.push_back({"Schema", source.schema});
  return all;
}

std::vector<std::string> StepsTo(const std::string& view, const Source& source) {
  if (source.type == DestinationType::kSnowflake) {
    return {"Source = Snowflake.Databases(Server, Warehouse, [Implementation = \"2.0\"])",
            "Base = Source{[Name = Database, Kind = \"Database\"]}[Data]",
            "Folder = Base{[Name = Schema, Kind = \"Schema\"]}[Data]",
            absl::StrCat("View = Folder{[Name = ", QuoteM(view), ", Kind = \"View\"]}[Data]")};
  }
  CHECK(source.type == DestinationType::kPostgres);
  return {"Source = PostgreSQL.Database(Server, Database)",
          absl::StrCat("View = Source{[Schema = Schema, Item = ", QuoteM(absl::AsciiStrToLower(view)),
                       "]}[Data]")};
}

std::string QuoteM(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}, {"#(", "#(#)("}, {"\n", "#(lf)"}}),
                      "\"");
}

std::string SourceColumn(const std::string& column, const Source& source) {
  return source.type == DestinationType::kSnowflake ? absl::AsciiStrToUpper(column) : column;
}

}  // namespace penstock::metrics::powerbi
