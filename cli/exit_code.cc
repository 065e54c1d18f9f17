// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock::cli {
namespace {

constexpr char kPayload[] = "penstock/exit-code";

constexpr std::array kWorstFirst = {
    ExitCode::kUsage,       ExitCode::kLocalTrouble, ExitCode::kSourceRefused, ExitCode::kDestinationRefused,
    ExitCode::kUnreachable, ExitCode::kTerminated,   ExitCode::kInterrupted,   ExitCode::kNeedsALook,
    ExitCode::kDifference,  ExitCode::kDone};

}  // namespace

ExitCode FromStatus(const absl::Status& status) {
  if (const absl::optional<absl::Cord> pinned = status.GetPayload(kPayload)) {
    int code = 0;
    CHECK(absl::SimpleAtoi(std::string(*pinned), &code));
    return static_cast<ExitCode>(code);
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kFailedPrecondition:
      return ExitCode::kUsage;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kSourceRefused;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kCancelled:
      return ExitCode::kInterrupted;
    default:
      return ExitCode::kLocalTrouble;
  }
}

absl::Status WithExitCode(absl::Status status, ExitCode code) {
  if (!status.ok()) status.SetPayload(kPayload, absl::Cord(absl::StrCat(static_cast<int>(code))));
  return status;
}

absl::Status DestinationTrouble(absl::Status status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return WithExitCode(std::move(status), ExitCode::kUnreachable);
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return WithExitCode(std::move(status), ExitCode::kDestinationRefused);
    default:
      return WithExitCode(std::move(status), ExitCode::kLocalTrouble);
  }
}

ExitCode Worse(ExitCode a, ExitCode b) {
  const auto rank = [](ExitCode code) {
    const auto place = std::find(kWorstFirst.begin(), kWorstFirst.end(), code);
    CHECK(place != kWorstFirst.end());
    return place;
  };
  return rank(a) < rank(b) ? a : b;
}

}  // namespace penstock::cli
