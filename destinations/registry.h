// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/config.h"
#include "destinations/destination.h"

namespace penstock::destinations {

// The destination that `config` describes, not yet connected: what is wrong with the place itself is told by
// its first call, so that a warehouse that is down now can be opened and tried again later. INVALID_ARGUMENT:
// `config` itself is incomplete. `clock` dates what is loaded (PENSTOCK_LOADED_AT) and must outlive the
// destination.
absl::StatusOr<std::unique_ptr<Destination>> OpenDestination(const DestinationConfig& config,
                                                             const Clock& clock = SystemClock());

}  // namespace penstock::destinations
