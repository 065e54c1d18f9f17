// SPDX-License-Identifier: Apache-2.0
#include "worker/token_answer.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace penstock::worker {
namespace {

// The words of RFC 6749 5.2. Anything else of an error body might repeat the secret, so it is not quoted.
constexpr std::array<absl::string_view, 6> kKnownErrors = {"invalid_request",        "invalid_client",
                                                           "invalid_grant",          "unauthorized_client",
                                                           "unsupported_grant_type", "invalid_scope"};

std::string KnownError(const simdjson::dom::element& answer) {
  std::string_view word;
  if (answer["error"].get(word)) return "";
  const bool known = std::find(kKnownErrors.begin(), kKnownErrors.end(),
                               absl::string_view(word.data(), word.size())) != kKnownErrors.end();
  return known ? absl::StrCat(" (", std::string(word), ")") : "";
}

// Whole seconds as a number or a string.
absl::Duration ReadLifetime(const simdjson::dom::element& token) {
  constexpr absl::Duration kUnknown = absl::Minutes(5);
  double seconds = 0;
  std::string_view text;
  const simdjson::simdjson_result<simdjson::dom::element> field = token["expires_in"];
  if (field.get(seconds)) {
    if (field.get(text) || !absl::SimpleAtod(absl::string_view(text.data(), text.size()), &seconds))
      return kUnknown;
  }
  if (!(seconds > 0)) return kUnknown;
  return absl::Seconds(std::min(seconds, 86400.0 * 30));
}

bool IsHeaderText(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

bool MayPass(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

}  // namespace

absl::StatusOr<Token> ReadTokenAnswer(const HttpResponse& response) {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  const bool is_json = !parser.parse(response.body.data(), response.body.size()).get(answer);
  if (response.status != 200 && response.status != 201) {
    const std::string what =
        absl::StrCat("the token request was answered ", response.status, is_json ? KnownError(answer) : "");
    if (MayPass(response.status))
      return absl::UnavailableError(absl::StrCat(what, "; asking again may help"));
    if (response.status == 400 || response.status == 401 || response.status == 403) {
      return absl::UnauthenticatedError(absl::StrCat(
          what, "; check client_id_file and client_secret_file, and that the client was not deleted"));
    }
    return absl::UnauthenticatedError(absl::StrCat(what, "; is token_url right?"));
  }
  if (!is_json) return absl::UnavailableError("the token answer is not JSON; is token_url right?");
  simdjson::dom::element token = answer;
  if (simdjson::dom::element wrapped; !answer["data"].get(wrapped)) token = wrapped;
  std::string_view text;
  if (token["access_token"].get(text) || !IsHeaderText(text)) {
    return absl::UnavailableError("the token answer holds no usable access_token; is token_url right?");
  }
  return Token{std::string(text), ReadLifetime(token)};
}

}  // namespace penstock::worker
