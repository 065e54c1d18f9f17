// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace penstock::destinations::sqlite {

// For the sqlite3 shell.
std::string Ddl();

}  // namespace penstock::destinations::sqlite
