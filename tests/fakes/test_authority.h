// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/config.h"
#include "base/status_macros.h"

namespace penstock {

// Signs certificates, and puts them with their keys and its own certificate into a directory.
//
//   TestAuthority authority(directory);
//   config.tls = authority.Issue("worker", {.names = "URI:spiffe://test/worker"});
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& directory, const std::string& name = "authority")
      : directory_(directory), name_(name), key_(EVP_EC_gen("P-256")) {
    certificate_ = NewCertificate(name, key_, absl::Hours(-2), absl::Hours(2));
    Add(certificate_, NID_basic_constraints, "critical,CA:TRUE");
    CHECK(X509_sign(certificate_, key_, EVP_sha256()) > 0);
    WriteCertificate(ca_file(), certificate_);
  }
  ~TestAuthority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  TestAuthority(const TestAuthority&) = delete;

  struct Wish {
    std::string names = {};  // as OpenSSL writes them: "DNS:localhost,URI:spiffe://test/admin"; empty: none
    absl::Duration begins = absl::Hours(-1);  // from now
    absl::Duration ends = absl::Hours(1);
  };
  // `file`: of the files, and the common name. Issued again, the files are replaced, each at once.
  TlsConfig Issue(const std::string& file, const Wish& wish) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = NewCertificate(file, key, wish.begins, wish.ends);
    if (!wish.names.empty()) Add(certificate, NID_subject_alt_name, wish.names);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
    CHECK(X509_sign(certificate, key_, EVP_sha256()) > 0);
    const TlsConfig files = {Path(file, ".crt"), Path(file, ".key"), ca_file()};
    WriteKey(files.key_file, key);
    WriteCertificate(files.cert_file, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
  }

  std::string ca_file() const { return Path(name_, ".crt"); }

 private:
  std::string Path(const std::string& file, const char* end) const {
    return absl::StrCat(directory_, "/", file, end);
  }

  X509* NewCertificate(const std::string& name, EVP_PKEY* key, absl::Duration begins, absl::Duration ends) {
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), static_cast<long>(absl::ToInt64Seconds(begins)));
    X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(absl::ToInt64Seconds(ends)));
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    return certificate;
  }

  static void Add(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    CHECK(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static void WriteCertificate(const std::string& path, X509* certificate) {
    FILE* file = fopen((path + ".new").c_str(), "w");
    CHECK(file != nullptr && PEM_write_X509(file, certificate) == 1);
    fclose(file);
    CHECK(rename((path + ".new").c_str(), path.c_str()) == 0);
  }
  // For this user only.
  static void WriteKey(const std::string& path, EVP_PKEY* key) {
    FILE* file = fopen((path + ".new").c_str(), "w");
    CHECK(file != nullptr && chmod((path + ".new").c_str(), 0600) == 0);
    CHECK(PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    fclose(file);
    CHECK(rename((path + ".new").c_str(), path.c_str()) == 0);
  }

  const std::string directory_;
  const std::string name_;
  EVP_PKEY* const key_;
  X509* certificate_;
  int64_t serial_ = 0;
};

}  // namespace penstock
