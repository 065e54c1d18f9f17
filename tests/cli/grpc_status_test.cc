// SPDX-License-Identifier: Apache-2.0
#include "proto/grpc_status.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(GrpcStatus, EveryCodeTravelsBothWaysWithItsMessage) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), code == 0 ? "" : "because");
    const grpc::Status wire = ToGrpc(status);
    EXPECT_EQ(static_cast<int>(wire.error_code()), code);
    EXPECT_EQ(FromGrpc(wire), status);
  }
}

TEST(GrpcStatus, ANumberThatIsNoCodeBecomesUnknown) {
  EXPECT_EQ(FromGrpc(grpc::Status(static_cast<grpc::StatusCode>(99), "odd")), absl::UnknownError("odd"));
}

}  // namespace
}  // namespace penstock
