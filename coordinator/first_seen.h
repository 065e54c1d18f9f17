// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// Keeps with the source what a page brought that no page before it had: a newer stamp, fields that the table's profile
// does not know as they are. At most kSeenFieldsMax fields are kept of an endpoint, by names that can be printed. The
// fields that are new are returned.
std::vector<storage::SeenField> NoteFirstSeen(storage::SourceRecord& source, int endpoint,
                                              const v1::PageHeader& header, const std::vector<v1::Row>& rows,
                                              absl::Time now);

// "'mood' (string), which no column takes" and "'served' as object, which IS_PLUGIN_SERVED does not take".
std::string SeenWords(const storage::SeenField& field);

}  // namespace penstock::coordinator
