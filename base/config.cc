// SPDX-License-Identifier: Apache-2.0
#include "base/config.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/config_destination.h"
#include "base/config_metrics.h"
#include "base/config_reader.h"
#include "base/config_tls.h"
#include "base/schedule.h"
#include "base/source_url.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

// Names become parts of keys, labels and table names.
bool IsName(absl::string_view name) {
  for (char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_' && c != '-') return false;
  }
  return !name.empty() && name.size() <= 63;
}

absl::Status CheckName(const ConfigReader& reader, const std::string& name) {
  if (IsName(name)) return absl::OkStatus();
  return reader.Error(name, "is not a name; write 1 to 63 small letters, digits, '-' or '_'");
}

absl::StatusOr<AuthConfig> ReadAuth(const YAML::Node& node, const std::string& file) {
  const std::vector<std::string> keys = {"type",           "api_key_file",       "scheme",
                                         "client_id_file", "client_secret_file", "token_url"};
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "auth", keys));
  AuthConfig auth;
  size_t type = 0;
  size_t scheme = 0;
  RETURN_IF_ERROR(reader.Require("type"));
  RETURN_IF_ERROR(reader.Choice("type", {"api_key", "oauth"}, &type));
  RETURN_IF_ERROR(reader.Choice("scheme", {"bearer", "raw"}, &scheme));
  RETURN_IF_ERROR(reader.Text("api_key_file", &auth.api_key_file));
  RETURN_IF_ERROR(reader.Text("client_id_file", &auth.client_id_file));
  RETURN_IF_ERROR(reader.Text("client_secret_file", &auth.client_secret_file));
  RETURN_IF_ERROR(reader.Text("token_url", &auth.token_url));
  auth.bearer = scheme == 0;
  if (type == 0) {
    auth.type = AuthType::kApiKey;
    RETURN_IF_ERROR(reader.NeedsAndForbids("api_key", {"api_key_file"},
                                           {"client_id_file", "client_secret_file", "token_url"}));
  } else {
    auth.type = AuthType::kOauth;
    RETURN_IF_ERROR(reader.NeedsAndForbids("oauth", {"client_id_file", "client_secret_file"},
                                           {"api_key_file", "scheme"}));
  }
  if (!auth.token_url.empty()) {
    const absl::StatusOr<UrlParts> url = ParseHttpUrl(auth.token_url);
    if (!url.ok()) return reader.Error("token_url", url.status().message());
  }
  return auth;
}

absl::StatusOr<BudgetConfig> ReadBudget(const YAML::Node& node, const std::string& file) {
  const std::vector<std::string> keys = {"per_minute", "users_per_minute", "backfill_share"};
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "budget", keys));
  BudgetConfig budget;
  RETURN_IF_ERROR(reader.Number("per_minute", 1, kMaxPerMinute, &budget.per_minute));
  budget.users_per_minute = DefaultUsersPerMinute(budget.per_minute);
  RETURN_IF_ERROR(reader.Number("users_per_minute", 1, budget.per_minute, &budget.users_per_minute));
  RETURN_IF_ERROR(reader.Share("backfill_share", 0.05, 0.95, &budget.backfill_share));
  return budget;
}

absl::StatusOr<HttpConfig> ReadHttp(const YAML::Node& node, const std::string& file) {
  const std::vector<std::string> keys = {"proxy", "ca_file"};
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "http", keys));
  HttpConfig http;
  RETURN_IF_ERROR(reader.Text("proxy", &http.proxy));
  RETURN_IF_ERROR(reader.Text("ca_file", &http.ca_file));
  return http;
}

absl::StatusOr<SyncConfig> ReadSync(const YAML::Node& node, const std::string& file) {
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "sync", {"schedule", "time_zone"}));
  SyncConfig sync;
  RETURN_IF_ERROR(reader.Text("schedule", &sync.schedule));
  RETURN_IF_ERROR(reader.Text("time_zone", &sync.time_zone));
  if (const auto zone = Schedule::Parse("* * * * *", sync.time_zone); !zone.ok()) {
    return reader.Error("time_zone", zone.status().message());
  }
  const auto schedule = Schedule::Parse(sync.schedule, sync.time_zone);
  if (!schedule.ok()) return reader.Error("schedule", schedule.status().message());
  return sync;
}

