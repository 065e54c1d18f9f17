// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "coordinator/heartbeat.h"
#include "coordinator/heartbeat_client.h"

namespace penstock::coordinator {
namespace {

struct EasyDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

void StartCurlOnce() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK);
}

size_t Drop(char*, size_t one, size_t size, void*) { return one * size; }

class CurlHeartbeatClient final : public HeartbeatClient {
 public:
  explicit CurlHeartbeatClient(absl::Duration timeout) : timeout_(timeout) { StartCurlOnce(); }

  absl::Status Call(const HeartbeatSettings& to) override {
    ASSIGN_OR_RETURN(const UrlParts url, ParseHttpUrl(to.url));
    const bool loopback = IsLoopback(url.host);
    const std::unique_ptr<CURL, EasyDeleter> easy(curl_easy_init());
    CHECK(easy != nullptr);
    CURL* curl = easy.get();
    curl_easy_setopt(curl, CURLOPT_URL, to.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, loopback ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(timeout_)));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "penstock");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (loopback) {
      curl_easy_setopt(curl, CURLOPT_PROXY, "");
    } else if (!to.http.proxy.empty()) {
      curl_easy_setopt(curl, CURLOPT_PROXY, to.http.proxy.c_str());
    }
    if (!to.http.ca_file.empty()) {
      curl_easy_setopt(curl, CURLOPT_CAINFO, to.http.ca_file.c_str());
      curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, to.http.ca_file.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Drop);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &OnProgress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
    const CURLcode code = curl_easy_perform(curl);
    // curl's own words for a code: they hold nothing of the URL.
    if (code != CURLE_OK) {
      return absl::UnavailableError(absl::StrCat(WithoutPath(to.url), ": ", curl_easy_strerror(code)));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(WithoutPath(to.url), " answered ", status,
                                               status / 100 == 3 ? "; redirects are not followed" : ""));
  }

  void Abort() override { aborted_ = true; }

 private:
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<CurlHeartbeatClient*>(self)->aborted_ ? 1 : 0;
  }

  const absl::Duration timeout_;
  std::atomic<bool> aborted_ = false;
};

}  // namespace

std::unique_ptr<HeartbeatClient> NewCurlHeartbeatClient(absl::Duration timeout) {
  return std::make_unique<CurlHeartbeatClient>(timeout);
}

}  // namespace penstock::coordinator
