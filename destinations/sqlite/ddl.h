// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/config.h"

namespace penstock::destinations::sqlite {

// For the sqlite3 shell.
std::string Ddl(TableNames tables);

}  // namespace penstock::destinations::sqlite
