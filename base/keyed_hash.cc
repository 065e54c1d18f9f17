// SPDX-License-Identifier: Apache-2.0
#include "base/keyed_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/secret_file.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(c); });
}

}  // namespace

absl::StatusOr<std::string> ReadHashKeyFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadSecretFile(path));
  if (text.size() == 2 * kHashKeyBytes && IsHex(text)) return absl::HexStringToBytes(text);
  std::string key;
  if (text.size() == 44 && absl::Base64Unescape(text, &key) && key.size() == kHashKeyBytes) return key;
  return absl::FailedPreconditionError(
      absl::StrCat("key file ", path,
                   " holds no key of 32 bytes, as 64 hex digits or base64; to make "
                   "one: openssl rand -hex 32 > ",
                   path));
}

std::string KeyedHash(absl::string_view key, absl::string_view text) {
  CHECK(key.size() == kHashKeyBytes);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  CHECK(done != nullptr && size == sizeof(digest));
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

}  // namespace penstock
