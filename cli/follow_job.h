// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/command.h"

namespace penstock::cli {

// Looks at a job once a second until it has ended and every destination of its source holds what it brought.
//
// On a terminal a bar moves; elsewhere a line comes every 30 s. With --output json a line of JSON comes
// whenever the job changed. A quiet one shows the end only. An unfinished job of a store that no coordinator
// serves is an error: it would never end. A coordinator that stops answering is waited for, two minutes.
//
// The exit code:  0 everything is there;  1 parked windows, quarantined records, rows that a destination set aside, or
// the job was cancelled (all named);  3 the source refuses, and nothing else is left to do;  4 the coordinator or a
// destination does not answer;  6, 7 a destination's trouble;  130, 143 on a signal: the work itself goes on.
absl::StatusOr<ExitCode> FollowJob(Session& session, uint64_t job, bool quiet);

}  // namespace penstock::cli
