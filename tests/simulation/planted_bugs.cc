// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted_bugs.h"

namespace penstock::simulation {

const std::vector<PlantedBug>& AllPlantedBugs() {
  static const std::vector<PlantedBug>* const kPlantedBugs = new std::vector<PlantedBug>{
      {Bug::kLimitTooHigh, "limit-too-high", "one slot more than the source allows", "I1 I6"},
      {Bug::kBudgetForgotten, "budget-forgotten", "a restart forgets which slots are used", "I1 I4"},
      {Bug::kGrantNotDurable, "grant-not-durable", "a permit is given before its slot is written", "I5"},
      {Bug::kSlotFreedEarly, "slot-freed-early", "the first byte is told 5 s earlier than it came", "I1 I4"},
      {Bug::kUnansweredAsNeverSent, "unanswered-as-never-sent", "no answer is told as never sent", "I1 I4"},
      {Bug::kPermitGivenTwice, "permit-given-twice", "two requests get one permit", "I2"},
      {Bug::kHiddenResend, "hidden-resend", "the transport resends on a dead connection", "I2 I4"},
      {Bug::kRetryWithoutPermit, "retry-without-permit", "a 500 is asked again without a permit", "I2"},
      {Bug::kSentTooLate, "sent-too-late", "the permit's deadline is not looked at", "I3"},
      {Bug::kPauseIgnored, "pause-ignored", "a 429 pauses nothing", "I7"},
      {Bug::kPauseForgotten, "pause-forgotten", "a restart forgets the pause", "I7"},
      {Bug::kRebootUnnoticed, "reboot-unnoticed", "boot clocks of two boots are compared", "I9"},
      {Bug::kDeadlinesByWallClock, "wall-clock-deadlines", "deadlines live on the wall clock",
       "I1 I4 I7 I9 I13"},
      {Bug::kFenceOff, "fence-off", "a stale token's page is taken", "I12"},
      {Bug::kLeaseTooLong, "lease-too-long", "leases last far longer than promised", "I13"},
      {Bug::kTokensStartAgain, "tokens-start-again", "every start has the same epoch", "I10 CHECK"},
      {Bug::kLeaseNeverTold, "lease-never-told", "some windows are leased and nobody is told", "I36"},
      {Bug::kPageTakenTwice, "page-taken-twice", "a repeated page is applied as the next one", "I20 I26"},
      {Bug::kAppliedUnwritten, "applied-unwritten", "APPLIED is answered, nothing is written", "I12 I20"},
      {Bug::kFullDiskAcknowledged, "full-disk-acknowledged", "a full disk is answered with APPLIED", "I20"},
      {Bug::kRowsWithoutProgress, "rows-without-progress", "a page's window is not in its commit", "I17"},
      {Bug::kProgressWithoutRows, "progress-without-rows", "a page's rows are not in its commit", "I17 I26"},
      {Bug::kOldNextLink, "old-next-link", "a window keeps its last next link", "I17"},
      {Bug::kDoneTooEarly, "done-too-early", "a window is done with pages left", "I17 I22"},
      {Bug::kParkedAsDone, "parked-as-done", "a window that fails ends as done", "I23 I33"},
      {Bug::kJobDoneTooEarly, "job-done-too-early", "a job is done with windows open", "I33"},
      {Bug::kGapBetweenWindows, "gap-between-windows", "a second lies between two windows", "I16 I23"},
      {Bug::kClosingPassEmpty, "closing-pass-empty", "the closing pass asks for no stamp at all", "I23"},
      {Bug::kRowDropped, "row-dropped", "one record of a page is dropped", "I23 I26"},
      {Bug::kBytesRespelled, "bytes-respelled", "raw bytes are written in another way", "I26 I27"},
      {Bug::kQuarantineDropped, "quarantine-dropped", "a record without an id is dropped", "I26"},
      {Bug::kShortBodyEndsChain, "short-body-ends-chain", "a cut page is empty and the last one", "I23 I26"},
      {Bug::kErrorAsEmptyPage, "error-as-empty-page", "a 5xx is empty and the last page", "I23"},
      {Bug::kForeignLinkFollowed, "foreign-link-followed", "next links to elsewhere are followed", "I40"},
      {Bug::kRedirectFollowed, "redirect-followed", "the transport follows redirects", "I2 I4 I40"},
      {Bug::kAnswerThrownAway, "answer-thrown-away", "every page is asked for twice", "I34"},
      {Bug::kAcknowledgedBeforeSync, "acknowledged-before-sync", "a crash takes the last commits", "I18"},
      {Bug::kTornCommit, "torn-commit", "a crash tears the last commit in two", "I18"},
      {Bug::kStaleCopyAccepted, "stale-copy-accepted", "a start on an old copy of the disk", "I18"},
      {Bug::kWindowForgotten, "window-forgotten", "recovery overlooks some windows", "I18"},
      {Bug::kOlderReplacesNewer, "older-replaces-newer", "the last writer of a row wins", "I21"},
      {Bug::kFirstVersionStays, "first-version-stays", "a stored row is never replaced", "I21 I23"},
      {Bug::kDayCountedTwice, "day-counted-twice", "an updated row counts again in its day", "I17"},
      {Bug::kCountsWrong, "counts-wrong", "a page's counts do not add up", "I26"},
      {Bug::kCursorBeforeRows, "cursor-before-rows", "the load cursor is there before the rows", "I30"},
      {Bug::kBatchAppliedPartly, "batch-applied-partly", "half of a batch is written", "I30"},
      {Bug::kForeignCursorHonoured, "foreign-cursor-honoured", "another store's load cursor counts", "I29"},
      {Bug::kStaleLoaderAccepted, "stale-loader-accepted", "the load cursor is not compared", "I29"},
      {Bug::kChangesSkipped, "changes-skipped", "a cut batch claims to reach the head", "I30"},
      {Bug::kChangeNumberTwice, "change-number-twice", "two changes have one number", "I30"},
      {Bug::kLostCommitTakenForDone, "lost-commit-as-done", "a load of unknown outcome counts", "I30"},
  };
  return *kPlantedBugs;
}

std::optional<PlantedBug> FindPlantedBug(absl::string_view name) {
  for (const PlantedBug& bug : AllPlantedBugs()) {
    if (bug.name == name) return bug;
  }
  return std::nullopt;
}

}  // namespace penstock::simulation