absl::StatusOr<AlarmConfig> ReadAlarms(const YAML::Node& node, const std::string& file) {
  const std::vector<std::string> keys = {"forgotten_within", "no_batch_within"};
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "alarms", keys));
  AlarmConfig alarms;
  RETURN_IF_ERROR(reader.Span("forgotten_within", &alarms.forgotten_within));
  RETURN_IF_ERROR(reader.Span("no_batch_within", &alarms.no_batch_within));
  return alarms;
}

absl::StatusOr<BackupConfig> ReadBackup(const YAML::Node& node, const std::string& file) {
  ASSIGN_OR_RETURN(ConfigReader reader,
                   ConfigReader::Of(node, file, "backup", {"dir", "keep", "every", "max_age"}));
  BackupConfig backup;
  RETURN_IF_ERROR(reader.Require("dir"));
  RETURN_IF_ERROR(reader.Text("dir", &backup.dir));
  RETURN_IF_ERROR(reader.Number("keep", 1, 1000, &backup.keep));
  RETURN_IF_ERROR(reader.Span("every", &backup.every));
  // One that is late is no alarm yet.
  if (reader.Has("every")) backup.max_age = 2 * backup.every;
  RETURN_IF_ERROR(reader.Span("max_age", &backup.max_age));
  if (backup.max_age < backup.every)
    return reader.Error("max_age", "is shorter than 'every': it would always stand");
  return backup;
}

absl::StatusOr<SourceConfig> ReadSource(const std::string& name, const YAML::Node& node,
                                        const std::string& file) {
  ASSIGN_OR_RETURN(ConfigReader reader,
                   ConfigReader::Of(node, file, name,
                                    {"url", "auth", "budget", "retention", "publication_lag", "alarms",
                                     "heartbeat_url", "sync", "http"}));
  SourceConfig source;
  source.name = name;
  RETURN_IF_ERROR(reader.Require("url"));
  RETURN_IF_ERROR(reader.Text("url", &source.url));
  const absl::StatusOr<std::string> url = CheckSourceUrl(source.url);
  if (!url.ok()) return reader.Error("url", url.status().message());
  source.url = *url;
  if (reader.Has("auth")) {
    ASSIGN_OR_RETURN(source.auth, ReadAuth(reader.Child("auth"), file));
  }
  if (reader.Has("budget")) {
    ASSIGN_OR_RETURN(source.budget, ReadBudget(reader.Child("budget"), file));
  }
  if (reader.Has("sync")) {
    ASSIGN_OR_RETURN(source.sync, ReadSync(reader.Child("sync"), file));
  }
  if (reader.Has("alarms")) {
    ASSIGN_OR_RETURN(source.alarms, ReadAlarms(reader.Child("alarms"), file));
  }
  RETURN_IF_ERROR(reader.Text("heartbeat_url", &source.heartbeat_url));
  // The URL itself is not repeated: its path is often a secret.
  if (!source.heartbeat_url.empty() && !ParseHttpUrl(source.heartbeat_url).ok()) {
    return reader.Error(
        "heartbeat_url",
        "is not a URL that begins with https:// (http:// only towards this machine), without user, "
        "password and fragment");
  }
  if (reader.Has("http")) {
    ASSIGN_OR_RETURN(source.http, ReadHttp(reader.Child("http"), file));
  }
  RETURN_IF_ERROR(reader.Span("retention", &source.retention));
  RETURN_IF_ERROR(reader.Span("publication_lag", &source.publication_lag));
  return source;
}

