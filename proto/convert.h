// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "base/endpoint.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "proto/row.pb.h"

namespace penstock {

// Between wire types and the types the code thinks in.

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

// For optional fields: empty when the message does not have it.
//   std::optional<absl::Time> to = OptionalTime(job.has_to(), job.to());
inline std::optional<absl::Time> OptionalTime(bool has, const google::protobuf::Timestamp& time) {
  return has ? std::optional(FromProto(time)) : std::nullopt;
}

v1::Endpoint ToProto(Endpoint endpoint);
// CHECKs that it is one of the five: callers validate what comes over the wire with IsEndpoint first.
Endpoint FromProto(v1::Endpoint endpoint);
bool IsEndpoint(int number);

}  // namespace penstock
