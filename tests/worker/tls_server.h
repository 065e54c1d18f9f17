// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace penstock {

struct TlsServerOptions {
  std::string name = "DNS:localhost";    // whom the certificate is for
  absl::Duration ends = absl::Hours(1);  // when the certificate does, from now
  int version_max = TLS1_3_VERSION;
};

// An HTTPS server with a certificate that only it has signed, answering every GET with 200.
class TlsServer {
 public:
  explicit TlsServer(const TlsServerOptions& options = {})
      : key_(EVP_RSA_gen(2048)), certificate_(X509_new()) {
    Sign(options);
    server_ = std::make_unique<httplib::SSLServer>(certificate_, key_);
    SSL_CTX_set_security_level(server_->ssl_context(), 0);  // as servers that speak TLS 1.0 are
    SSL_CTX_set_min_proto_version(server_->ssl_context(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(server_->ssl_context(), options.version_max);
    server_->Get(".*", [this](const httplib::Request&, httplib::Response& response) {
      ++requests_;
      response.set_content("hello", "text/plain");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    CHECK(port_ > 0);
    thread_ = std::thread([this] { server_->listen_after_bind(); });
  }
  ~TlsServer() {
    server_->stop();
    thread_.join();
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  int port() const { return port_; }
  int requests() const { return requests_; }
  void WriteCertificate(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    CHECK(file != nullptr);
    PEM_write_X509(file, certificate_);
    fclose(file);
  }

 private:
  void Sign(const TlsServerOptions& options) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), static_cast<long>(absl::ToInt64Seconds(options.ends)));
    X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate_, certificate_, nullptr, nullptr, 0);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, options.name.c_str());
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    CHECK(X509_sign(certificate_, key_, EVP_sha256()) > 0);
  }

  EVP_PKEY* key_;
  X509* certificate_;
  std::unique_ptr<httplib::SSLServer> server_;
  std::atomic<int> requests_ = 0;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace penstock
