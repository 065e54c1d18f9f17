// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/endpoint.h"
#include "sandbox/record_table.h"

namespace penstock::sandbox {

// The records of FOLDER/{endpoint}.json, a file in the published shape: {"@odata.context": .., "value":
// [..]}, or a bare array. They are served with the very bytes of the file; one that has no id is served too.
// A folder without that file is an endpoint without records. INVALID_ARGUMENT names the file and what is
// wrong.
absl::StatusOr<std::unique_ptr<RecordTable>> ReadFolder(const std::string& folder, Endpoint endpoint);

// The same from text instead of a file; `name` is for messages.
absl::StatusOr<std::unique_ptr<RecordTable>> ReadRecords(std::string json, Endpoint endpoint,
                                                         const std::string& name);

}  // namespace penstock::sandbox
