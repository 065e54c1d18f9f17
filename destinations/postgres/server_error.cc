// SPDX-License-Identifier: Apache-2.0
#include "destinations/postgres/server_error.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace penstock::destinations::postgres {
namespace {

// https://www.postgresql.org/docs/15/errcodes-appendix.html
constexpr char kSqlStatePayload[] = "penstock/sqlstate";
constexpr char kWordsPayload[] = "penstock/server-words";
constexpr char kAgain[] = "; loading will be tried again";

// The five letters after the severity, in "FATAL:  28P01: password ...". The last one, because libpq may have
// tried with TLS and without.
std::string FindSqlState(absl::string_view message) {
  std::string found;
  for (absl::string_view severity : {"FATAL:  ", "ERROR:  ", "PANIC:  "}) {
    const size_t at = message.rfind(severity);
    if (at == absl::string_view::npos) continue;
    const absl::string_view rest = message.substr(at + severity.size());
    if (rest.size() > 5 && rest[5] == ':') found = std::string(rest.substr(0, 5));
  }
  // Another language has another word for FATAL, but the form stays.
  for (size_t i = 3; found.empty() && i + 6 < message.size(); ++i) {
    if (message.substr(i - 3, 3) != ":  " || message[i + 5] != ':') continue;
    bool letters = true;
    for (char c : message.substr(i, 5)) letters &= absl::ascii_isdigit(c) || absl::ascii_isupper(c);
    if (letters) found = std::string(message.substr(i, 5));
  }
  return found;
}

// One line, without the part that repeats host and port: of several addresses that were tried, the last.
std::string Words(absl::string_view message) {
  constexpr absl::string_view kFailed = " failed: ";
  if (const size_t at = message.rfind(kFailed); at != absl::string_view::npos) {
    message.remove_prefix(at + kFailed.size());
  }
  return std::string(absl::StripAsciiWhitespace(message.substr(0, message.find('\n'))));
}

std::string PasswordAdvice(const PostgresConfig& config) {
  return config.password_file.empty() ? std::string("name a password_file")
                                      : absl::StrCat("put the right one into ", config.password_file);
}

// What libpq itself found wrong, before the server said anything.
absl::Status ClientError(const PostgresConfig& config, absl::string_view message) {
  const std::string text = absl::StrCat(Place(config), ": ", Words(message));
  const auto says = [&](absl::string_view part) { return absl::StrContains(message, part); };
  if (says("no password supplied")) {
    return absl::PermissionDeniedError(absl::StrCat(text, "; the server wants a password of role '",
                                                    config.user, "': name a password_file"));
  }
  if (says("does not match host name")) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; connect by a name that the server's certificate holds, or set tls: verify-ca"));
  }
  if (says("certificate verify failed") || says("root certificate")) {
    return absl::PermissionDeniedError(absl::StrCat(
        text, "; the server's certificate cannot be verified: name the CA that signed it as ca_file"));
  }
  if (says("server does not support SSL")) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; switch TLS on at the server, or set tls: disable if the way to it is safe"));
  }
  if (says("certificate") || says("private key") || says("SSL error") || says("alert")) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; TLS did not come about: look at tls, ca_file, cert_file and key_file"));
  }
  if (says("could not translate host name")) {
    return absl::UnavailableError(absl::StrCat(text, "; correct the host '", config.host, "', or the DNS"));
  }
  return absl::UnavailableError(absl::StrCat(text, "; start the server, or correct the host '", config.host,
                                             "' and the port ", config.port));
}

