// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "proto/admin_service.pb.h"

namespace penstock::cli {

// What is done with a destination by a worker: `penstock destinations resync` and `verify`.

// Asks the process that holds the state or, where none runs, a coordinator in this one (CliEnvironment::host).
absl::StatusOr<ExitCode> AskAbout(Session& session, const std::string& destination, Loads loads,
                                  const UseCoordinator& use);

absl::StatusOr<v1::Destination> AskResync(AdminConnection& admin, const std::string& destination);

// Until the destination holds every row again, or will not without a person (a paused one: kNeedsALook); then says so.
// One that cannot be reached is waited for two minutes. `alive` is not OK when nobody will do it any more.
absl::StatusOr<ExitCode> AwaitLoaded(Session& session, AdminConnection& admin, const std::string& destination,
                                     const std::function<absl::Status()>& alive);

// Has the destination compared with the store and prints what was found. kDifference: rows are missing, differ or are
// newer there; kNeedsALook: rows are set aside there, which is no difference.
absl::StatusOr<ExitCode> Verify(Session& session, AdminConnection& admin, const std::string& destination,
                                const std::function<absl::Status()>& alive);

}  // namespace penstock::cli
