// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace penstock {

// What travels beside a request. Why the caller does it, in their own words (--reason): any text.
inline constexpr char kReasonMetadata[] = "penstock-reason-bin";

}  // namespace penstock
