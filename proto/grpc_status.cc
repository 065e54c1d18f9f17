// SPDX-License-Identifier: Apache-2.0
#include "proto/grpc_status.h"

namespace penstock {

// Both enumerations are google.rpc.Code; the first, the last and one between pin that down.
static_assert(static_cast<int>(absl::StatusCode::kCancelled) == grpc::StatusCode::CANCELLED);
static_assert(static_cast<int>(absl::StatusCode::kAborted) == grpc::StatusCode::ABORTED);
static_assert(static_cast<int>(absl::StatusCode::kUnauthenticated) == grpc::StatusCode::UNAUTHENTICATED);

namespace {
bool IsCode(int number) {
  return number >= grpc::StatusCode::OK && number <= grpc::StatusCode::UNAUTHENTICATED;
}
}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const int code = status.error_code();
  return absl::Status(IsCode(code) ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
                      status.error_message());
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const int code = static_cast<int>(status.code());  // code() answers kUnknown for numbers that are no code
  return grpc::Status(static_cast<grpc::StatusCode>(code), std::string(status.message()));
}

}  // namespace penstock