absl::StatusOr<Config> ReadConfig(const YAML::Node& root, const std::string& file) {
  const std::vector<std::string> keys = {"version", "state",   "backup",       "coordinator", "tls",
                                         "access",  "sources", "destinations", "metrics"};
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(root, file, "the file", keys));
  Config config;
  uint32_t version = 0;
  RETURN_IF_ERROR(reader.Require("version"));
  RETURN_IF_ERROR(reader.Number("version", 1, 1, &version));
  RETURN_IF_ERROR(reader.Text("state", &config.state));
  if (reader.Has("backup")) {
    ASSIGN_OR_RETURN(config.backup, ReadBackup(reader.Child("backup"), file));
  }
  RETURN_IF_ERROR(reader.Text("coordinator", &config.coordinator));
  if (!config.coordinator.empty() && !ParseHostPort(config.coordinator).ok()) {
    return reader.Error("coordinator", "is not HOST:PORT, for example coordinator.example.com:7417");
  }
  if (reader.Has("tls")) {
    ASSIGN_OR_RETURN(config.tls, ReadTls(reader.Child("tls"), file));
  }
  if (reader.Has("metrics")) {
    ASSIGN_OR_RETURN(config.metrics, ReadMetrics(reader.Child("metrics"), file));
  }
  // The file of somebody who only asks a coordinator needs no source.
  const bool only_asks = !reader.Has("sources") && !reader.Has("destinations") && !reader.Has("access");
  if (only_asks && !config.coordinator.empty()) return config;
  RETURN_IF_ERROR(reader.Require("sources"));
  ASSIGN_OR_RETURN(ConfigReader sources, ConfigReader::Of(reader.Child("sources"), file, "sources", {}));
  if (sources.keys().empty()) return reader.Error("sources", "names no source");
  for (const std::string& name : sources.keys()) {
    RETURN_IF_ERROR(CheckName(sources, name));
    ASSIGN_OR_RETURN(config.sources[name], ReadSource(name, sources.Child(name), file));
  }
  if (reader.Has("access")) {
    ASSIGN_OR_RETURN(config.access, ReadAccess(reader.Child("access"), file, config));
  }
  if (!reader.Has("destinations")) return config;
  ASSIGN_OR_RETURN(ConfigReader destinations,
                   ConfigReader::Of(reader.Child("destinations"), file, "destinations", {}));
  for (const std::string& name : destinations.keys()) {
    RETURN_IF_ERROR(CheckName(destinations, name));
    ASSIGN_OR_RETURN(config.destinations[name],
                     ReadDestination(name, destinations.Child(name), file, config));
  }
  return config;
}

}  // namespace

uint32_t DefaultUsersPerMinute(uint32_t per_minute) { return per_minute < 2 ? 1 : per_minute / 2; }

absl::StatusOr<Config> ParseConfig(const std::string& yaml, const std::string& file_name) {
  // yaml-cpp reports by exception; none may leave this function.
  try {
    return ReadConfig(YAML::Load(yaml), file_name);
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_name, ":", std::max(error.mark.line, 0) + 1, ": this is not YAML: ", error.msg));
  }
}

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(absl::StrCat(
        "config file ", path, " cannot be read, or is empty; `penstock config example` writes one"));
  }
  return ParseConfig(text.str(), path);
}

absl::StatusOr<std::string> CheckSourceUrl(const std::string& url) {
  ASSIGN_OR_RETURN(UrlParts parts, ParseHttpUrl(url));
  if (absl::StrContains(url, "?")) {
    return absl::InvalidArgumentError(
        absl::StrCat("URL '", url, "' has a query; leave out what begins with '?'"));
  }
  absl::string_view trimmed = url;
  while (absl::ConsumeSuffix(&trimmed, "/")) {
  }
  if (!absl::EndsWith(trimmed, "/records")) {
    return absl::InvalidArgumentError(absl::StrCat("URL '", url,
                                                   "' does not end in /records, for example "
                                                   "https://api.moveworks.ai/export/v1/records"));
  }
  return std::string(trimmed);
}

