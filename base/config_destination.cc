// SPDX-License-Identifier: Apache-2.0
#include "base/config_destination.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/config_columns.h"
#include "base/config_reader.h"
#include "base/config_snowflake.h"
#include "base/config_sqlserver.h"
#include "base/nearest_word.h"
#include "base/percent.h"
#include "base/source_url.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

constexpr char kPostgresForm[] = "postgresql://USER@HOST/DATABASE?schema=S&password_file=F";

// In the order of TlsMode.
const std::vector<std::string>& TlsModes() {
  static const auto* const modes =
      new std::vector<std::string>{"disable", "prefer", "require", "verify-ca", "verify-full"};
  return *modes;
}

const std::vector<std::string>& PostgresKeys() {
  static const auto* const keys =
      new std::vector<std::string>{"host",          "port", "database", "schema",    "user",
                                   "password_file", "tls",  "ca_file",  "cert_file", "key_file"};
  return *keys;
}

// What only some types have, each once.
const std::vector<std::string>& KeysOfTypes() {
  static const auto* const all = [] {
    auto* const keys = new std::vector<std::string>{"path"};
    for (const auto* of_type : {&PostgresKeys(), &SnowflakeKeys(), &SqlserverKeys()}) {
      for (const std::string& key : *of_type) {
        if (std::find(keys->begin(), keys->end(), key) == keys->end()) keys->push_back(key);
      }
    }
    return keys;
  }();
  return *all;
}

// What is not among `mine`.
std::vector<std::string> Others(const std::vector<std::string>& mine) {
  std::vector<std::string> others;
  for (const std::string& key : KeysOfTypes()) {
    if (std::find(mine.begin(), mine.end(), key) == mine.end()) others.push_back(key);
  }
  return others;
}

// Away from this machine nothing but a server that proves who it is.
TlsMode DefaultTls(const std::string& host) {
  return host.front() == '/' || IsLoopback(host) ? TlsMode::kPrefer : TlsMode::kVerifyFull;
}

bool PairIncomplete(const PostgresConfig& postgres) {
  return postgres.cert_file.empty() != postgres.key_file.empty();
}

absl::Status ReadPostgres(const ConfigReader& reader, PostgresConfig* postgres) {
  RETURN_IF_ERROR(reader.NeedsAndForbids("postgres", {"host", "database", "user"}, Others(PostgresKeys())));
  RETURN_IF_ERROR(reader.Text("host", &postgres->host));
  RETURN_IF_ERROR(reader.Number("port", 1, 65535, &postgres->port));
  RETURN_IF_ERROR(reader.Text("database", &postgres->database));
  RETURN_IF_ERROR(reader.Text("schema", &postgres->schema));
  RETURN_IF_ERROR(reader.Text("user", &postgres->user));
  RETURN_IF_ERROR(reader.Text("password_file", &postgres->password_file));
  size_t tls = static_cast<size_t>(DefaultTls(postgres->host));
  RETURN_IF_ERROR(reader.Choice("tls", TlsModes(), &tls));
  postgres->tls = static_cast<TlsMode>(tls);
  RETURN_IF_ERROR(reader.Text("ca_file", &postgres->ca_file));
  RETURN_IF_ERROR(reader.Text("cert_file", &postgres->cert_file));
  RETURN_IF_ERROR(reader.Text("key_file", &postgres->key_file));
  if (PairIncomplete(*postgres)) {
    return reader.Error(postgres->key_file.empty() ? "cert_file" : "key_file",
                        "stands alone; a client certificate needs cert_file and key_file");
  }
  return absl::OkStatus();
}

// In the order of TableNames.
const std::vector<std::string>& TableChoices() {
  static const auto* const choices = new std::vector<std::string>{"guide", "vendor"};
  return *choices;
}

absl::StatusOr<TableNames> ParseTables(absl::string_view text) {
  for (size_t i = 0; i < TableChoices().size(); ++i) {
    if (TableChoices()[i] == text) return static_cast<TableNames>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat("the destination has an unknown tables; the choices are ",
                                                 absl::StrJoin(TableChoices(), ", ")));
}

// Never repeats the text, which may hold what should not be in it.
absl::Status BadUrl(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("the postgresql:// destination ", what, "; write ", kPostgresForm));
}

