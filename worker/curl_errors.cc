// SPDX-License-Identifier: Apache-2.0
#include "worker/curl_errors.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"

namespace penstock::worker {
namespace {

// "api.moveworks.ai:443"
std::string HostPort(const Url& url) {
  const std::string host = absl::StrContains(url.host, ':') ? absl::StrCat("[", url.host, "]") : url.host;
  return absl::StrCat(host, ":", url.port);
}

// Old protocol versions come as a general handshake failure; trying again will not mend them.
bool IsProtocolTooOld(const std::string& detail) {
  return absl::StrContains(detail, "unsupported protocol") || absl::StrContains(detail, "protocol version") ||
         absl::StrContains(detail, "wrong version number");
}

absl::Status Refused(const Url& url, const std::string& why) {
  return absl::UnauthenticatedError(
      absl::StrCat("refused to talk to ", HostPort(url), " (", why,
                   "); is the URL right, does ca_file name your proxy's certificate?"));
}

}  // namespace

absl::Status FromCurl(CURLcode code, const Url& url, const std::string& detail, int os_error) {
  const std::string reason = Redact(os_error != 0     ? std::strerror(os_error)
                                    : !detail.empty() ? detail
                                                      : curl_easy_strerror(code));
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return absl::UnavailableError(
          absl::StrCat("cannot find the address of ", url.host, "; is the URL right, is a proxy needed?"));
    case CURLE_COULDNT_RESOLVE_PROXY:
      return absl::UnavailableError("cannot find the address of the proxy; is its name right?");
    case CURLE_COULDNT_CONNECT:
      return absl::UnavailableError(absl::StrCat("cannot connect to ", HostPort(url), " (", reason,
                                                 "); is the URL right, is a proxy needed?"));
    case CURLE_SSL_CACERT_BADFILE:
      return Refused(url, "the CA file cannot be read");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Refused(url, reason);
    case CURLE_SSL_CONNECT_ERROR:
      if (IsProtocolTooOld(detail)) return Refused(url, reason);
      return absl::UnavailableError(absl::StrCat("no TLS connection to ", HostPort(url), " (", reason,
                                                 "); does that port speak TLS 1.2 or newer?"));
    case CURLE_OPERATION_TIMEDOUT:
      return absl::UnavailableError(absl::StrCat("no whole answer in time from ", WithoutQuery(url), " (",
                                                 reason, "); trying again may help"));
    case CURLE_PARTIAL_FILE:
      return absl::UnavailableError(
          absl::StrCat("the answer of ", WithoutQuery(url), " was cut; trying again may help"));
    default:
      return absl::UnavailableError(
          absl::StrCat("the connection to ", HostPort(url), " failed (", reason, "); trying again may help"));
  }
}

}  // namespace penstock::worker
