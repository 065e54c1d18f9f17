// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/token.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json_text.h"
#include "base/secret_file.h"
#include "base/snowflake_account.h"
#include "base/status_macros.h"
#include "destinations/snowflake/identifier.h"

namespace penstock::destinations::snowflake {
namespace {

// An hour is the most that is taken; what is under way when a token ends is refused.
constexpr absl::Duration kLife = absl::Minutes(59);
constexpr absl::Duration kUse = absl::Minutes(50);
// A server whose clock is behind ours takes no token of its future.
constexpr absl::Duration kSkew = absl::Seconds(30);

}  // namespace

std::string MakeToken(const std::string& account, const std::string& user, const PrivateKey& key,
                      absl::Time now) {
  const std::string subject = absl::StrCat(SnowflakeTokenAccount(account), ".", Identifier(user));
  const absl::Time issued = now - kSkew;
  const std::string claims = absl::StrCat(
      "{\"iss\":", QuoteJson(absl::StrCat(subject, ".", key.fingerprint())), ",\"sub\":", QuoteJson(subject),
      ",\"iat\":", absl::ToUnixSeconds(issued), ",\"exp\":", absl::ToUnixSeconds(issued + kLife), "}");
  const std::string signed_part = absl::StrCat(absl::WebSafeBase64Escape(R"({"alg":"RS256","typ":"JWT"})"),
                                               ".", absl::WebSafeBase64Escape(claims));
  return absl::StrCat(signed_part, ".", absl::WebSafeBase64Escape(key.Sign(signed_part)));
}

uint64_t TokenSource::FilesVersion() const {
  uint64_t version = SecretFileVersion(config_.private_key_file);
  if (!config_.private_key_passphrase_file.empty()) {
    version = version * 31 + SecretFileVersion(config_.private_key_passphrase_file);
  }
  return version;
}

absl::StatusOr<std::string> TokenSource::Token() {
  const absl::Time now = clock_.Now().wall;
  const uint64_t files = FilesVersion();
  const bool fresh = now >= made_ && now - made_ < kUse;  // and the wall clock was not set back
  if (!token_.empty() && fresh && files == files_) return token_;
  token_.clear();
  ASSIGN_OR_RETURN(const PrivateKey key,
                   PrivateKey::Read(config_.private_key_file, config_.private_key_passphrase_file));
  token_ = MakeToken(config_.account, config_.user, key, now);
  made_ = now;
  files_ = files;
  return token_;
}

bool TokenSource::Renew() {
  const bool other = FilesVersion() != files_ || clock_.Now().wall - made_ > absl::Minutes(1);
  token_.clear();
  return other;
}

}  // namespace penstock::destinations::snowflake
