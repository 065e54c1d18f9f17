// SPDX-License-Identifier: Apache-2.0
#include "base/tls/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/secret_file.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* thing) const {
    kFree(thing);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using X509Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

Bio Memory(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Nobody is there to type one.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::StatusOr<X509Certificate> ReadCertificate(const std::string& path, absl::string_view what) {
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    const std::string message = absl::StrCat(what, " ", path, ": ", std::strerror(errno));
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat(message, "; name the right file"));
    return absl::PermissionDeniedError(absl::StrCat(message, "; let the user of this process read it"));
  }
  X509Certificate certificate(PEM_read_bio_X509(Memory(text.str()).get(), nullptr, NoPassphrase, nullptr));
  if (certificate != nullptr) return certificate;
  ERR_clear_error();
  return absl::FailedPreconditionError(
      absl::StrCat(what, " ", path, " holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"));
}

absl::Time TimeOf(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::vector<std::string> NamesOf(const X509& certificate) {
  std::vector<std::string> texts;
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI && name->type != GEN_DNS) continue;
    const ASN1_IA5STRING* text = name->d.ia5;
    texts.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<size_t>(ASN1_STRING_length(text)));
  }
  return texts;
}

}  // namespace

absl::StatusOr<Certificate> CheckTlsFiles(const TlsConfig& files, absl::Time now) {
  if (files.cert_file.empty() || files.key_file.empty() || files.ca_file.empty()) {
    return absl::InvalidArgumentError(
        "a certificate needs its key and an authority: give --tls-cert, --tls-key and --tls-ca, all three");
  }
  ASSIGN_OR_RETURN(const X509Certificate shown, ReadCertificate(files.cert_file, "certificate"));
  RETURN_IF_ERROR(ReadCertificate(files.ca_file, "authority").status());
  ASSIGN_OR_RETURN(const std::string secret, ReadSecretFile(files.key_file));
  const Key key(PEM_read_bio_PrivateKey(Memory(secret).get(), nullptr, NoPassphrase, nullptr));
  const bool fits = key != nullptr && X509_check_private_key(shown.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", files.key_file,
                     " is not a private key in PEM without a passphrase (-----BEGIN PRIVATE KEY-----)"));
  }
  if (!fits) {
    return absl::FailedPreconditionError(absl::StrCat("key ", files.key_file,
                                                      " is not the one of certificate ", files.cert_file,
                                                      "; give the two that belong together"));
  }
  Certificate certificate;
  certificate.names = NamesOf(*shown);
  certificate.begins = TimeOf(X509_get0_notBefore(shown.get()));
  certificate.ends = TimeOf(X509_get0_notAfter(shown.get()));
  if (now >= certificate.ends) {
    return absl::FailedPreconditionError(absl::StrCat("certificate ", files.cert_file, " ended on ",
                                                      FormatMinute(certificate.ends), " UTC; renew it"));
  }
  if (now < certificate.begins) {
    return absl::FailedPreconditionError(
        absl::StrCat("certificate ", files.cert_file, " begins on ", FormatMinute(certificate.begins),
                     " UTC, which is ahead of this machine's clock; is the clock right?"));
  }
  return certificate;
}

}  // namespace penstock
