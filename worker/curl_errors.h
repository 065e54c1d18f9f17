// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <string>

#include "absl/status/status.h"
#include "worker/url.h"

namespace penstock::worker {

// What a failed transfer means (the codes of HttpResult::status), with the next step for people. `detail` is
// curl's own text, `os_error` its errno or 0. The message names the URL without its query.
absl::Status FromCurl(CURLcode code, const Url& url, const std::string& detail, int os_error);

}  // namespace penstock::worker
