// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock {

// An http or https URL taken apart. Nothing is decoded.
struct UrlParts {
  std::string scheme;  // "https" or "http"
  std::string host;    // lower case; an IPv6 address without its brackets
  uint16_t port = 0;   // the scheme's own when the URL names none
  std::string path;    // "" or begins with '/'; with the query
};

// INVALID_ARGUMENT, naming the text, when it is not such a URL, carries user:password@ or a #fragment, or
// would send secrets in the clear: http is accepted for this machine only (IsLoopback).
absl::StatusOr<UrlParts> ParseHttpUrl(absl::string_view url);

// "localhost", 127.0.0.0/8 or ::1, by the letters alone: no name is looked up.
bool IsLoopback(absl::string_view host);

struct HostPort {
  std::string host;
  uint16_t port = 0;
};
// "coordinator:7070", "127.0.0.1:7070", "[::1]:7070". INVALID_ARGUMENT names the text and shows the form.
absl::StatusOr<HostPort> ParseHostPort(absl::string_view text);

}  // namespace penstock
