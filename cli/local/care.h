// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "base/config.h"
#include "cli/environment.h"
#include "proto/admin_service.pb.h"

namespace penstock::cli {

// CliEnvironment's functions of the same names.
absl::StatusOr<v1::ListBackupsResponse> ListBackupsHere(const BackupConfig& config);
absl::StatusOr<RestoredState> RestoreHere(const RestoreOptions& options);
absl::StatusOr<v1::StoreCheck> CheckStoreHere(const std::string& state);
absl::StatusOr<v1::ListBackupsResponse> VerifyBackupsHere(const std::string& directory);

}  // namespace penstock::cli
