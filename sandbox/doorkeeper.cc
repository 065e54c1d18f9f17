// SPDX-License-Identifier: Apache-2.0
#include "sandbox/doorkeeper.h"

#include <simdjson.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "sandbox/query.h"

namespace penstock::sandbox {
namespace {

absl::StatusOr<std::map<std::string, std::string>> ReadJson(const std::string& body) {
  std::map<std::string, std::string> fields;
  try {
    const simdjson::padded_string padded(body);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      const std::string key(std::string_view(field.unescaped_key()));
      fields[key] = std::string(std::string_view(field.value().get_string()));
    }
  } catch (const simdjson::simdjson_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the body is not a JSON object of strings: ", error.what()));
  }
  return fields;
}

}  // namespace

bool Doorkeeper::Admits(absl::string_view authorization, absl::Duration now) const {
  if (options_.api_key.empty() && options_.client_id.empty()) return true;
  absl::string_view word = authorization;
  const bool bearer = absl::ConsumePrefix(&word, "Bearer ");
  if (bearer) {
    const auto token = tokens_.find(std::string(word));
    if (token != tokens_.end() && now < token->second) return true;
  }
  if (options_.api_key.empty() || word != options_.api_key) return false;
  return options_.scheme == AuthScheme::kAny || bearer == (options_.scheme == AuthScheme::kBearer);
}

absl::StatusOr<std::string> Doorkeeper::IssueToken(const std::string& content_type, const std::string& body,
                                                   absl::Duration now) {
  if (options_.client_id.empty()) {
    return absl::UnimplementedError(
        "no OAuth client is set up here: start with --client-id and --client-secret");
  }
  std::map<std::string, std::string> fields;
  if (absl::StartsWith(content_type, "application/json")) {
    ASSIGN_OR_RETURN(fields, ReadJson(body));
  } else {
    for (const auto& [name, value] : DecodeParameters(body)) fields[name] = value;
  }
  if (fields["grant_type"] != "client_credentials") {
    return absl::InvalidArgumentError("grant_type must be client_credentials");
  }
  if (fields["client_id"] != options_.client_id || fields["client_secret"] != options_.client_secret) {
    return absl::UnauthenticatedError("unknown client or wrong secret");
  }
  const std::string token = absl::StrCat("mwt_sandbox_", ++issued_);
  tokens_[token] = now + options_.token_lifetime;
  const std::string answer = absl::StrCat("{\"access_token\":\"", token,
                                          "\",\"expires_in\":", absl::ToInt64Seconds(options_.token_lifetime),
                                          ",\"token_type\":\"Bearer\"}");
  return options_.token_shape == TokenShape::kFlat ? answer : absl::StrCat("{\"data\":", answer, "}");
}

void Doorkeeper::Revoke(absl::string_view authorization) {
  absl::string_view word = authorization;
  absl::ConsumePrefix(&word, "Bearer ");
  tokens_.erase(std::string(word));
}

}  // namespace penstock::sandbox
