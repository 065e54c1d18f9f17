// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::destinations::snowflake {

// The private half of the pair whose public half the user has (ALTER USER .. SET RSA_PUBLIC_KEY).
class PrivateKey {
 public:
  // RSA as PEM, in PKCS#8 or as OpenSSL writes it; `passphrase_file` is empty when it is not encrypted. A Status
  // names the file and what to do; FAILED_PRECONDITION when there is no such key in it.
  static absl::StatusOr<PrivateKey> Read(const std::string& file, const std::string& passphrase_file);

  // "SHA256:..", as DESC USER shows it of the public key.
  const std::string& fingerprint() const { return fingerprint_; }
  // RSASSA-PKCS1-v1_5 over SHA-256: RS256 of RFC 7518.
  std::string Sign(absl::string_view text) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  explicit PrivateKey(EVP_PKEY* key);

  std::unique_ptr<EVP_PKEY, Free> key_;
  std::string fingerprint_;
};

}  // namespace penstock::destinations::snowflake
