// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::worker {

// An absolute http or https URL in parts that all of its readers (this guard, curl, proxies, the server) cut
// the same way. Whatever two readers might cut differently is refused, so a comparison of parts can be
// believed:
//
//   https://API.example.com:443/export/v1/records/users?$skiptoken=a%2Fb
//   |scheme |host           |port|path                 |query, byte for byte, with its question mark
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 address without its brackets
  uint16_t port = 0;   // the scheme's default when the text names none
  std::string path;    // "/..", or empty
  std::string query;   // "?..", or empty
};

// INVALID_ARGUMENT names what is odd: another scheme, a user part, a fragment, white space, control
// characters, a backslash, bytes outside ASCII, an empty host or one with a trailing dot or escapes, a bad
// port, and in the path: dot segments, empty segments, escapes (a second decoding could make dots or slashes
// of them) and semicolons. The message never holds the query.
absl::StatusOr<Url> SplitUrl(absl::string_view text);

// The path part alone, judged by the same rules: what a relative link may hold.
absl::Status CheckPath(absl::string_view path);
// The characters of a URL as a whole, judged by the same rules.
absl::Status CheckUrlCharacters(absl::string_view text);

// "https://api.moveworks.ai", "http://127.0.0.1:8080", "https://[::1]:8443".
std::string Origin(const Url& url);
// The URL for people: without its query, which may hold tokens.
std::string WithoutQuery(const Url& url);
bool SameOrigin(const Url& a, const Url& b);

// An IP address in one of the spellings that resolvers accept: dotted, one number, octal or hexadecimal
// parts, IPv6.
bool IsIpLiteral(absl::string_view host);

}  // namespace penstock::worker
