// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "destinations/destination.h"

namespace penstock::destinations {

bool Same(const LoadCursor& left, const LoadCursor& right);

// ABORTED: the destination at `place` holds `found`, where the loader believed in `from`.
absl::Status CursorMoved(absl::string_view place, const LoadCursor& found, const LoadCursor& from);

}  // namespace penstock::destinations
