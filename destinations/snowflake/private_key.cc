// SPDX-License-Identifier: Apache-2.0
#include "destinations/snowflake/private_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/secret_file.h"
#include "base/status_macros.h"

namespace penstock::destinations::snowflake {
namespace {

int GivePassphrase(char* buffer, int size, int, void* passphrase) {
  const auto& text = *static_cast<const std::string*>(passphrase);
  if (text.empty() || text.size() > static_cast<size_t>(size)) return -1;
  std::memcpy(buffer, text.data(), text.size());
  return static_cast<int>(text.size());
}

}  // namespace

PrivateKey::PrivateKey(EVP_PKEY* key) : key_(key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  CHECK(size > 0);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  CHECK(EVP_Digest(der, static_cast<size_t>(size), digest, &length, EVP_sha256(), nullptr) == 1);
  OPENSSL_free(der);
  fingerprint_ = absl::StrCat(
      "SHA256:", absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest), length)));
}

absl::StatusOr<PrivateKey> PrivateKey::Read(const std::string& file, const std::string& passphrase_file) {
  ASSIGN_OR_RETURN(std::string pem, ReadSecretFile(file));
  std::string passphrase;
  if (!passphrase_file.empty()) {
    ASSIGN_OR_RETURN(passphrase, ReadSecretFile(passphrase_file));
  }
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, &GivePassphrase, &passphrase);
  BIO_free(bio);
  ERR_clear_error();
  const bool encrypted = absl::StrContains(pem, "ENCRYPTED");
  OPENSSL_cleanse(pem.data(), pem.size());
  OPENSSL_cleanse(passphrase.data(), passphrase.size());
  if (key == nullptr && encrypted) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the private key in ", file, " is encrypted",
        passphrase_file.empty()
            ? "; name the file with its passphrase as private_key_passphrase_file"
            : absl::StrCat(", and the passphrase in ", passphrase_file, " does not open it; correct it")));
  }
  if (key == nullptr || EVP_PKEY_base_id(key) != EVP_PKEY_RSA) {
    EVP_PKEY_free(key);
    return absl::FailedPreconditionError(
        absl::StrCat(file,
                     " holds no RSA private key; make one with: openssl genrsa 2048 | openssl pkcs8 -topk8 "
                     "-nocrypt -out ",
                     file));
  }
  return PrivateKey(key);
}

std::string PrivateKey::Sign(absl::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  CHECK(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  CHECK(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
  std::string signature(size, '\0');
  CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                       text.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return signature;
}

}  // namespace penstock::destinations::snowflake