absl::StatusOr<std::string> Decode(absl::string_view text) {
  absl::StatusOr<std::string> decoded = PercentDecode(text);
  return decoded.ok() ? decoded : BadUrl(decoded.status().message());
}

absl::Status ReadParameters(absl::string_view query, PostgresConfig* postgres, TableNames* tables,
                            bool* tls_named) {
  const std::vector<std::pair<std::string, std::string*>> texts = {
      {"host", &postgres->host},
      {"schema", &postgres->schema},
      {"password_file", &postgres->password_file},
      {"ca_file", &postgres->ca_file},
      {"cert_file", &postgres->cert_file},
      {"key_file", &postgres->key_file}};
  for (absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    ASSIGN_OR_RETURN(const std::string value, Decode(parts.second));
    if (parts.first == "tls") {
      const auto mode = std::find(TlsModes().begin(), TlsModes().end(), value);
      if (mode == TlsModes().end())
        return BadUrl(absl::StrCat("has an unknown tls; the choices are ", absl::StrJoin(TlsModes(), ", ")));
      postgres->tls = static_cast<TlsMode>(mode - TlsModes().begin());
      *tls_named = true;
      continue;
    }
    if (parts.first == "tables") {
      ASSIGN_OR_RETURN(*tables, ParseTables(value));
      continue;
    }
    const auto text = std::find_if(texts.begin(), texts.end(),
                                   [&](const auto& known) { return known.first == parts.first; });
    if (text == texts.end()) {
      return BadUrl(
          "has a parameter that is not host, schema, tables, password_file, tls, ca_file, cert_file or "
          "key_file");
    }
    if (value.empty()) return BadUrl(absl::StrCat("leaves ", parts.first, " empty"));
    *text->second = value;
  }
  return absl::OkStatus();
}

absl::StatusOr<PostgresConfig> ParsePostgresUrl(absl::string_view rest, TableNames* tables) {
  PostgresConfig postgres;
  const std::pair<absl::string_view, absl::string_view> query = absl::StrSplit(rest, absl::MaxSplits('?', 1));
  const std::pair<absl::string_view, absl::string_view> path =
      absl::StrSplit(query.first, absl::MaxSplits('/', 1));
  absl::string_view address = path.first;
  if (const size_t at = address.rfind('@'); at != absl::string_view::npos) {
    if (address.substr(0, at).find(':') != absl::string_view::npos)
      return BadUrl("holds a password, which others on this machine can see; put it into a file");
    ASSIGN_OR_RETURN(postgres.user, Decode(address.substr(0, at)));
    address.remove_prefix(at + 1);
  }
  // The brackets of an IPv6 address hold colons of their own.
  const size_t colon = address.rfind(':');
  if (colon != absl::string_view::npos && address.find(']', colon) == absl::string_view::npos) {
    if (!absl::SimpleAtoi(address.substr(colon + 1), &postgres.port) || postgres.port - 1 >= 65535)
      return BadUrl("has a port that is no number from 1 to 65535");
    address = address.substr(0, colon);
  }
  if (absl::ConsumePrefix(&address, "[")) absl::ConsumeSuffix(&address, "]");
  ASSIGN_OR_RETURN(postgres.host, Decode(address));
  ASSIGN_OR_RETURN(postgres.database, Decode(path.second));
  bool tls_named = false;
  RETURN_IF_ERROR(ReadParameters(query.second, &postgres, tables, &tls_named));
  if (postgres.user.empty()) return BadUrl("names no user");
  if (postgres.host.empty()) return BadUrl("names no host");
  if (postgres.database.empty()) return BadUrl("names no database");
  if (PairIncomplete(postgres)) return BadUrl("needs cert_file and key_file together");
  if (!tls_named) postgres.tls = DefaultTls(postgres.host);
  return postgres;
}

}  // namespace

