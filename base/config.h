// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/endpoint.h"

namespace penstock {

// The one file that configures all processes alike. Secrets are never in it: only the names of their files.

enum class AuthType { kNone, kApiKey, kOauth };

struct AuthConfig {
  AuthType type = AuthType::kNone;
  std::string api_key_file;
  bool bearer = true;  // false: the key stands alone in the Authorization header
  std::string client_id_file;
  std::string client_secret_file;
  std::string token_url;  // empty: /oauth/v1/token of the source's origin
};

struct HttpConfig {
  std::string proxy;    // empty: the environment's (https_proxy, no_proxy)
  std::string ca_file;  // empty: the system's
};

// Requests in any 60 s. The vendor allows 60; a sandbox or a special agreement may allow more.
inline constexpr uint32_t kMaxPerMinute = 60'000;
struct BudgetConfig {
  uint32_t per_minute = 60;
  uint32_t users_per_minute = 30;
  double backfill_share = 0.2;  // of the permits that a backfill and others wait for
};
// The users' share when nobody sets it: half, at least one.
uint32_t DefaultUsersPerMinute(uint32_t per_minute);

// When syncs begin by themselves: a cron expression in a named time zone, checked (schedule.h).
struct SyncConfig {
  std::string schedule = "0 7 * * *";
  std::string time_zone = "UTC";
};

// When something is worth an alarm.
struct AlarmConfig {
  absl::Duration forgotten_within = absl::Hours(24 * 10);  // the source forgets a day that is not covered
  absl::Duration no_batch_within = absl::Hours(72);        // nothing newer came
};

struct SourceConfig {
  std::string name;
  std::string url;  // ends in /records, without a trailing slash
  AuthConfig auth;
  BudgetConfig budget;
  absl::Duration retention = absl::Hours(24 * 30);
  absl::Duration publication_lag = absl::Hours(48);
  std::optional<SyncConfig> sync;        // empty: only when somebody asks
  std::vector<Endpoint> sync_endpoints;  // of the command line, not of the file; empty: all
  AlarmConfig alarms;
  std::string heartbeat_url;  // called after each complete sync; empty: nobody is called
  HttpConfig http;
};

enum class DestinationType { kSqlite, kPostgres, kSnowflake, kSqlserver };

// What the connection to a PostgreSQL server must be (libpq's sslmode of the same name).
enum class TlsMode { kDisable, kPrefer, kRequire, kVerifyCa, kVerifyFull };

struct PostgresConfig {
  std::string host;  // a name, an address, or the folder of a Unix socket (begins with '/')
  uint32_t port = 5432;
  std::string database;
  std::string schema = "data_api";
  std::string user;
  std::string password_file;  // empty: the server asks for none
  TlsMode tls = TlsMode::kVerifyFull;
  std::string ca_file;    // empty: the system's
  std::string cert_file;  // the client's certificate, and its key
  std::string key_file;
};

// Whose names the tables and columns have: the vendor's guide, or the vendor's script.
enum class TableNames { kGuide, kVendor };

// Names as in SQL: in capitals unless they stand in double quotes.
struct SnowflakeConfig {
  std::string account;  // as people name it: "ORG-ACCOUNT", "xy12345.eu-central-1" (snowflake_account.h)
  std::string database;
  std::string schema = "DATA_API";
  std::string user;
  std::string role;
  std::string warehouse;
  std::string private_key_file;             // PEM
  std::string private_key_passphrase_file;  // empty: the key is not encrypted
  std::string url;                          // in the file: for a private link; once read, always whom to ask
  std::string proxy;                        // empty: the environment's
  std::string ca_file;                      // empty: the system's
};
// So that a Snowflake warehouse, paid by the minute, can sleep between.
inline constexpr absl::Duration kSnowflakeInterval = absl::Minutes(10);

// One of the words of `columns`, "users.EMAIL_ADDR", and where it stands: "penstock.yaml:31: key 'drop'".
struct ColumnName {
  Endpoint endpoint = Endpoint::kUsers;
  std::string column;
  std::string place;
};
// What a destination is not to hold as it is.
struct ColumnsConfig {
  std::vector<ColumnName> drop;  // stay empty
  std::vector<ColumnName> hash;  // a keyed hash in the place of the text
  std::string hash_key_file;
};

// Whatever the configuration says of the connection stands in one ODBC connection string (config_sqlserver.h).
struct SqlserverConfig {
  std::string connection;  // without a password
  std::string schema = "data_api";
  std::string password_file;  // empty: the server asks for none (Kerberos)
  // Of the connection, for people; empty where a data source (DSN) has them.
  std::string host;
  std::string database;
  std::string user;
};

struct DestinationConfig {
  std::string name;
  std::string source;  // empty: the only one
  DestinationType type = DestinationType::kSqlite;
  TableNames tables = TableNames::kGuide;
  ColumnsConfig columns = {};
  std::string path;  // sqlite: the file
  PostgresConfig postgres;
  SnowflakeConfig snowflake;
  SqlserverConfig sqlserver;
  // While a job runs, a load begins so long after the last one at the earliest; when none runs, at once.
  absl::Duration interval = absl::ZeroDuration();
};

// Copies of the store that the coordinator makes.
struct BackupConfig {
  std::string dir;
  uint32_t keep = 7;
  absl::Duration every = absl::ZeroDuration();  // zero: only when somebody asks
  absl::Duration max_age = absl::Hours(48);     // of the newest one, before it is an alarm
};

// The certificate that a process shows, its key, and the authorities whose certificates it believes: PEM files, read
// again when they change. All three or none.
struct TlsConfig {
  std::string cert_file;
  std::string key_file;
  std::string ca_file;

