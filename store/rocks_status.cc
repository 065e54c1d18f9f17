// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_status.h"

#include "absl/strings/str_cat.h"

namespace penstock::store {

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string cause = absl::StrCat(" while ", doing, ": ", status.ToString());
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the disk of the state directory is full", cause,
                     "; make room, nothing was lost and work goes on by itself"));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat("the database is damaged", cause, "; restore it from a backup"));
  }
  if (status.IsIOError()) {
    return absl::DataLossError(
        absl::StrCat("the disk of the state directory failed", cause, "; check the disk, then start again"));
  }
  return absl::InternalError(
      absl::StrCat("the database refused", cause, "; start again and report this message"));
}

}  // namespace penstock::store
