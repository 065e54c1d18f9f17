// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "sandbox/doorkeeper.h"
#include "sandbox/synthetic_tenant.h"

namespace penstock::sandbox {

// Everything a sandbox can be told, by flags or by a test. As it stands: an empty tenant, 60 requests a
// minute, 500 records a page, no key needed, no fault. (Every member has an initialiser, so that {.port = 1}
// warns of nothing.)
struct SandboxOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one

  // The data, one of: a folder of {endpoint}.json files; an invented tenant; texts of the published shape.
  std::string data_folder = {};
  std::optional<SyntheticOptions> synthetic = {};
  std::map<Endpoint, std::string> records = {};

  std::optional<absl::Time> now = {};  // what the tenant takes for the present; empty: the clock's
  absl::Duration retention = absl::Hours(24 * 30);  // of a synthetic tenant; the others forget nothing

  uint32_t per_minute = 60;  // 0: no limit
  uint32_t page_size = 500;
  DoorOptions door = {};

  absl::Duration first_byte = {};        // from a request's arrival to the answer's first byte
  absl::Duration body_time = {};         // from the first byte to the last
  double jitter = 0;                     // 0.3: both times vary by up to 30 % either way
  std::vector<std::string> faults = {};  // NAME[=ARGUMENT][@ENDPOINT], see AllFaults()
  uint64_t fault_seed = 1;

  const Clock* clock = &SystemClock();
};

}  // namespace penstock::sandbox
