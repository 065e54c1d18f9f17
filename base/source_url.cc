// SPDX-License-Identifier: Apache-2.0
#include "base/source_url.h"

#include <arpa/inet.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

absl::Status Refused(absl::string_view what, absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(what, " '", text, "' ", why));
}

bool IsPort(absl::string_view text, uint16_t* port) {
  if (text.empty() || text.size() > 5) return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  uint32_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number == 0 || number > 65535) return false;
  *port = static_cast<uint16_t>(number);
  return true;
}

bool IsHost(absl::string_view host) {
  for (char c : host) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_' && c != ':') return false;
  }
  return !host.empty();
}

// "host", "host:port", "[v6]", "[v6]:port". The port stays as it is when the text has none.
bool SplitAuthority(absl::string_view text, std::string* host, uint16_t* port) {
  absl::string_view name = text;
  absl::string_view rest;
  if (absl::ConsumePrefix(&name, "[")) {
    const size_t end = name.find(']');
    if (end == absl::string_view::npos) return false;
    rest = name.substr(end + 1);
    name = name.substr(0, end);
  } else if (const size_t colon = text.find(':'); colon != absl::string_view::npos) {
    name = text.substr(0, colon);
    rest = text.substr(colon);
    if (absl::StrContains(rest.substr(1), ":")) return false;  // an IPv6 address needs its brackets
  }
  if (!rest.empty() && (!absl::ConsumePrefix(&rest, ":") || !IsPort(rest, port))) return false;
  *host = absl::AsciiStrToLower(name);
  return IsHost(*host);
}

}  // namespace

absl::StatusOr<UrlParts> ParseHttpUrl(absl::string_view url) {
  UrlParts parts;
  absl::string_view rest = url;
  if (absl::ConsumePrefix(&rest, "https://")) {
    parts.scheme = "https";
    parts.port = 443;
  } else if (absl::ConsumePrefix(&rest, "http://")) {
    parts.scheme = "http";
    parts.port = 80;
  } else {
    return Refused("URL", url, "does not begin with https://");
  }
  for (char c : rest) {
    if (absl::ascii_isspace(c) || absl::ascii_iscntrl(c)) return Refused("URL", url, "holds a space");
  }
  if (absl::StrContains(rest, "#"))
    return Refused("URL", url, "has a fragment; leave out what begins with '#'");
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const absl::string_view authority = rest.substr(0, end);
  if (absl::StrContains(authority, "@")) {
    // The text is not repeated: it may hold a password.
    return absl::InvalidArgumentError("the URL holds user:password@; name a secret file instead");
  }
  if (!SplitAuthority(authority, &parts.host, &parts.port))
    return Refused("URL", url, "has no valid HOST or HOST:PORT");
  parts.path = std::string(rest.substr(end));
  if (parts.scheme == "http" && !IsLoopback(parts.host)) {
    return Refused("URL", url,
                   "would send secrets in the clear; write https:// (http is for this machine only)");
  }
  return parts;
}

bool IsLoopback(absl::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  // Strict on purpose: "127.0.0.09" looks like an address, but resolvers ask the DNS for it.
  in_addr address;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text) {
  HostPort result;
  if (!SplitAuthority(text, &result.host, &result.port) || result.port == 0) {
    return Refused("address", text, "is not HOST:PORT, for example 127.0.0.1:7070");
  }
  return result;
}

}  // namespace penstock
