// SPDX-License-Identifier: Apache-2.0
#include "worker/url.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace penstock::worker {
namespace {

absl::Status Odd(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the URL ", what));
}

bool IsHostName(absl::string_view host) {
  if (host.empty() || host.size() > 253 || host.back() == '.') return false;
  for (absl::string_view label : absl::StrSplit(host, '.')) {
    if (label.empty() || label.size() > 63) return false;
    const bool plain = std::all_of(label.begin(), label.end(),
                                   [](char c) { return absl::ascii_isalnum(c) || c == '-' || c == '_'; });
    if (!plain) return false;
  }
  return true;
}

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// "host", "host:port", "[::1]", "[::1]:port" -> url.host, url.port.
absl::Status SplitAuthority(absl::string_view authority, Url& url) {
  if (absl::StrContains(authority, '@')) return Odd("holds a user part ('@' before the path)");
  absl::string_view port;
  bool has_port = false;
  if (absl::StartsWith(authority, "[")) {
    const size_t close = authority.find(']');
    if (close == absl::string_view::npos) return Odd("has an unclosed bracket in its host");
    url.host = absl::AsciiStrToLower(authority.substr(1, close - 1));
    if (!IsIpv6(url.host)) return Odd("has brackets around something that is not an IPv6 address");
    port = authority.substr(close + 1);
    has_port = absl::ConsumePrefix(&port, ":");
    if (!has_port && !port.empty()) return Odd("has text after the bracket of its host");
  } else {
    const size_t colon = authority.find(':');
    url.host = absl::AsciiStrToLower(authority.substr(0, colon));
    if (!IsHostName(url.host)) {
      return Odd("has no plain host name (letters, digits, '-', '_' and single inner dots)");
    }
    has_port = colon != absl::string_view::npos;
    if (has_port) port = authority.substr(colon + 1);
  }
  url.port = url.scheme == "https" ? 443 : 80;
  if (!has_port) return absl::OkStatus();
  uint32_t number = 0;
  const bool digits =
      !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(port, &number) || number == 0 || number > 65535) {
    return Odd("has a port that is not a number from 1 to 65535");
  }
  url.port = static_cast<uint16_t>(number);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckUrlCharacters(absl::string_view text) {
  for (char c : text) {
    if (c == '\\') return Odd("holds a backslash");
    if (c == '#') return Odd("holds a fragment ('#')");
    if (c == ' ') return Odd("holds a space");
    if (absl::ascii_iscntrl(c)) return Odd("holds a control character");
    if (!absl::ascii_isprint(c)) return Odd("holds a character outside ASCII");
  }
  return absl::OkStatus();
}

absl::Status CheckPath(absl::string_view path) {
  if (path.empty()) return absl::OkStatus();
  if (path[0] != '/') return Odd("has a path without a leading slash");
  if (absl::StrContains(path, '%')) return Odd("has an escape ('%') in its path");
  if (absl::StrContains(path, ';')) return Odd("has a semicolon in its path");
  std::vector<absl::string_view> segments = absl::StrSplit(path.substr(1), '/');
  if (segments.back().empty()) segments.pop_back();  // one trailing slash is usual
  for (absl::string_view segment : segments) {
    if (segment.empty()) return Odd("has an empty path segment ('//')");
    if (segment == "." || segment == "..") return Odd("has a dot segment in its path");
  }
  return absl::OkStatus();
}

absl::StatusOr<Url> SplitUrl(absl::string_view text) {
  RETURN_IF_ERROR(CheckUrlCharacters(text));
  Url url;
  const size_t colon = text.find("://");
  if (colon == absl::string_view::npos) return Odd("does not begin with https://");
  url.scheme = absl::AsciiStrToLower(text.substr(0, colon));
  if (url.scheme != "https" && url.scheme != "http") return Odd("does not begin with https://");
  text.remove_prefix(colon + 3);
  const size_t question = text.find('?');
  if (question != absl::string_view::npos) {
    url.query = std::string(text.substr(question));
    text = text.substr(0, question);
  }
  const size_t slash = text.find('/');
  if (slash != absl::string_view::npos) {
    url.path = std::string(text.substr(slash));
    text = text.substr(0, slash);
  }
  RETURN_IF_ERROR(SplitAuthority(text, url));
  RETURN_IF_ERROR(CheckPath(url.path));
  return url;
}

std::string Origin(const Url& url) {
  const bool bracket = absl::StrContains(url.host, ':');
  const bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  return absl::StrCat(url.scheme, "://", bracket ? "[" : "", url.host, bracket ? "]" : "",
                      usual ? "" : absl::StrCat(":", url.port));
}

std::string WithoutQuery(const Url& url) { return Origin(url) + url.path; }

bool SameOrigin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

bool IsIpLiteral(absl::string_view host) {
  if (absl::StrContains(host, ':')) return true;
  in_addr address;
  return inet_aton(std::string(host).c_str(), &address) == 1;
}

}  // namespace penstock::worker
