// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/config.h"
#include "base/config_reader.h"

namespace penstock {

inline constexpr char kSnowflakeForm[] =
    "snowflake://ACCOUNT/DATABASE/SCHEMA?user=U&role=R&warehouse=W&private_key_file=F";

// The keys of `type: snowflake` in the file, `interval` apart.
const std::vector<std::string>& SnowflakeKeys();
absl::Status ReadSnowflake(const ConfigReader& reader, SnowflakeConfig* snowflake);

// What stands behind "snowflake://". `interval` and `tables` take the parameters of those names.
absl::StatusOr<SnowflakeConfig> ParseSnowflakeUrl(absl::string_view rest, absl::Duration* interval,
                                                  TableNames* tables);

}  // namespace penstock
