// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace penstock {

// One word of a command to type, quoted as far as a POSIX shell needs it: 'postgresql://db/dwh?tls=verify-full'.
std::string ShellWord(const std::string& word);

}  // namespace penstock