std::string ExampleConfig() {
  return R"(# One file for all processes of Penstock. Secrets are never in it: it names their files.
version: 1

# Where the coordinator keeps rows, jobs and windows. One directory belongs to one set of sources.
state: /var/lib/penstock
# Copies of it, on another volume: every so often (left out: only by `penstock backup`), the newest so many; an alarm
# when the newest one is older than max_age (twice `every` unless it is said).
# backup: {dir: /backup/penstock, every: 24h, keep: 7, max_age: 48h}

sources:
  acme:
    # Ends in /records; other regions have other hosts.
    url: https://api.moveworks.ai/export/v1/records
    # type api_key needs api_key_file, and takes scheme: bearer (the default) or raw (the key stands alone).
    auth: {type: oauth, client_id_file: /run/secrets/client_id, client_secret_file: /run/secrets/client_secret}
    # Requests in any 60 s. Users have a share of their own, half of it when left out. Syncs go before backfills, which
    # keep a share.
    budget: {per_minute: 60, users_per_minute: 30, backfill_share: 0.2}
    # How far back the source answers, and how late a day may still change.
    retention: 30d
    publication_lag: 48h
    # When new and changed records are read: minute, hour, day of month, month, day of week. Left out: never by itself.
    sync: {schedule: "0 7 * * *", time_zone: Europe/Berlin}
    # Alarms (penstock status): a day that is not covered has less left than this before the source forgets it; nothing
    # newer came for so long.
    alarms: {forgotten_within: 10d, no_batch_within: 72h}
    # Called (GET) after each complete sync, for a monitor that misses it when it stays away.
    # heartbeat_url: https://monitor.example.com/ping/some-secret-path
    # Both may be left out: then the environment's proxy and the system's certificates are used.
    # http: {proxy: "http://proxy:3128", ca_file: /etc/ssl/corp.pem}

# Between machines every process shows a certificate (docs/operating.md, Several machines). Left out: this machine only.
# coordinator: coordinator.example.com:7417
# tls: {cert_file: /run/tls/tls.crt, key_file: /run/tls/tls.key, ca_file: /run/tls/ca.crt}
# Who may do what, by a URI or DNS name of the certificate; a worker has the windows and loads of its sources only.
# access:
#   spiffe://example.com/penstock/worker: {role: worker, sources: [acme]}
#   spiffe://example.com/penstock/viewer: {role: viewer}
#   spiffe://example.com/penstock/admin: {role: admin}

destinations:
  warehouse:
    type: sqlite
    path: /var/lib/penstock/warehouse.db
    source: acme
    tables: guide  # or vendor: the names that the vendor's script gave tables and columns
    # What this warehouse is not to hold: dropped columns stay empty, hashed ones hold a keyed hash of their text.
    # columns: {drop: [users.EMAIL_ADDR], hash: [users.LAST_NAME], hash_key_file: /run/secrets/hash_key}
  # A PostgreSQL schema; it is made when the role may. tls: verify-full (the default away from this machine),
  # verify-ca, require, prefer or disable; ca_file, cert_file and key_file may be added.
  # pg: {type: postgres, source: acme, host: db.example.com, database: dwh, schema: data_api, user: penstock,
  #      password_file: /run/secrets/pg}
  # A schema of a Snowflake account, by a key pair. While a job runs it is loaded every 10 minutes, so that its
  # warehouse can sleep between; proxy, ca_file, private_key_passphrase_file and, for a private link, url may be added.
  # sf: {type: snowflake, source: acme, account: ORG-ACCOUNT, database: DWH, schema: DATA_API, user: PENSTOCK,
  #      role: LOADER, warehouse: LOAD_XS, private_key_file: /run/secrets/p8, interval: 10m}
  # A schema of a SQL Server database, through unixODBC; driver: Microsoft's unless another one is named. tls:
  # verify-full (the default away from this machine), require or disable.
  # ms: {type: sqlserver, source: acme, host: sql.example.com, database: dwh, schema: data_api, user: penstock,
  #      password_file: /run/secrets/ms, driver: ODBC Driver 18 for SQL Server}

# What a company's metrics have of their own (penstock metrics): the time zone of their days, names and hours in place
# of the defaults (penstock metrics show NAME lists what can be set), and who is in which segment, a CSV file with the
# columns user_id or email, and segment.
# metrics:
#   time_zone: Europe/Berlin
#   settings:
#     ticket_forms: [File IT Ticket, IT-Ticket erstellen]
#     hours: {Grant Software Access: 0.5}
#   segments: /etc/penstock/segments.csv
)";
}

}  // namespace penstock