absl::StatusOr<DestinationConfig> ReadDestination(const std::string& name, const YAML::Node& node,
                                                  const std::string& file, const Config& config) {
  std::vector<std::string> keys = KeysOfTypes();
  keys.insert(keys.end(), {"type", "source", "tables", "interval", "columns"});
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, name, keys));
  DestinationConfig destination;
  destination.name = name;
  size_t type = 0;
  RETURN_IF_ERROR(reader.Require("type"));
  RETURN_IF_ERROR(reader.Choice("type", {"sqlite", "postgres", "snowflake", "sqlserver"}, &type));
  if (type == 0) {
    RETURN_IF_ERROR(reader.NeedsAndForbids("sqlite", {"path"}, Others({"path"})));
    RETURN_IF_ERROR(reader.Text("path", &destination.path));
  } else if (type == 2) {
    destination.type = DestinationType::kSnowflake;
    destination.interval = kSnowflakeInterval;
    RETURN_IF_ERROR(ReadSnowflake(reader, &destination.snowflake));
  } else if (type == 3) {
    destination.type = DestinationType::kSqlserver;
    RETURN_IF_ERROR(
        reader.NeedsAndForbids("sqlserver", {"host", "database", "user"}, Others(SqlserverKeys())));
    RETURN_IF_ERROR(ReadSqlserver(reader, &destination.sqlserver));
  } else {
    destination.type = DestinationType::kPostgres;
    RETURN_IF_ERROR(ReadPostgres(reader, &destination.postgres));
  }
  size_t tables = 0;
  RETURN_IF_ERROR(reader.Choice("tables", TableChoices(), &tables));
  destination.tables = static_cast<TableNames>(tables);
  RETURN_IF_ERROR(reader.Span("interval", &destination.interval));
  if (reader.Has("columns")) {
    ASSIGN_OR_RETURN(destination.columns, ReadColumns(reader.Child("columns"), file));
  }
  RETURN_IF_ERROR(reader.Text("source", &destination.source));
  if (destination.source.empty()) {
    if (config.sources.size() > 1) return reader.Error("source", "is needed: the file names several sources");
  } else if (config.sources.count(destination.source) == 0) {
    return reader.Error("source",
                        absl::StrCat("names '", destination.source, "', which is not among the sources"));
  }
  return destination;
}

absl::StatusOr<DestinationConfig> ParseDestination(const std::string& text, const Config& config) {
  const auto named = config.destinations.find(text);
  if (named != config.destinations.end()) return named->second;
  DestinationConfig destination;
  destination.name = text;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "sqlite:")) {
    constexpr absl::string_view kTables = "?tables=";
    if (const size_t at = rest.rfind(kTables); at != absl::string_view::npos) {
      ASSIGN_OR_RETURN(destination.tables, ParseTables(rest.substr(at + kTables.size())));
      rest = rest.substr(0, at);
    }
    if (rest.empty())
      return absl::InvalidArgumentError("destination 'sqlite:' names no file; write sqlite:FILE");
    destination.path = std::string(rest);
    return destination;
  }
  if (absl::ConsumePrefix(&rest, "postgresql://") || absl::ConsumePrefix(&rest, "postgres://")) {
    destination.type = DestinationType::kPostgres;
    ASSIGN_OR_RETURN(destination.postgres, ParsePostgresUrl(rest, &destination.tables));
    return destination;
  }
  if (absl::ConsumePrefix(&rest, "snowflake://")) {
    destination.type = DestinationType::kSnowflake;
    destination.interval = kSnowflakeInterval;
    ASSIGN_OR_RETURN(destination.snowflake,
                     ParseSnowflakeUrl(rest, &destination.interval, &destination.tables));
    return destination;
  }
  if (absl::ConsumePrefix(&rest, "sqlserver:")) {
    destination.type = DestinationType::kSqlserver;
    ASSIGN_OR_RETURN(destination.sqlserver, ParseSqlserverString(rest, &destination.tables));
    return destination;
  }
  std::vector<std::string> names;
  for (const auto& [name, unused] : config.destinations) names.push_back(name);
  std::string hint = DidYouMean(text, names);
  if (hint.empty()) {
    hint = absl::StrCat("; write sqlite:FILE, ", kPostgresForm, ", ", kSnowflakeForm, " or ", kSqlserverForm,
                        names.empty() ? "" : absl::StrCat(", or one of ", absl::StrJoin(names, ", ")));
  }
  // What follows may be a password.
  const std::string shown = text.substr(0, std::min(text.find("://"), text.find('=')));
  return absl::InvalidArgumentError(absl::StrCat("unknown destination '", shown, "'", hint));
}

}  // namespace penstock
