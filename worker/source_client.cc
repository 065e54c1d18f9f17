// SPDX-License-Identifier: Apache-2.0
#include "worker/source_client.h"

#include <utility>

#include "base/status_macros.h"

namespace penstock::worker {

SourceClient::SourceClient(SourceConfig config, std::unique_ptr<HttpTransport> transport, const Clock& clock)
    : config_(std::move(config)),
      transport_(std::move(transport)),
      clock_(clock),
      credentials_(config_.auth, config_.url) {}

SourceClient::Sent SourceClient::Send(const std::string& url, absl::Duration send_before) {
  Sent sent;
  if (credentials_.NeedsToken(clock_.Now())) {
    std::lock_guard lock(renewing_);
    if (credentials_.NeedsToken(clock_.Now())) {
      absl::StatusOr<HttpRequest> request = credentials_.TokenRequest();
      sent.was_token = true;
      if (!request.ok()) {
        sent.credentials = request.status();
        sent.result.fate = v1::NEVER_SENT;
        return sent;
      }
      request->send_before = send_before;
      sent.result = transport_->Send(*request);
      sent.credentials = credentials_.TakeToken(sent.result, clock_.Now());
      return sent;
    }
  }
  absl::StatusOr<std::string> header = credentials_.Header(clock_.Now());
  if (!header.ok()) {
    sent.credentials = header.status();
    sent.result.fate = v1::NEVER_SENT;
    return sent;
  }
  HttpRequest request;
  request.url = url;
  request.headers["Accept"] = "application/json";
  if (!header->empty()) request.headers["Authorization"] = *header;
  request.send_before = send_before;
  sent.result = transport_->Send(request);
  if (sent.result.fate == v1::ANSWERED && sent.result.response.status == 401) {
    sent.authorized = credentials_.Refused(*header, clock_.Now());
  }
  return sent;
}

absl::StatusOr<std::shared_ptr<const Sources>> OpenSources(const Config& config,
                                                           const TransportFactory& new_transport,
                                                           const Clock& clock) {
  auto sources = std::make_shared<Sources>();
  for (const auto& [name, source] : config.sources) {
    ASSIGN_OR_RETURN(std::unique_ptr<HttpTransport> transport, new_transport(source.http));
    (*sources)[name] = std::make_unique<SourceClient>(source, std::move(transport), clock);
  }
  return sources;
}

}  // namespace penstock::worker