  bool given() const { return !cert_file.empty() || !key_file.empty() || !ca_file.empty(); }
};

// What the holder of a certificate may do at a coordinator (coordinator/access.h).
enum class AccessRole { kWorker, kViewer, kAdmin };
struct AccessConfig {
  AccessRole role = AccessRole::kViewer;
  std::set<std::string> sources;  // kWorker only: whose windows and loads it may have
};

// What a company's metrics have of their own (metrics/own_settings.h).
struct MetricsConfig {
  struct Setting {
    std::vector<std::string> items;  // of a map: "Grant Software Access=0.5"
    std::string place;               // where it stands: "penstock.yaml:31: key 'hours'"
  };
  std::string time_zone;  // of the days; empty: UTC
  std::string time_zone_place;
  std::map<std::string, Setting> settings;  // by the name of a parameter
  std::string segments_file;                // CSV: user_id or email, segment; empty: nobody is in one
};

struct Config {
  std::string state;
  std::optional<BackupConfig> backup;
  std::string coordinator;  // HOST:PORT, for workers and the CLI; empty: the file does not say
  TlsConfig tls;
  std::map<std::string, AccessConfig> access;  // by a name of the certificate: a URI or a DNS name
  std::map<std::string, SourceConfig> sources;
  std::map<std::string, DestinationConfig> destinations;
  MetricsConfig metrics;
};

// Reads and checks a whole file. INVALID_ARGUMENT begins with "FILE:LINE: " and names the key and the valid
// choices; NOT_FOUND when the file cannot be read.
absl::StatusOr<Config> LoadConfig(const std::string& path);
absl::StatusOr<Config> ParseConfig(const std::string& yaml, const std::string& file_name);

// "sqlite:FILE", "postgresql://..", "snowflake://.." or "sqlserver:.." (which is then its name too), or the name of a
// destination in `config`. INVALID_ARGUMENT names the word and the known types, and never repeats a password.
absl::StatusOr<DestinationConfig> ParseDestination(const std::string& text, const Config& config);

// https, or http on loopback only; no user, query or fragment; ends in /records. Returned without a trailing
// slash.
absl::StatusOr<std::string> CheckSourceUrl(const std::string& url);

// A complete file with comments, which LoadConfig accepts.
std::string ExampleConfig();

}  // namespace penstock
