// SPDX-License-Identifier: Apache-2.0
// Writes penstock(1) while the package is built; it is not installed.
#include <iostream>

#include "cli/app.h"
#include "cli/manual_page.h"

int main() {
  std::cout << penstock::cli::ManualPage(penstock::cli::WholeCommandTree(), PENSTOCK_VERSION);
  return std::cout.flush() ? 0 : 1;
}
