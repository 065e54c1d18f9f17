// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "worker/credentials.h"
#include "worker/http_transport.h"

namespace penstock::worker {

// One source as a worker reaches it: where, through what, with which credentials. Shared by its tasks.
// Thread-safe.
class SourceClient {
 public:
  SourceClient(SourceConfig config, std::unique_ptr<HttpTransport> transport, const Clock& clock);

  struct Sent {
    HttpResult result;
    bool authorized = false;   // after a 401: asking again may work
    bool was_token = false;    // the permit went into renewing the token; the page needs another one
    absl::Status credentials;  // not OK: nothing was sent, or the token endpoint refused
  };
  // Spends one permit: sends the page request, or, when the token must be renewed first, that.
  Sent Send(const std::string& url, absl::Duration send_before);

  void Abort() { transport_->Abort(); }
  const std::string& url() const { return config_.url; }
  // See SyncRequest.sources: differs when the secret files changed.
  std::string CredentialsGeneration() const { return credentials_.Generation(); }

 private:
  const SourceConfig config_;
  const std::unique_ptr<HttpTransport> transport_;
  const Clock& clock_;
  Credentials credentials_;
  std::mutex renewing_;  // one renewal serves all tasks
};

// The sources that a process serves, by the names its config gives them. All its workers share them: one pool of
// connections and one token for each.
using Sources = std::map<std::string, std::unique_ptr<SourceClient>>;
using TransportFactory = std::function<absl::StatusOr<std::unique_ptr<HttpTransport>>(const HttpConfig&)>;

// Errors are the factory's: a CA file that cannot be read.
absl::StatusOr<std::shared_ptr<const Sources>> OpenSources(const Config& config,
                                                           const TransportFactory& new_transport,
                                                           const Clock& clock);

}  // namespace penstock::worker
