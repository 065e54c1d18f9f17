// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock {

// How a Snowflake account is named: "ORG-ACCOUNT" or, with its region, "xy12345.eu-central-1".
// https://docs.snowflake.com/en/user-guide/admin-account-identifier

// Its own host, "https://xy12345.eu-central-1.snowflakecomputing.com". INVALID_ARGUMENT, with the form, when it is no
// such name: a name that could lead to another host is none.
absl::StatusOr<std::string> SnowflakeUrl(absl::string_view account);

// As tokens name it: in capitals and without the region.
std::string SnowflakeTokenAccount(absl::string_view account);

// For private links: https://HOST[:PORT] and nothing behind it. http is accepted for this machine only.
absl::Status CheckSnowflakeUrl(absl::string_view url);

}  // namespace penstock
