// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "destinations/table_profile.h"
#include "proto/worker_service.pb.h"
#include "worker/field_census.h"

namespace penstock::worker {

// The fields that no column takes, and the JSON types that a field's column never takes; null fits everywhere. At most
// 20, names cut after 200 bytes.
std::vector<v1::OddField> OddFields(const std::vector<PageField>& fields, const destinations::Table& table);

}  // namespace penstock::worker
