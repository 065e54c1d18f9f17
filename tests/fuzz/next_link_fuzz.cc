// SPDX-License-Identifier: Apache-2.0
// The guard on next links and the check of configured URLs. The oracle is curl's own URL parser, which is also
// what sends: where the guard let a link pass, curl must see the base's scheme, host and port, and our path.
//
// Input: the base URL, the request's URL, and the link, each on a line; the link may go on over lines.
#include <arpa/inet.h>
#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/source_url.h"
#include "base/status_macros.h"
#include "tests/fuzz/fuzz_input.h"
#include "worker/paginator.h"
#include "worker/url.h"

namespace penstock::worker {
namespace {

// A URL as curl cuts it.
class CurlUrl {
 public:
  CurlUrl() : handle_(curl_url()) { CHECK(handle_ != nullptr); }
  ~CurlUrl() { curl_url_cleanup(handle_); }

  // A relative one is resolved against what stands there already.
  bool Set(const std::string& url) {
    return !absl::StrContains(url, '\0') && curl_url_set(handle_, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  }
  std::string Part(CURLUPart part) const {
    char* text = nullptr;
    if (curl_url_get(handle_, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) != CURLUE_OK) {
      return "";
    }
    std::string copy(text);
    curl_free(text);
    return copy;
  }
  std::string Host() const { return absl::AsciiStrToLower(Part(CURLUPART_HOST)); }
  std::string Origin() const {
    return absl::StrCat(Part(CURLUPART_SCHEME), "://", Host(), ":", Part(CURLUPART_PORT));
  }
  std::string PathAndQuery() const { return absl::StrCat(Part(CURLUPART_PATH), "?", Part(CURLUPART_QUERY)); }

 private:
  CURLU* const handle_;
};

std::string PathAndQuery(const Url& url) {
  return absl::StrCat(url.path.empty() ? "/" : url.path, "?",
                      url.query.empty() ? "" : absl::string_view(url.query).substr(1));
}

void CheckCutAlike(const std::string& text) {
  const absl::StatusOr<Url> ours = SplitUrl(text);
  if (!ours.ok()) return;
  CurlUrl curl;
  // What curl refuses is not sent at all.
  if (!curl.Set(text)) return;
  CHECK(curl.Part(CURLUPART_SCHEME) == ours->scheme);
  CHECK(curl.Part(CURLUPART_PORT) == absl::StrCat(ours->port));
  CHECK(curl.Part(CURLUPART_USER).empty() && curl.Part(CURLUPART_PASSWORD).empty());
  CHECK(curl.Part(CURLUPART_FRAGMENT).empty());
  CHECK(curl.PathAndQuery() == PathAndQuery(*ours));
  // curl rewrites addresses ("127.1", "::0001") into their usual spelling; names it leaves alone.
  if (!IsIpLiteral(ours->host)) CHECK(curl.Host() == ours->host);
}

void CheckConfiguredUrl(const std::string& text) {
  const absl::StatusOr<UrlParts> parts = ParseHttpUrl(text);
  if (!parts.ok()) return;
  CurlUrl curl;
  if (!curl.Set(text)) return;
  CHECK(curl.Part(CURLUPART_SCHEME) == parts->scheme);
  CHECK(curl.Part(CURLUPART_PORT) == absl::StrCat(parts->port));
  CHECK(curl.Part(CURLUPART_USER).empty() && curl.Part(CURLUPART_PASSWORD).empty());
  if (parts->scheme == "https") return;
  const std::string host = curl.Host();
  in_addr address;
  CHECK(host == "localhost" || host == "[::1]" ||
        (inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127));
}

void Fuzz(fuzz::FuzzInput input) {
  const std::string base = input.Line();
  const std::string request = input.Line();
  const std::string link(input.Rest());
  CheckConfiguredUrl(base);
  CheckCutAlike(base);
  CheckCutAlike(link);
  const absl::StatusOr<std::string> passed = ResolveNextLink(base, request, link);
  if (!passed.ok()) {
    CHECK(absl::IsPermissionDenied(passed.status()) || absl::IsInvalidArgument(passed.status()));
    return;
  }
  CurlUrl source;
  CurlUrl target;
  if (!source.Set(base) || !target.Set(*passed)) return;
  CHECK(target.Origin() == source.Origin());
  CHECK(target.Part(CURLUPART_USER).empty() && target.Part(CURLUPART_PASSWORD).empty());
  const std::string path = target.Part(CURLUPART_PATH);
  CHECK(absl::StartsWith(path, "/export/") || absl::StartsWith(path, source.Part(CURLUPART_PATH) + "/") ||
        source.Part(CURLUPART_PATH) == "/");
  CHECK(!absl::StrContains(path, "/../") && !absl::EndsWith(path, "/.."));
  const size_t question = link.find('?');
  CHECK(target.Part(CURLUPART_QUERY) == (question == std::string::npos ? "" : link.substr(question + 1)));
  // Resolved by curl the link leads to the same place.
  CurlUrl resolved;
  if (link.empty() || !resolved.Set(request) || !resolved.Set(link)) return;
  CHECK(resolved.Origin() == target.Origin());
  CHECK(resolved.PathAndQuery() == target.PathAndQuery());
}

}  // namespace
}  // namespace penstock::worker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::worker::Fuzz({data, size});
  return 0;
}
