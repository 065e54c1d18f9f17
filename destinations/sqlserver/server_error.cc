// SPDX-License-Identifier: Apache-2.0
#include "destinations/sqlserver/server_error.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/odbc_string.h"
#include "destinations/sqlserver/sql_text.h"

namespace penstock::destinations::sqlserver {
namespace {

// https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
constexpr char kNativePayload[] = "penstock/sqlserver-error";
constexpr char kStatePayload[] = "penstock/sqlstate";
constexpr char kWordsPayload[] = "penstock/server-words";
constexpr char kAgain[] = "; loading will be tried again";
constexpr int kRaised = 50'000;  // by THROW or RAISERROR of a trigger: from here on

bool Among(int native, std::initializer_list<int> numbers) {
  return std::find(numbers.begin(), numbers.end(), native) != numbers.end();
}

std::string Payload(const absl::Status& status, const char* name) {
  const absl::optional<absl::Cord> payload = status.GetPayload(name);
  return payload.has_value() ? std::string(*payload) : std::string();
}

// One line, without "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]" and the last full stop.
std::string Words(absl::string_view message) {
  while (absl::StartsWith(message, "[")) {
    const size_t end = message.find(']');
    if (end == absl::string_view::npos) break;
    message.remove_prefix(end + 1);
  }
  std::string words(absl::StripAsciiWhitespace(message));
  words = absl::StrReplaceAll(words, {{"\r", " "}, {"\n", " "}});
  while (absl::EndsWith(words, ".")) words.pop_back();
  return words;
}

// The numbers of FreeTDS's own words.
bool OfFreeTds(int native) { return native >= 20'000 && native < 20'100; }

// The server's first word counts more than what the driver makes of it: "Unable to connect to data source".
const Diagnostic& Deciding(const std::vector<Diagnostic>& diagnostics) {
  const auto of_server = [](const Diagnostic& one) {
    return one.native > 0 && !OfFreeTds(one.native) && !absl::StartsWith(one.sql_state, "01");
  };
  const auto found = std::find_if(diagnostics.begin(), diagnostics.end(), of_server);
  return found == diagnostics.end() ? diagnostics.front() : *found;
}

std::string PasswordAdvice(const SqlserverConfig& config) {
  return config.password_file.empty() ? std::string("name a password_file")
                                      : absl::StrCat("put the right one into ", config.password_file);
}

std::string OnSchema(const SqlserverConfig& config) {
  return absl::StrCat("SCHEMA::", QuoteName(config.schema), " TO ", QuoteName(config.user));
}

absl::Status LoginError(const SqlserverConfig& config, int native, const std::string& text) {
  const std::string login = QuoteName(config.user);
  if (native == 18470 || native == 18486) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; the login is ", native == 18470 ? "disabled" : "locked", ": ALTER LOGIN ",
                     login, native == 18470 ? " ENABLE" : " WITH PASSWORD = '..' UNLOCK"));
  }
  if (native == 18487 || native == 18488) {
    return absl::PermissionDeniedError(absl::StrCat(
        text, "; give the login a new password that does not expire: ALTER LOGIN ", login,
        " WITH PASSWORD = '..', CHECK_EXPIRATION = OFF, and put it into ", config.password_file));
  }
  return absl::PermissionDeniedError(absl::StrCat(text, "; the password is wrong or there is no login '",
                                                  config.user,
                                                  "' that may come in: ", PasswordAdvice(config)));
}

// What the driver or unixODBC found wrong, before the server said anything.
absl::Status ClientError(const SqlserverConfig& config, const Diagnostic& one, const std::string& text) {
  const std::string small = absl::AsciiStrToLower(one.message);
  const auto says = [&](absl::string_view part) { return absl::StrContains(small, part); };
  if (one.sql_state == "IM002" || one.sql_state == "IM003" || says("can't open lib")) {
    return absl::NotFoundError(absl::StrCat(
        text,
        "; install the ODBC driver, and name it as `odbcinst -q -d` lists it (or a data source as `odbcinst "
        "-q -s` does)"));
  }
  if (says("certificate") || says("ssl") || says("tls") || says("encrypt")) {
    return absl::PermissionDeniedError(
        absl::StrCat(text,
                     "; TLS did not come about: let this machine trust the CA that signed the server's "
                     "certificate, connect by a name that the certificate holds, or look at tls"));
  }
  return absl::UnavailableError(
      absl::StrCat(text, "; start the server, or correct host '", config.host, "' and port", kAgain));
}

