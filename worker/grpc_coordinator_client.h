// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "worker/coordinator_client.h"

namespace penstock::worker {

// A deadline on every call. DEADLINE_EXCEEDED of the channel comes as UNAVAILABLE, as no answer does.

// To another process: takes every message that a coordinator sends, and is back within a second or two when a
// coordinator that was away is. `target`: HOST:PORT or unix:PATH.
std::unique_ptr<CoordinatorClient> ConnectToCoordinator(
    const std::string& target,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials = grpc::InsecureChannelCredentials());

// To a coordinator in this process (Server::InProcessChannel).
std::unique_ptr<CoordinatorClient> NewInProcessClient(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace penstock::worker
