// SPDX-License-Identifier: Apache-2.0
#include <curl/curl.h>

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "destinations/snowflake/http_client.h"

namespace penstock::destinations::snowflake {
namespace {

constexpr long kConnectSeconds = 10;
// A statement is answered after 45 s at the latest, if only with 202.
constexpr long kTotalSeconds = 120;
// Results are read in partitions of some 10 MB, decompressed.
constexpr size_t kMaxBody = size_t{64} << 20;

struct EasyDeleter {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void StartCurlOnce() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK);
}

size_t OnBody(char* data, size_t one, size_t size, void* target) {
  auto* reply = static_cast<HttpReply*>(target);
  if (reply->body.size() + one * size > kMaxBody) return 0;
  reply->body.append(data, one * size);
  return one * size;
}

size_t OnHeader(char* data, size_t one, size_t size, void* target) {
  absl::string_view line(data, one * size);
  constexpr absl::string_view kName = "retry-after:";
  if (absl::StartsWithIgnoreCase(line, kName)) {
    static_cast<HttpReply*>(target)->retry_after =
        std::string(absl::StripAsciiWhitespace(line.substr(kName.size())));
  }
  return one * size;
}

class CurlHttpClient final : public HttpClient {
 public:
  explicit CurlHttpClient(const SnowflakeConfig& config) : config_(config) {
    StartCurlOnce();
    easy_.reset(curl_easy_init());
    CHECK(easy_ != nullptr);
  }

  absl::StatusOr<HttpReply> Send(const HttpRequest& request) override {
    ASSIGN_OR_RETURN(const UrlParts url, ParseHttpUrl(request.url));
    curl_easy_reset(easy_.get());  // keeps its connection
    std::unique_ptr<curl_slist, ListDeleter> headers(curl_slist_append(nullptr, "Expect:"));
    for (const auto& [name, value] : request.headers) {
      curl_slist* grown = curl_slist_append(headers.get(), absl::StrCat(name, ": ", value).c_str());
      CHECK(grown != nullptr);
    }
    HttpReply reply;
    std::array<char, CURL_ERROR_SIZE> detail{};
    SetUp(request, IsLoopback(url.host), &reply);
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy_.get(), CURLOPT_ERRORBUFFER, detail.data());
    const CURLcode code = curl_easy_perform(easy_.get());
    if (code != CURLE_OK) return Failed(code, url.host, detail.data());
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    return reply;
  }

 private:
  void SetUp(const HttpRequest& request, bool loopback, HttpReply* reply) const {
    CURL* curl = easy_.get();
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, loopback ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // the token is for this host alone
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTotalSeconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "penstock/1");
    if (loopback) {
      curl_easy_setopt(curl, CURLOPT_PROXY, "");
    } else if (!config_.proxy.empty()) {
      curl_easy_setopt(curl, CURLOPT_PROXY, config_.proxy.c_str());
    }
    if (!config_.ca_file.empty()) {
      curl_easy_setopt(curl, CURLOPT_CAINFO, config_.ca_file.c_str());
      curl_easy_setopt(curl, CURLOPT_PROXY_CAINFO, config_.ca_file.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    if (!request.post_body.empty()) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.post_body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.post_body.c_str());
    }
  }

  absl::Status Failed(CURLcode code, const std::string& host, const char* detail) const {
    const std::string text = absl::StrCat(host, ": ", *detail != '\0' ? detail : curl_easy_strerror(code));
    switch (code) {
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_CONNECT_ERROR:
        return absl::PermissionDeniedError(absl::StrCat(
            text, "; the certificate cannot be verified: name the CA that signed it as ca_file"));
      case CURLE_COULDNT_RESOLVE_HOST:
        return absl::UnavailableError(absl::StrCat(text, "; correct the account, or the DNS"));
      case CURLE_COULDNT_RESOLVE_PROXY:
        return absl::UnavailableError(absl::StrCat(text, "; correct the proxy '", config_.proxy, "'"));
      case CURLE_COULDNT_CONNECT:
        return absl::UnavailableError(
            absl::StrCat(text, "; look at the network, the firewall and the proxy on the way to it"));
      default:
        return absl::UnavailableError(text);
    }
  }

  const SnowflakeConfig config_;
  std::unique_ptr<CURL, EasyDeleter> easy_;
};

}  // namespace

std::unique_ptr<HttpClient> NewCurlHttpClient(const SnowflakeConfig& config) {
  return std::make_unique<CurlHttpClient>(config);
}

}  // namespace penstock::destinations::snowflake
