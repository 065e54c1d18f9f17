// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <httplib.h>

#include <string>
#include <thread>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "tests/fakes/self_signed.h"

namespace penstock {

struct TlsServerOptions {
  std::string name = "DNS:localhost";    // whom the certificate is for
  absl::Duration ends = absl::Hours(1);  // when the certificate does, from now
  int version_max = TLS1_3_VERSION;
};

// An HTTPS server with a certificate that only it has signed, answering every GET with 200.
class TlsServer {
 public:
  explicit TlsServer(const TlsServerOptions& options = {}) : signed_("test", options.name, options.ends) {
    server_ = std::make_unique<httplib::SSLServer>(signed_.certificate(), signed_.key());
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
  }

  int port() const { return port_; }
  int requests() const { return requests_; }
  void WriteCertificate(const std::string& path) const { signed_.WriteCertificate(path); }

 private:
  const SelfSigned signed_;
  std::unique_ptr<httplib::SSLServer> server_;
  std::atomic<int> requests_ = 0;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace penstock
