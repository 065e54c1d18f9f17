// SPDX-License-Identifier: Apache-2.0
#include "worker/check_config.h"

#include "base/status_macros.h"
#include "metrics/own_settings.h"
#include "worker/column_rules.h"

namespace penstock::worker {

absl::Status CheckConfig(const Config& config) {
  RETURN_IF_ERROR(CheckColumns(config));
  return metrics::CheckSettings(config.metrics).status();
}

}  // namespace penstock::worker
