// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/config.h"

namespace penstock {

// Mutual TLS, 1.2 or newer: either side shows a certificate of the other's authority, or there is no connection. The
// files are looked at again all the time, so that renewed certificates and authorities are used without a restart;
// connections that are there stay. Errors are those of CheckTlsFiles.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> NewServerCredentials(const TlsConfig& files,
                                                                              absl::Time now);

// To the coordinator at `address` (HOST:PORT). With certificates, its own must have HOST as a DNS name or an IP
// address; without (`files` is empty) plain text, which stays on this machine: INVALID_ARGUMENT for any other host.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> NewChannelCredentials(const std::string& address,
                                                                                const TlsConfig& files,
                                                                                absl::Time now);

// gRPC's own complaints (a handshake that failed, and why) become lines of our log. Once, before any thread starts.
void LogWhatGrpcSays();

}  // namespace penstock
