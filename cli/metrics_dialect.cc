// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_dialect.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"

namespace penstock::cli {

absl::StatusOr<std::unique_ptr<metrics::Dialect>> DialectNamed(const std::string& name,
                                                               const Config& config) {
  DestinationConfig destination;
  if (name == "sqlite") {
    destination.type = DestinationType::kSqlite;
  } else if (name == "postgres") {
    destination.type = DestinationType::kPostgres;
  } else if (name == "snowflake") {
    destination.type = DestinationType::kSnowflake;
    destination.snowflake.database = "DATA_API";
  } else if (config.destinations.count(name) > 0 || absl::StrContains(name, ':')) {
    ASSIGN_OR_RETURN(destination, ParseDestination(name, config));
  } else {
    std::vector<std::string> known = {"sqlite", "postgres", "snowflake"};
    for (const auto& [each, unused] : config.destinations) known.push_back(each);
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is none of ", absl::StrJoin(known, ", "), DidYouMean(name, known)));
  }
  return metrics::DialectOf(destination);
}

}  // namespace penstock::cli
