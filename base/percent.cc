// SPDX-License-Identifier: Apache-2.0
#include "base/percent.h"

#include <cstdlib>

namespace penstock {

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string hex(text.substr(i + 1, 2));
    char* end = nullptr;
    const long byte = std::strtol(hex.c_str(), &end, 16);
    if (hex.size() != 2 || end != hex.c_str() + 2 || byte < ' ') {
      return absl::InvalidArgumentError("has a '%' that is no character");
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace penstock