absl::Status StatementError(const SqlserverConfig& config, int native, const std::string& text,
                            absl::string_view words) {
  if (native == 208 && absl::StrContains(absl::AsciiStrToLower(words), "openjson")) {
    return absl::FailedPreconditionError(
        absl::StrCat(text, "; the database behaves as an older version: ALTER DATABASE ",
                     QuoteName(config.database), " SET COMPATIBILITY_LEVEL = 130"));
  }
  if (Among(native, {229, 230, 262, 297, 300, 371, 378, 2104, 2760, 15151, 15247})) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; as its owner: GRANT SELECT, INSERT, UPDATE, DELETE, ALTER ON ",
                     OnSchema(config), " and GRANT CREATE TABLE TO ", QuoteName(config.user)));
  }
  if (Among(native, {207, 208, 213, 4902, 4924})) {
    return absl::NotFoundError(absl::StrCat(
        text, "; the tables were changed under the load: they are completed when it starts again"));
  }
  if (Among(native, {1101, 1105, 9002, 1104, 3257, 40544})) {
    return absl::ResourceExhaustedError(
        absl::StrCat(text, "; the disk, the database or its log is full: make room, loading then goes on"));
  }
  if (native == 1222) {
    return absl::UnavailableError(
        absl::StrCat(text, "; somebody else holds the tables of schema '", config.schema, "'", kAgain));
  }
  if (Among(native, {3906, 3908, 976, 978, 983})) {
    return absl::UnavailableError(absl::StrCat(text, "; the database only reads: name the primary", kAgain));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(text, "; the tables of schema '", config.schema,
                   "' cannot take these rows: remove what refuses them, or name another schema"));
}

// Deadlocks, shortage of memory, locks or workers, a restart, a failover, a busy Azure.
bool Passes(int native) {
  return Among(native, {64,    233,   701,   802,   921,   922,   923,   924,   927,   942,   945,
                        1204,  1205,  1221,  3960,  3961,  4221,  6005,  8645,  8651,  8628,  10053,
                        10054, 10060, 10928, 10929, 17142, 17197, 17830, 17809, 40143, 40197, 40501,
                        40613, 49918, 49919, 49920, 41301, 41302, 41305, 41325, 41839});
}

absl::Status Judge(const SqlserverConfig& config, const Diagnostic& one, const std::string& words) {
  const std::string text = absl::StrCat(Place(config), ": ", words);
  if (Among(one.native, {18452, 18456, 18461, 18470, 18486, 18487, 18488}))
    return LoginError(config, one.native, text);
  if (Among(one.native, {4060, 911, 4064})) {
    return absl::NotFoundError(absl::StrCat(text, "; create the database '", config.database,
                                            "', correct its name, or let the login in: CREATE USER ",
                                            QuoteName(config.user), " FOR LOGIN ", QuoteName(config.user)));
  }
  if (one.native == 916) {
    return absl::PermissionDeniedError(absl::StrCat(text, "; in database '", config.database,
                                                    "': CREATE USER ", QuoteName(config.user), " FOR LOGIN ",
                                                    QuoteName(config.user)));
  }
  if (Among(one.native, {40615, 40914, 40532})) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; the server's firewall does not let this machine in: add its address"));
  }
  if (Passes(one.native)) return absl::UnavailableError(absl::StrCat(text, kAgain));
  const absl::string_view family = absl::string_view(one.sql_state).substr(0, 2);
  // Microsoft's driver gives the errno of a socket.
  if (one.native <= 0 || family == "08" || family == "IM" || OfFreeTds(one.native)) {
    return ClientError(config, one, text);
  }
  if (absl::StartsWith(one.sql_state, "HYT")) return absl::UnavailableError(absl::StrCat(text, kAgain));
  return StatementError(config, one.native, text, words);
}

}  // namespace

std::string Place(const SqlserverConfig& config) {
  if (config.host.empty()) {
    const absl::StatusOr<OdbcPairs> pairs = ParseOdbcString(config.connection);
    return absl::StrCat("sqlserver:DSN=", pairs.ok() ? OdbcValue(*pairs, {"DSN"}) : "");
  }
  return absl::StrCat("sqlserver://", config.user, config.user.empty() ? "" : "@", config.host,
                      config.database.empty() ? "" : "/", config.database);
}

absl::Status ServerError(const SqlserverConfig& config, const std::vector<Diagnostic>& diagnostics) {
  static const auto* const nothing = new Diagnostic{"HY000", 0, "the ODBC driver gives no reason"};
  const Diagnostic& one = diagnostics.empty() ? *nothing : Deciding(diagnostics);
  const std::string words = Words(one.message);
  absl::Status status = Judge(config, one, words);
  status.SetPayload(kNativePayload, absl::Cord(absl::StrCat(one.native)));
  status.SetPayload(kStatePayload, absl::Cord(one.sql_state));
  status.SetPayload(kWordsPayload, absl::Cord(words));
  return status;
}

int NativeError(const absl::Status& status) {
  int native = 0;
  return absl::SimpleAtoi(Payload(status, kNativePayload), &native) ? native : 0;
}

std::string SqlState(const absl::Status& status) { return Payload(status, kStatePayload); }

std::string ServerWords(const absl::Status& status) { return Payload(status, kWordsPayload); }

bool IsTransient(const absl::Status& status) { return Among(NativeError(status), {1205, 2601, 2627, 3960}); }

bool MayBlameARow(const absl::Status& status) {
  const int native = NativeError(status);
  // Of a foreign key, which has the same number as a check, the row that lacks is another one.
  if (native == 547) return absl::StrContains(ServerWords(status), "CHECK constraint");
  // Truncation, conversion, overflow, a key or a row that is too long, a duplicate in another unique column.
  return native >= kRaised || Among(native, {220, 241, 242, 245, 248, 295, 296, 511, 1946, 2601, 2627, 2628,
                                             8114, 8115, 8152, 8169});
}

}  // namespace penstock::destinations::sqlserver
