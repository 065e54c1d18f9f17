// SPDX-License-Identifier: Apache-2.0
#include "proto/convert.h"

#include "base/status_macros.h"

namespace penstock {

static_assert(static_cast<int>(Endpoint::kConversations) == v1::CONVERSATIONS);
static_assert(static_cast<int>(Endpoint::kInteractions) == v1::INTERACTIONS);
static_assert(static_cast<int>(Endpoint::kPluginCalls) == v1::PLUGIN_CALLS);
static_assert(static_cast<int>(Endpoint::kPluginResources) == v1::PLUGIN_RESOURCES);
static_assert(static_cast<int>(Endpoint::kUsers) == v1::USERS);

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t seconds = absl::ToUnixSeconds(time);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return proto;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(rest / absl::Nanoseconds(1)));
  return proto;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

v1::Endpoint ToProto(Endpoint endpoint) { return static_cast<v1::Endpoint>(endpoint); }

Endpoint FromProto(v1::Endpoint endpoint) {
  CHECK(IsEndpoint(endpoint));
  return static_cast<Endpoint>(endpoint);
}

bool IsEndpoint(int number) { return number >= v1::CONVERSATIONS && number <= v1::USERS; }

}  // namespace penstock
