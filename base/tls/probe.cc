// SPDX-License-Identifier: Apache-2.0
#include "base/tls/probe.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/source_url.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
  void operator()(X509_STORE_CTX* check) const { X509_STORE_CTX_free(check); }
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Context = std::unique_ptr<SSL_CTX, Free>;
using Session = std::unique_ptr<SSL, Free>;

// A connected socket that gives up after `patience`; -1: none.
class Socket {
 public:
  Socket(const HostPort& target, absl::Duration patience) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(target.host.c_str(), absl::StrCat(target.port).c_str(), &hints, &found) != 0) return;
    const std::unique_ptr<addrinfo, Free> addresses(found);
    const timeval limit = absl::ToTimeval(patience);
    for (const addrinfo* next = found; next != nullptr && fd_ < 0; next = next->ai_next) {
      fd_ = socket(next->ai_family, SOCK_STREAM | SOCK_CLOEXEC, next->ai_protocol);
      if (fd_ < 0) continue;
      setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));  // of connect too, socket(7)
      setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
      if (connect(fd_, next->ai_addr, next->ai_addrlen) == 0) return;
      close(fd_);
      fd_ = -1;
    }
  }
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;

  bool connected() const { return fd_ >= 0; }
  // Sends what the session has to say, and hands it what comes; false when that is nothing any more.
  bool Exchange(SSL* session) const {
    char bytes[16 << 10];
    for (int size = 0; (size = BIO_read(SSL_get_wbio(session), bytes, sizeof(bytes))) > 0;) {
      if (send(fd_, bytes, static_cast<size_t>(size), MSG_NOSIGNAL) != size) return false;
    }
    const ssize_t size = recv(fd_, bytes, sizeof(bytes), 0);
    return size > 0 && BIO_write(SSL_get_rbio(session), bytes, static_cast<int>(size)) == size;
  }

 private:
  int fd_ = -1;
};

// As gRPC's credentials do it.
Context NewContext(const TlsConfig& files) {
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  Context context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const bool loaded =
      SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2)) == 0 &&
      SSL_CTX_load_verify_file(context.get(), files.ca_file.c_str()) == 1 &&
      SSL_CTX_use_certificate_chain_file(context.get(), files.cert_file.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context.get(), files.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  return loaded ? std::move(context) : nullptr;
}

Session NewSession(const Context& context, const std::string& host) {
  Session session(SSL_new(context.get()));
  if (session == nullptr) return nullptr;
  in6_addr parsed{};
  if (inet_pton(AF_INET, host.c_str(), &parsed) == 1 || inet_pton(AF_INET6, host.c_str(), &parsed) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host.c_str());
  } else {
    SSL_set_tlsext_host_name(session.get(), host.c_str());
    SSL_set1_host(session.get(), host.c_str());
  }
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session.get());
  return session;
}

// In TLS 1.3 the server looks at our certificate after the handshake has ended for us: only reading tells.
bool HearsFromServer(SSL* session, const Socket& socket) {
  while (true) {
    char first = 0;
    const int read = SSL_read(session, &first, 1);
    if (read == 1) return true;
    if (SSL_get_error(session, read) != SSL_ERROR_WANT_READ || !socket.Exchange(session)) return false;
  }
}

// What our authority would say of our certificate in the place of the coordinator, which only hangs up (gRPC sends no
// alert). Most have the same authority.
std::string OwnFault(const Context& context) {
  const std::unique_ptr<X509_STORE_CTX, Free> check(X509_STORE_CTX_new());
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context.get(), &chain);
  X509_STORE_CTX_init(check.get(), SSL_CTX_get_cert_store(context.get()),
                      SSL_CTX_get0_certificate(context.get()), chain);
  X509_STORE_CTX_set_purpose(check.get(), X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(check.get()) == 1)
    return "by our ca_file it is a good one; the coordinator's log says more";
  return absl::StrCat("by our ca_file too: ",
                      X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
}

absl::Status Refusal(const std::string& address, const TlsConfig& files, const Context& context,
                     const Session& session) {
  if (const long verified = SSL_get_verify_result(session.get()); verified != X509_V_OK) {
    return absl::UnauthenticatedError(absl::StrCat("the certificate of the coordinator at ", address,
                                                   " is refused: ", X509_verify_cert_error_string(verified),
                                                   "; is ", files.ca_file,
                                                   " its authority, and is it for this host name?"));
  }
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  if (reason != nullptr && absl::StrContains(reason, "wrong version number")) {
    return absl::UnauthenticatedError(
        absl::StrCat("the coordinator at ", address,
                     " speaks plain text; start it with certificates, or leave ", "--tls-cert out"));
  }
  if (!SSL_is_init_finished(session.get())) return absl::OkStatus();
  return absl::UnauthenticatedError(absl::StrCat("the coordinator at ", address, " refuses the certificate ",
                                                 files.cert_file, " (", OwnFault(context), ")"));
}

}  // namespace

absl::Status ProbeTls(const std::string& address, const TlsConfig& files, absl::Duration patience) {
  ASSIGN_OR_RETURN(const HostPort target, ParseHostPort(address));
  ERR_clear_error();
  const Context context = NewContext(files);
  const Session session = context == nullptr ? nullptr : NewSession(context, target.host);
  const Socket socket(target, patience);
  if (session == nullptr || !socket.connected() || HearsFromServer(session.get(), socket)) {
    ERR_clear_error();
    return absl::OkStatus();
  }
  absl::Status refusal = Refusal(address, files, context, session);
  ERR_clear_error();
  return refusal;
}

}  // namespace penstock
