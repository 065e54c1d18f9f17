// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace penstock::simulation {

// Deliberate defects, one at a time, to see that the checkers find them. Each is planted in a wrapper of the
// simulation around a real part (planted/*.h): it changes what goes into the part or what comes out, and says
// so in kPlantedBugs (planted_bugs.cc). The product's code knows none of them.
enum class Bug {
  kNone,
  // Permits: planted/clock.h, desk.h, decisions.h, worker.h, transport.h and the options of the core.
  kLimitTooHigh,
  kBudgetForgotten,
  kGrantNotDurable,
  kSlotFreedEarly,
  kUnansweredAsNeverSent,
  kPermitGivenTwice,
  kHiddenResend,
  kRetryWithoutPermit,
  kSentTooLate,
  kPauseIgnored,
  kPauseForgotten,
  kRebootUnnoticed,
  kDeadlinesByWallClock,
  // Leases: planted/desk.h, decisions.h.
  kFenceOff,
  kLeaseTooLong,
  kTokensStartAgain,
  kLeaseNeverTold,
  // Pages and windows: planted/desk.h, decisions.h, transport.h.
  kPageTakenTwice,
  kAppliedUnwritten,
  kFullDiskAcknowledged,
  kRowsWithoutProgress,
  kProgressWithoutRows,
  kOldNextLink,
  kDoneTooEarly,
  kParkedAsDone,
  kJobDoneTooEarly,
  kGapBetweenWindows,
  kClosingPassEmpty,
  // Records: planted/worker.h.
  kRowDropped,
  kBytesRespelled,
  kQuarantineDropped,
  // Answers of the source: planted/transport.h.
  kShortBodyEndsChain,
  kErrorAsEmptyPage,
  kForeignLinkFollowed,
  kRedirectFollowed,
  kAnswerThrownAway,
  // The store's bytes: planted/bytes.h, and what is recovered from them: planted/decisions.h.
  kAcknowledgedBeforeSync,
  kTornCommit,
  kStaleCopyAccepted,
  kWindowForgotten,
  kOlderReplacesNewer,
  kFirstVersionStays,
  kDayCountedTwice,
  kCountsWrong,
  // Loads: planted/destination.h, bytes.h.
  kCursorBeforeRows,
  kBatchAppliedPartly,
  kForeignCursorHonoured,
  kStaleLoaderAccepted,
  kChangesSkipped,
  kChangeNumberTwice,
  kLostCommitTakenForDone,
};

struct PlantedBug {
  Bug bug;
  absl::string_view name;        // of its switch
  absl::string_view what;        // the defect, in a few words
  absl::string_view invariants;  // that may find it, as "I4 I1"; another one would be chance
};

const std::vector<PlantedBug>& AllPlantedBugs();
// By its switch's name.
std::optional<PlantedBug> FindPlantedBug(absl::string_view name);

}  // namespace penstock::simulation
