// SPDX-License-Identifier: Apache-2.0
#include "worker/curl_transport.h"

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "worker/curl_errors.h"
#include "worker/curl_exchange.h"
#include "worker/url.h"

namespace penstock::worker {
namespace {

// A kept connection that is older is not used again: most servers close idle ones later than that, so a
// request rarely meets a dead one (which curl would send twice).
constexpr long kKeepConnectionSeconds = 20;

struct EasyDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

void StartCurlOnce() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK);
}

void Append(List& list, const std::string& line) {
  curl_slist* grown = curl_slist_append(list.get(), line.c_str());
  CHECK(grown != nullptr);  // out of memory
  list.release();
  list.reset(grown);
}

List HeaderList(const HttpHeaders& headers) {
  List list;
  Append(list, "Accept-Encoding: gzip");
  Append(list, "Expect:");  // never wait for "100 Continue"
  // curl's spelling of a header without a value ends in a semicolon.
  for (const auto& [name, value] : headers)
    Append(list, value.empty() ? name + ";" : absl::StrCat(name, ": ", value));
  return list;
}

absl::StatusOr<Url> CheckRequest(const HttpRequest& request) {
  ASSIGN_OR_RETURN(Url url, SplitUrl(request.url));
  RETURN_IF_ERROR(CheckHeaders(request.headers));
  if (url.scheme != "https" && !IsLoopback(url.host)) {
    return absl::InvalidArgumentError(absl::StrCat("the URL ", WithoutQuery(url), " is not https"));
  }
  return url;
}

long Millis(absl::Duration duration) { return static_cast<long>(absl::ToInt64Milliseconds(duration)); }

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(const HttpConfig& config, const CurlLimits& limits, const Clock& clock)
      : config_(config), limits_(limits), clock_(clock) {
    StartCurlOnce();
  }

  HttpResult Send(const HttpRequest& request) override;
  void Abort() override { aborted_ = true; }

 private:
  void SetUp(CURL* curl, const Url& url, const HttpRequest& request) const;
  Easy Take();
  void GiveBack(Easy easy);

  const HttpConfig config_;
  const CurlLimits limits_;
  const Clock& clock_;
  std::atomic<bool> aborted_ = false;
  std::mutex mutex_;
  std::vector<Easy> idle_;  // the last one used stands last: its connection is the warmest
};

Easy CurlTransport::Take() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    Easy easy(curl_easy_init());
    CHECK(easy != nullptr);
    return easy;
  }
  Easy easy = std::move(idle_.back());
  idle_.pop_back();
  return easy;
}

void CurlTransport::GiveBack(Easy easy) {
  curl_easy_reset(easy.get());  // keeps its connection, forgets everything of the request
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(easy));
}

void CurlTransport::SetUp(CURL* curl, const Url& url, const HttpRequest& request) const {
  const bool loopback = IsLoopback(url.host);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, loopback ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);  // BodyDecoder does it, within its caps
  curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, Millis(limits_.connect));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, Millis(limits_.total));
  curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, kKeepConnectionSeconds);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "penstock");
  if (loopback) {
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
  } else if (!config_.proxy.empty()) {
    curl_easy_setopt(curl, CURLOPT_PROXY, config_.proxy.c_str());
  }
  if (!config_.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, config_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, config_.ca_file.c_str());
  }
  if (!request.post_body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.post_body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.post_body.c_str());
  }
}

absl::Status Outcome(CURLcode code, CURL* curl, const Url& url, const char* detail, CurlExchange& exchange) {
  // Our own word first: curl only knows that a callback ended the transfer.
  if (!exchange.verdict().ok()) {
    return absl::Status(exchange.verdict().code(),
                        absl::StrCat(WithoutQuery(url), ": ", exchange.verdict().message()));
  }
  if (code == CURLE_OK) return exchange.body().Finish();
  long os_error = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
  return FromCurl(code, url, detail, static_cast<int>(os_error));
}

HttpResult CurlTransport::Send(const HttpRequest& request) {
  HttpResult result;
  result.fate = v1::NEVER_SENT;
  const absl::StatusOr<Url> url = CheckRequest(request);
  if (!url.ok()) {
    result.status = url.status();
    return result;
  }
  Easy easy = Take();
  CURL* const curl = easy.get();
  const List headers = HeaderList(request.headers);
  std::array<char, CURL_ERROR_SIZE> detail{};
  CurlExchange exchange(request.send_before, limits_, clock_, aborted_);
  SetUp(curl, *url, request);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail.data());
  exchange.Install(curl);

  const CURLcode code = curl_easy_perform(curl);
  result.status = Outcome(code, curl, *url, detail.data(), exchange);
  if (exchange.answered()) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    result.fate = v1::ANSWERED;
    result.response.status = static_cast<int>(status);
    result.response.headers = exchange.headers();
    result.first_byte_at = exchange.first_byte_at();
    result.time_to_first_byte = exchange.time_to_first_byte();
  } else if (exchange.sends() > 0) {
    result.fate = v1::UNANSWERED;
  }
  if (result.status.ok()) result.response.body = exchange.body().TakeBody();
  GiveBack(std::move(easy));
  return result;
}

}  // namespace

std::unique_ptr<HttpTransport> NewCurlTransport(const HttpConfig& config, const CurlLimits& limits,
                                                const Clock& clock) {
  return std::make_unique<CurlTransport>(config, limits, clock);
}

}  // namespace penstock::worker
