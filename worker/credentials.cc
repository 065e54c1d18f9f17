// SPDX-License-Identifier: Apache-2.0
#include "worker/credentials.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "base/status_macros.h"
#include "worker/token_answer.h"
#include "worker/url.h"

namespace penstock::worker {
namespace {

// Every renewal costs a permit, so even the shortest token is kept this long.
constexpr absl::Duration kLeastUse = absl::Seconds(10);
// A token that replaced a refused one and is refused this soon was never good.
constexpr absl::Duration kNeverGood = absl::Minutes(5);

std::string FormEncode(absl::string_view text) {
  std::string encoded;
  for (char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return encoded;
}

std::string DefaultTokenUrl(const std::string& source_url) {
  const absl::StatusOr<Url> url = SplitUrl(source_url);
  CHECK(url.ok());  // the configuration's check has let it pass
  return absl::StrCat(Origin(*url), "/oauth/v1/token");
}

}  // namespace

Credentials::Credentials(AuthConfig config, const std::string& source_url) : config_(std::move(config)) {
  token_url_ = config_.token_url.empty() ? DefaultTokenUrl(source_url) : config_.token_url;
}

std::string Credentials::Generation() const {
  switch (config_.type) {
    case AuthType::kNone:
      return "";
    case AuthType::kApiKey:
      return absl::StrCat(SecretFileVersion(config_.api_key_file));
    case AuthType::kOauth:
      return absl::StrCat(SecretFileVersion(config_.client_id_file), "-",
                          SecretFileVersion(config_.client_secret_file));
  }
  return "";
}

absl::StatusOr<std::string> Credentials::SecretLocked(const std::string& path) const {
  // The version first: a file that changes in between is read once more the next time.
  const uint64_t version = SecretFileVersion(path);
  CachedSecret& cached = secrets_[path];
  if (version != 0 && cached.version == version) return cached.text;
  ASSIGN_OR_RETURN(std::string text, ReadSecretFile(path));
  if (std::any_of(text.begin(), text.end(), absl::ascii_iscntrl)) {
    return absl::FailedPreconditionError(absl::StrCat("secret file ", path, " holds more than one line"));
  }
  cached = {version, text};
  return text;
}

absl::StatusOr<std::string> Credentials::Secret(const std::string& path) const {
  std::lock_guard lock(mutex_);
  return SecretLocked(path);
}

bool Credentials::NeedsToken(const Moment& now) const {
  if (config_.type != AuthType::kOauth) return false;
  const std::string generation = Generation();
  std::lock_guard lock(mutex_);
  return token_.empty() || now.boot >= renew_at_ || generation != token_generation_;
}

absl::StatusOr<HttpRequest> Credentials::TokenRequest() const {
  CHECK(config_.type == AuthType::kOauth);
  const std::string generation = Generation();
  ASSIGN_OR_RETURN(const std::string id, Secret(config_.client_id_file));
  ASSIGN_OR_RETURN(const std::string secret, Secret(config_.client_secret_file));
  HttpRequest request;
  request.url = token_url_;
  request.headers["Accept"] = "application/json";
  request.headers["Content-Type"] = "application/x-www-form-urlencoded";
  request.post_body = absl::StrCat("grant_type=client_credentials&client_id=", FormEncode(id),
                                   "&client_secret=", FormEncode(secret));
  std::lock_guard lock(mutex_);
  asked_with_ = generation;
  return request;
}

absl::Status Credentials::TakeToken(const HttpResult& result, const Moment& now) {
  if (!result.status.ok()) {
    return absl::Status(result.status.code(), absl::StrCat("asking for a token: ", result.status.message()));
  }
  ASSIGN_OR_RETURN(Token token, ReadTokenAnswer(result.response));
  HideInLogs(token.text);
  std::lock_guard lock(mutex_);
  token_ = std::move(token.text);
  token_generation_ = asked_with_;
  after_refusal_ = std::exchange(refused_, false);
  taken_at_ = now.boot;
  renew_at_ = now.boot + std::max(token.lifetime * 0.8, kLeastUse);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Credentials::HeaderLocked() const {
  switch (config_.type) {
    case AuthType::kNone:
      return std::string();
    case AuthType::kApiKey: {
      ASSIGN_OR_RETURN(std::string key, SecretLocked(config_.api_key_file));
      return config_.bearer ? absl::StrCat("Bearer ", key) : key;
    }
    case AuthType::kOauth:
      if (token_.empty())
        return absl::FailedPreconditionError("there is no access token yet; ask for one first");
      return absl::StrCat("Bearer ", token_);
  }
  return std::string();
}

absl::StatusOr<std::string> Credentials::Header(const Moment&) const {
  std::lock_guard lock(mutex_);
  return HeaderLocked();
}

bool Credentials::Refused(const std::string& header, const Moment& now) {
  if (config_.type == AuthType::kNone) return false;
  const std::string generation = Generation();
  std::lock_guard lock(mutex_);
  const absl::StatusOr<std::string> current = HeaderLocked();
  if (config_.type == AuthType::kApiKey) return current.ok() && *current != header;
  if (!current.ok() || *current != header) return true;  // another task has found out before
  const bool hopeless =
      after_refusal_ && now.boot - taken_at_ < kNeverGood && generation == token_generation_;
  token_.clear();
  refused_ = true;
  return !hopeless;
}

}  // namespace penstock::worker
