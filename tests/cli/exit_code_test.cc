// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace penstock::cli {
namespace {

TEST(ExitCode, TheNumbersAreAPromise) {
  EXPECT_EQ(static_cast<int>(ExitCode::kDone), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kNeedsALook), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::kSourceRefused), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::kUnreachable), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::kDifference), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::kLocalTrouble), 6);
  EXPECT_EQ(static_cast<int>(ExitCode::kDestinationRefused), 7);
  EXPECT_EQ(static_cast<int>(ExitCode::kInterrupted), 130);
  EXPECT_EQ(static_cast<int>(ExitCode::kTerminated), 143);
}

TEST(ExitCode, EveryStatusHasOne) {
  const struct {
    absl::StatusCode status;
    ExitCode code;
  } rows[] = {{absl::StatusCode::kInvalidArgument, ExitCode::kUsage},
              {absl::StatusCode::kNotFound, ExitCode::kUsage},
              {absl::StatusCode::kFailedPrecondition, ExitCode::kUsage},
              {absl::StatusCode::kUnauthenticated, ExitCode::kSourceRefused},
              {absl::StatusCode::kPermissionDenied, ExitCode::kSourceRefused},
              {absl::StatusCode::kUnavailable, ExitCode::kUnreachable},
              {absl::StatusCode::kDeadlineExceeded, ExitCode::kUnreachable},
              {absl::StatusCode::kCancelled, ExitCode::kInterrupted},
              {absl::StatusCode::kResourceExhausted, ExitCode::kLocalTrouble},
              {absl::StatusCode::kDataLoss, ExitCode::kLocalTrouble},
              {absl::StatusCode::kInternal, ExitCode::kLocalTrouble},
              {absl::StatusCode::kUnimplemented, ExitCode::kLocalTrouble},
              {absl::StatusCode::kUnknown, ExitCode::kLocalTrouble}};
  for (const auto& row : rows) EXPECT_EQ(FromStatus(absl::Status(row.status, "x")), row.code);
  EXPECT_EQ(FromStatus(absl::OkStatus()), ExitCode::kDone);
}

TEST(ExitCode, APinnedOneWins) {
  const absl::Status status =
      WithExitCode(absl::PermissionDeniedError("role"), ExitCode::kDestinationRefused);
  EXPECT_EQ(FromStatus(status), ExitCode::kDestinationRefused);
  EXPECT_EQ(status.message(), "role");
  EXPECT_EQ(FromStatus(WithExitCode(absl::OkStatus(), ExitCode::kUsage)), ExitCode::kDone);
}

TEST(ExitCode, ADestinationsTroubleHasItsOwn) {
  EXPECT_EQ(FromStatus(DestinationTrouble(absl::PermissionDeniedError("x"))), ExitCode::kDestinationRefused);
  EXPECT_EQ(FromStatus(DestinationTrouble(absl::NotFoundError("x"))), ExitCode::kDestinationRefused);
  EXPECT_EQ(FromStatus(DestinationTrouble(absl::UnavailableError("x"))), ExitCode::kUnreachable);
  EXPECT_EQ(FromStatus(DestinationTrouble(absl::ResourceExhaustedError("x"))), ExitCode::kLocalTrouble);
  EXPECT_TRUE(DestinationTrouble(absl::OkStatus()).ok());
}

TEST(ExitCode, OfSeveralTheOrderOfTheDesignDecides) {
  const int order[] = {6, 3, 7, 4, 1, 5, 0};
  for (size_t i = 0; i < std::size(order); ++i) {
    for (size_t k = i; k < std::size(order); ++k) {
      const ExitCode worse = static_cast<ExitCode>(order[i]);
      const ExitCode better = static_cast<ExitCode>(order[k]);
      EXPECT_EQ(Worse(worse, better), worse);
      EXPECT_EQ(Worse(better, worse), worse);
    }
  }
}

}  // namespace
}  // namespace penstock::cli
