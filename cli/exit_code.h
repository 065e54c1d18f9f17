// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace penstock::cli {

// What a script learns from `penstock`. The numbers are a promise: they never change.
enum class ExitCode : int {
  kDone = 0,                // all that was asked is complete
  kNeedsALook = 1,          // finished, but parked windows, quarantined records or a cancelled job remain
  kUsage = 2,               // the command line or the configuration; nothing was done
  kSourceRefused = 3,       // 401, 403, 410
  kUnreachable = 4,         // coordinator, source or destination
  kDifference = 5,          // a check found one
  kLocalTrouble = 6,        // disk full, locked, corrupt, of another version
  kDestinationRefused = 7,  // password, role, schema
  kInterrupted = 130,       // SIGINT: 128 + 2
  kTerminated = 143,        // SIGTERM: 128 + 15
};

// The code pinned by WithExitCode, else by the status code:
//   OK                                                                                   0
//   INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, OUT_OF_RANGE, FAILED_PRECONDITION       2  what was asked cannot be
//   UNAUTHENTICATED, PERMISSION_DENIED                                                   3
//   UNAVAILABLE, DEADLINE_EXCEEDED                                                       4
//   CANCELLED                                                                            130
//   all others: RESOURCE_EXHAUSTED, DATA_LOSS, INTERNAL, ABORTED, UNIMPLEMENTED, UNKNOWN 6
ExitCode FromStatus(const absl::Status& status);

// For errors whose status code alone would say the wrong thing: a permission denied by a destination is 7, by
// the local disk 6. An OK status stays as it is.
absl::Status WithExitCode(absl::Status status, ExitCode code);

// What a Status of Destination (destinations/destination.h) means for the process: 7 when it refuses, 4 when
// it cannot be reached, 6 when its disk is full.
absl::Status DestinationTrouble(absl::Status status);

// The one to end with when both apply: 2, then 6, 3, 7, 4, then an interruption, then 1, 5, 0.
ExitCode Worse(ExitCode a, ExitCode b);

}  // namespace penstock::cli
