// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/config.h"

namespace penstock::destinations::postgres {

// For psql, as a superuser.
std::string Ddl(const PostgresConfig& config, TableNames tables, const std::string& reader);

}  // namespace penstock::destinations::postgres
