// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/config.h"

namespace penstock::destinations::sqlserver {

// For sqlcmd, as a member of sysadmin.
std::string Ddl(const SqlserverConfig& config, TableNames tables, const std::string& reader);

}  // namespace penstock::destinations::sqlserver
