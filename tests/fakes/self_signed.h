// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <string>

#include "absl/time/time.h"
#include "base/status_macros.h"

namespace penstock {

// A key and a certificate that only it has signed: who trusts it trusts nobody else.
class SelfSigned {
 public:
  // `common_name`: a client's role; `name`: whom a server's is for; `ends`: when, from now.
  explicit SelfSigned(const std::string& common_name = "test", const std::string& name = "DNS:localhost",
                      absl::Duration ends = absl::Hours(1))
      : key_(EVP_RSA_gen(2048)), certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), static_cast<long>(absl::ToInt64Seconds(ends)));
    X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate_, certificate_, nullptr, nullptr, 0);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, name.c_str());
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    CHECK(X509_sign(certificate_, key_, EVP_sha256()) > 0);
  }
  ~SelfSigned() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  SelfSigned(const SelfSigned&) = delete;

  EVP_PKEY* key() const { return key_; }
  X509* certificate() const { return certificate_; }
  void WriteCertificate(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    CHECK(file != nullptr);
    PEM_write_X509(file, certificate_);
    fclose(file);
  }
  // For this user only.
  void WriteKey(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    CHECK(file != nullptr && chmod(path.c_str(), 0600) == 0);
    PEM_write_PrivateKey(file, key_, nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
  }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace penstock
