// SPDX-License-Identifier: Apache-2.0
// Not a target but a planted bug: shows that replay.cc finds one, keeps its input and says so.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (size_t i = 0; i + 1 < size; ++i) {
    if (data[i] == '"' && data[i + 1] == '"') std::abort();
  }
  return 0;
}