std::string Payload(const absl::Status& status, const char* name) {
  const absl::optional<absl::Cord> payload = status.GetPayload(name);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace

std::string Place(const PostgresConfig& config) {
  const bool brackets = absl::StrContains(config.host, ":") || absl::StartsWith(config.host, "/");
  return absl::StrCat("postgresql://", config.user, "@", brackets ? "[" : "", config.host,
                      brackets ? "]" : "", ":", config.port, "/", config.database);
}

absl::Status ConnectError(const PostgresConfig& config, absl::string_view message) {
  const std::string state = FindSqlState(message);
  if (state.empty()) return ClientError(config, message);
  const std::string words = Words(message);
  const size_t own = words.find(state);  // behind severity and SQLSTATE
  const std::string text = absl::StrCat(
      Place(config), ": ", own == std::string::npos ? words : words.substr(own + state.size() + 2));
  if (state == "28P01") {
    return absl::PermissionDeniedError(absl::StrCat(text, "; the password is wrong or there is no role '",
                                                    config.user, "': ", PasswordAdvice(config)));
  }
  if (state == "28000") {
    return absl::PermissionDeniedError(absl::StrCat(
        text, "; the server does not let role '", config.user,
        "' in from here: create the role, allow it in pg_hba.conf, or give it the certificate it wants"));
  }
  if (state == "3D000") {
    return absl::NotFoundError(
        absl::StrCat(text, "; create the database '", config.database, "', or correct its name"));
  }
  if (state == "42501") {
    return absl::PermissionDeniedError(absl::StrCat(text, "; as its owner: GRANT CONNECT ON DATABASE \"",
                                                    config.database, "\" TO \"", config.user, "\""));
  }
  return absl::UnavailableError(absl::StrCat(text, kAgain));
}

absl::Status StatementError(const PostgresConfig& config, absl::string_view sql_state,
                            absl::string_view message) {
  const std::string text = absl::StrCat(Place(config), ": ", message);
  const absl::string_view family = sql_state.substr(0, 2);
  absl::Status status;
  if (sql_state == "42501") {
    status = absl::PermissionDeniedError(
        absl::StrCat(text, "; as its owner: GRANT USAGE, CREATE ON SCHEMA \"", config.schema, "\" TO \"",
                     config.user, "\" and GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"",
                     config.schema, "\" TO \"", config.user, "\""));
  } else if (sql_state == "3F000") {
    status = absl::NotFoundError(absl::StrCat(text, "; create the schema '", config.schema, "'"));
  } else if (sql_state == "42P01" || sql_state == "42703" || sql_state == "42P10") {
    status = absl::NotFoundError(absl::StrCat(
        text, "; the tables were changed under the load: they are completed when it starts again"));
  } else if (sql_state == "53100") {
    status = absl::ResourceExhaustedError(
        absl::StrCat(text, "; the server's disk is full: make room, loading then goes on"));
  } else if (sql_state == "55P03") {
    status = absl::UnavailableError(
        absl::StrCat(text, "; somebody else holds the tables of schema '", config.schema, "'", kAgain));
  } else if (sql_state == "25006") {
    status = absl::UnavailableError(absl::StrCat(text, "; the server only reads: name the primary", kAgain));
  } else if (sql_state.empty() || family == "08" || family == "53" || family == "57" || family == "40" ||
             family == "58") {
    status = absl::UnavailableError(absl::StrCat(text, kAgain));
  } else {
    status = absl::FailedPreconditionError(
        absl::StrCat(text, "; the tables of schema '", config.schema,
                     "' cannot take these rows: remove what refuses them, or name another schema"));
  }
  status.SetPayload(kSqlStatePayload, absl::Cord(sql_state));
  status.SetPayload(kWordsPayload, absl::Cord(message));
  return status;
}

std::string SqlState(const absl::Status& status) { return Payload(status, kSqlStatePayload); }

std::string ServerWords(const absl::Status& status) { return Payload(status, kWordsPayload); }

bool MayBlameARow(const absl::Status& status) {
  const std::string state = SqlState(status);
  // A column of somebody else's that must be filled, and a row that another table lacks, are the table's way.
  if (state == "23502" || state == "23503") return false;
  const std::string family = state.substr(0, 2);
  return family == "22" || family == "23" || family == "54" || state == "P0001";
}

}  // namespace penstock::destinations::postgres
