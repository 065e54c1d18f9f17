// SPDX-License-Identifier: Apache-2.0
#include "worker/http_headers.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace penstock::worker {
namespace {

bool IsToken(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("!#$%&'*+-.^_`|~", c);
  });
}

bool IsFieldValue(absl::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) { return absl::ascii_iscntrl(c) && c != '\t'; });
}

}  // namespace

std::string FindHeader(const HttpHeaders& headers, const std::string& lower_case_name) {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

absl::Status CheckHeaders(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (!IsToken(name))
      return absl::InvalidArgumentError("a header's name holds characters that HTTP forbids");
    if (!IsFieldValue(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the value of header ", name, " holds a line end or another control character"));
    }
  }
  return absl::OkStatus();
}

void HeaderReader::Add(absl::string_view line) {
  if (complete_) return;
  const bool folded = absl::StartsWith(line, " ") || absl::StartsWith(line, "\t");
  const absl::string_view text = absl::StripAsciiWhitespace(line);
  if (absl::StartsWith(line, "HTTP/")) {
    headers_.clear();
    last_name_.clear();
    const size_t space = text.find(' ');
    interim_ = space != absl::string_view::npos && absl::StartsWith(text.substr(space + 1), "1");
  } else if (text.empty()) {
    complete_ = !interim_;
  } else if (folded) {
    if (last_name_.empty()) return;
    std::string& value = headers_[last_name_];
    absl::StrAppend(&value, value.empty() ? "" : " ", text);
  } else if (const size_t colon = text.find(':'); colon != absl::string_view::npos) {
    last_name_ = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(0, colon)));
    headers_[last_name_] = std::string(absl::StripAsciiWhitespace(text.substr(colon + 1)));
  }
}

}  // namespace penstock::worker
