// SPDX-License-Identifier: Apache-2.0
#include "base/tls/credentials.h"

#include <grpc/support/log.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "base/tls/certificate.h"

namespace penstock {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;

// A renewed certificate is used after so many seconds.
constexpr unsigned kLookAtFilesEvery = 5;

std::shared_ptr<FileWatcherCertificateProvider> Watch(const TlsConfig& files) {
  return std::make_shared<FileWatcherCertificateProvider>(files.key_file, files.cert_file, files.ca_file,
                                                          kLookAtFilesEvery);
}

// What OpenSSL says of a handshake that failed, and what it means.
struct Meaning {
  absl::string_view said, means;
};
constexpr Meaning kMeanings[] = {
    {"certificate verify failed",
     "the other side's certificate is not of an authority in our ca_file, or is not valid now"},
    {"peer did not return a certificate", "the other side showed no certificate"},
    {"wrong version number", "the other side speaks plain text"},
    {"No match found for server name", "the coordinator's certificate is for another host name"},
};

void LogOfGrpc(gpr_log_func_args* said) {
  static LogLimit limit;
  const absl::string_view message = said->message;
  if (!limit.Allows(std::string(message), SystemClock().Now().boot)) return;
  for (const Meaning& meaning : kMeanings) {
    if (!absl::StrContains(message, meaning.said)) continue;
    Log(LogLevel::kWarning, "a TLS handshake failed",
        {{"why", std::string(meaning.means)}, {"OpenSSL", std::string(message)}});
    return;
  }
  Log(said->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarning : LogLevel::kDebug,
      absl::StrCat("gRPC: ", message));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> NewServerCredentials(const TlsConfig& files,
                                                                              absl::Time now) {
  RETURN_IF_ERROR(CheckTlsFiles(files, now).status());
  grpc::experimental::TlsServerCredentialsOptions options(Watch(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> NewChannelCredentials(const std::string& address,
                                                                                const TlsConfig& files,
                                                                                absl::Time now) {
  ASSIGN_OR_RETURN(const HostPort target, ParseHostPort(address));
  if (!files.given()) {
    if (IsLoopback(target.host)) return grpc::InsecureChannelCredentials();
    return absl::InvalidArgumentError(absl::StrCat(
        "the coordinator at ", address, " is on another machine, and plain text stays on this one: ",
        "give --tls-cert, --tls-key and --tls-ca, or 'tls:' in the configuration file"));
  }
  RETURN_IF_ERROR(CheckTlsFiles(files, now).status());
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(Watch(files));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

void LogWhatGrpcSays() { gpr_set_log_function(LogOfGrpc); }

}  // namespace penstock
