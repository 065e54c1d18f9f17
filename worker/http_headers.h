// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace penstock::worker {

using HttpHeaders = std::map<std::string, std::string>;

// The value of `lower_case_name`, empty when there is none.
std::string FindHeader(const HttpHeaders& headers, const std::string& lower_case_name);

// INVALID_ARGUMENT when a name is not a token (RFC 9110 5.6.2), or a value holds CR, LF or another control
// character, which would begin a header or a request of its own. Names the header, never its value.
absl::Status CheckHeaders(const HttpHeaders& headers);

// Gathers the header lines of one response as they come: names in lower case, values trimmed, the last of
// equal names; a folded line continues the one before. A new status line begins anew (1xx answers come before
// the final one), and once the final block has ended, trailers are ignored.
class HeaderReader {
 public:
  // One line with its line end. An empty one ends the block.
  void Add(absl::string_view line);
  bool Complete() const { return complete_; }
  const HttpHeaders& headers() const { return headers_; }

 private:
  HttpHeaders headers_;
  std::string last_name_;
  bool interim_ = false;
  bool complete_ = false;
};

}  // namespace penstock::worker
