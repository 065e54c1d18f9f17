// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/server_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "destinations/snowflake/identifier.h"

namespace penstock::destinations::snowflake {
namespace {

constexpr char kCodePayload[] = "penstock/snowflake-code";
constexpr char kStatePayload[] = "penstock/sqlstate";
constexpr char kWordsPayload[] = "penstock/server-words";
constexpr char kAgain[] = "; loading will be tried again";

std::string Payload(const absl::Status& status, const char* name) {
  const absl::optional<absl::Cord> payload = status.GetPayload(name);
  return payload.has_value() ? std::string(*payload) : std::string();
}

std::string Grant(const SnowflakeConfig& config, absl::string_view right) {
  return absl::StrCat("GRANT ", right, " TO ROLE ", QuoteName(Identifier(config.role)));
}

std::string OnSchema(const SnowflakeConfig& config) {
  return absl::StrCat("SCHEMA ", QuoteName(Identifier(config.database)), ".",
                      QuoteName(Identifier(config.schema)));
}

// Of the login: https://community.snowflake.com/s/article/Error-codes, 3901xx and 3902xx.
absl::Status LoginError(const SnowflakeConfig& config, const std::string& text, const Answer& answer) {
  const std::string user = QuoteName(Identifier(config.user));
  if (answer.code == "390189" || answer.code == "390186") {
    return absl::PermissionDeniedError(absl::StrCat(
        text, "; correct the role '", config.role, "', or as its owner: ",
        Grant(config, "ROLE ").substr(0, 11), QuoteName(Identifier(config.role)), " TO USER ", user));
  }
  if (answer.code == "390101" || answer.code == "390102" || answer.code == "390106") {
    return absl::PermissionDeniedError(absl::StrCat(text, "; user '", config.user,
                                                    "' is locked or disabled: ALTER USER ", user,
                                                    " SET DISABLED = FALSE"));
  }
  if (answer.code == "390201" || answer.code == "390202") {
    return absl::NotFoundError(absl::StrCat(text, "; correct database '", config.database, "', schema '",
                                            config.schema, "' or warehouse '", config.warehouse,
                                            "', or let the role use them"));
  }
  if (answer.code == "390420" || answer.code == "390422" ||
      absl::StrContains(answer.message, "network policy")) {
    return absl::PermissionDeniedError(
        absl::StrCat(text, "; the account's network policy does not let this machine in: add its address"));
  }
  return absl::PermissionDeniedError(absl::StrCat(
      text, "; the key in ", config.private_key_file, " is not that of user '", config.user, "' of account ",
      config.account, ", or this machine's clock is wrong: ALTER USER ", user,
      " SET RSA_PUBLIC_KEY = '..' with what openssl rsa -in ", config.private_key_file, " -pubout prints"));
}

absl::Status StatementError(const SnowflakeConfig& config, const std::string& text, const Answer& answer) {
  const std::string& code = answer.code;
  if (code == "000606" || code == "002043" || code == "000607") {
    if (code == "000606" || absl::StrContains(answer.message, "arehouse")) {
      return absl::PermissionDeniedError(absl::StrCat(
          text, "; correct the warehouse '", config.warehouse, "', or as its owner: ",
          Grant(config, absl::StrCat("USAGE ON WAREHOUSE ", QuoteName(Identifier(config.warehouse))))));
    }
  }
  if (code == "003001" || answer.sql_state == "42501") {
    return absl::PermissionDeniedError(absl::StrCat(
        text, "; as the owner: ", Grant(config, absl::StrCat("USAGE, CREATE TABLE ON ", OnSchema(config))),
        " and ",
        Grant(config, absl::StrCat("SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN ", OnSchema(config)))));
  }
  if (code == "002003" || code == "002043" || code == "000904" || answer.sql_state == "02000" ||
      answer.sql_state == "42S02") {
    return absl::NotFoundError(absl::StrCat(text, "; create it, correct database '", config.database,
                                            "' or schema '", config.schema, "', or let role '", config.role,
                                            "' use it"));
  }
  if (code == "090073" || absl::StrContains(answer.message, "resource monitor")) {
    return absl::UnavailableError(absl::StrCat(text, "; the resource monitor of warehouse '",
                                               config.warehouse, "' has stopped it: raise its quota",
                                               kAgain));
  }
  // Cancelled, timed out, or met by another transaction.
  if (code == "000604" || code == "000630" || code == "000625" || code == "000603" ||
      absl::StartsWith(answer.sql_state, "57") || absl::StartsWith(answer.sql_state, "40") ||
      absl::StartsWith(answer.sql_state, "08")) {
    return absl::UnavailableError(absl::StrCat(text, kAgain));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(text, "; the tables of schema '", config.schema,
                   "' cannot take these rows: remove what refuses them, or name "
                   "another schema"));
}

}  // namespace

std::string Place(const SnowflakeConfig& config) {
  return absl::StrCat("snowflake://", config.account, "/", Identifier(config.database), "/",
                      Identifier(config.schema));
}

absl::Status ServerError(const SnowflakeConfig& config, int http, const Answer& answer) {
  absl::string_view words = answer.message;
  absl::ConsumeSuffix(&words, ".");
  const std::string text = absl::StrCat(
      Place(config), ": ", words.empty() ? absl::StrCat("the server answered ", http) : std::string(words));
  absl::Status status;
  if (http == 404 || ((http == 403 || http == 400) && answer.code.empty())) {
    status = absl::UnavailableError(absl::StrCat(text, "; there is no SQL API of account '", config.account,
                                                 "' at ", config.url, ": correct the account or the url"));
  } else if (http == 401 || http == 403 || absl::StartsWith(answer.code, "390")) {
    status = LoginError(config, text, answer);
  } else if (http == 422) {
    status = StatementError(config, text, answer);
  } else if (http == 408) {
    status = absl::UnavailableError(absl::StrCat(text,
                                                 "; the statement took longer than the server's time-out: a "
                                                 "larger warehouse than '",
                                                 config.warehouse, "' may be needed", kAgain));
  } else if (http == 429 || http >= 500) {
    status = absl::UnavailableError(absl::StrCat(text, kAgain));
  } else {
    status = absl::FailedPreconditionError(absl::StrCat(
        text, " (", http, "); this is no answer of Snowflake's SQL API: look at the url and the proxy"));
  }
  if (!answer.code.empty()) status.SetPayload(kCodePayload, absl::Cord(answer.code));
  status.SetPayload(kStatePayload, absl::Cord(answer.sql_state));
  status.SetPayload(kWordsPayload, absl::Cord(answer.message));
  return status;
}

std::string ServerCode(const absl::Status& status) { return Payload(status, kCodePayload); }

std::string ServerWords(const absl::Status& status) { return Payload(status, kWordsPayload); }

bool MayBlameARow(const absl::Status& status) {
  // A column of somebody else's that must be filled is the table's way.
  return absl::StartsWith(Payload(status, kStatePayload), "22") && ServerCode(status) != "100072";
}

bool NamesNothing(const absl::Status& status) {
  const std::string code = ServerCode(status);
  return code == "002003" || code == "000904" || code == "002043";
}

}  // namespace penstock::destinations::snowflake
