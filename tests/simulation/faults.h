// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/random.h"

namespace penstock::simulation {

// The calls between workers and coordinator.
enum class Rpc {
  kSync,
  kAcquirePermit,
  kReportPermit,
  kCommitPage,
  kReleaseWindow,
  kReadChanges,
  kReportLoad
};
inline constexpr size_t kRpcs = 7;

// Every named place where something can go wrong, or rare things happen. kFaultTable (faults.cc) has each
// one's name, in this order, and how likely it is at most, per occasion or per tick of the mischief
// (mischief.h).
enum class Fault {
  // Network between workers and coordinator; the first of each seven, one per Rpc.
  kRequestLost,
  kAnswerLost = kRequestLost + kRpcs,
  kDoubled = kAnswerLost + kRpcs,
  kSlowWay = kDoubled + kRpcs,
  kCutToCoordinator,
  kCutFromCoordinator,
  kCutBoth,
  kConnectionRefused,
  // Processes.
  kWorkerStops,
  kCoordinatorStops,
  kWorkerKilled,
  kWorkerKilledWithPermit,
  kWorkerKilledAfterSending,
  kWorkerKilledWithAnswer,
  kWorkerKilledInCommit,
  kWorkerDrains,
  kCoordinatorKilled,
  kKilledBeforeWrite,
  kKilledAfterWrite,
  kReboot,
  // Clocks.
  kWallForward,
  kWallBack,
  kClockDrift,
  // Disk of the coordinator.
  kDiskFull,
  kDiskFails,
  kSlowSync,
  kPowerLost,
  // On the way to the source and back.
  kNoConnection,
  kSourceAway,
  kSendTimesOut,
  kArrivesLate,
  kResetBeforeByte,
  kAnswerStalls,
  kBodyCut,
  kSlowFirstByte,
  // The source's answers.
  k429,
  k429Bare,
  k429Date,
  k429Garbage,
  k429Absurd,
  k500,
  k502Html,
  k503,
  k401,
  k403,
  kExpiredLink,
  kHtml,
  kEmptyBody,
  kError200,
  kNoValue,
  kEmptyPage,
  kMissingLink,
  kRelativeLink,
  kLinkCase,
  kForeignLink,
  kLoopLink,
  kRedirect,
  kNoId,
  kDuplicateRow,
  kCountRefused,
  // The tenant's rows.
  kRowBorn,
  kRestamped,
  kRestampedWhileRead,
  kPublishedLate,
  kHeldBack,
  kForgotten,
  // Destinations.
  kDestinationDown,
  kDestinationRefuses,
  kCommitLostApplied,
  kCommitLostNotApplied,
  kSlowLoad,
  // People.
  kNewBackfill,
  kJobPaused,
  kJobResumed,
  kJobCancelled,
  kJobRetried,
  kWindowRetried,
  kKeyRenewed,
  kCount_,
};
inline constexpr size_t kFaults = static_cast<size_t>(Fault::kCount_);

absl::string_view FaultName(Fault fault);

inline Fault Of(Fault first, Rpc rpc) {
  return static_cast<Fault>(static_cast<int>(first) + static_cast<int>(rpc));
}

using FaultCounts = std::array<uint64_t, kFaults>;

// Which faults strike in this run, and how often: a swarm draws a random subset, each with an intensity of
// its own, so that runs differ in kind. Counts what struck.
class FaultPlan {
 public:
  // Nothing ever strikes.
  FaultPlan() = default;
  static FaultPlan Swarm(Random& dice);

  // To be asked once per occasion. Draws from `dice` even when switched off, so that a run's second phase has
  // the chances of its first.
  bool Strikes(Fault fault, Random& dice);
  // Something that just happened, without a draw.
  void Happened(Fault fault) { ++counts_[static_cast<size_t>(fault)]; }
  bool Includes(Fault fault) const { return chance_[static_cast<size_t>(fault)] > 0; }

  void SwitchOff() { on_ = false; }
  bool on() const { return on_; }
  const FaultCounts& counts() const { return counts_; }
  // For a scenario of its own.
  void Set(Fault fault, double chance) { chance_[static_cast<size_t>(fault)] = chance; }

 private:
  bool on_ = true;
  std::array<double, kFaults> chance_ = {};
  FaultCounts counts_ = {};
};

}  // namespace penstock::simulation
