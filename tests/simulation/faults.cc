// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/faults.h"

#include <cmath>

namespace penstock::simulation {
namespace {

struct Row {
  absl::string_view name;
  double most;  // chance per occasion (network, source, disk) or per tick and process (the rest)
};

constexpr Row kFaultTable[] = {
    {"request lost: Sync", 0.05},
    {"request lost: AcquirePermit", 0.05},
    {"request lost: ReportPermit", 0.1},
    {"request lost: CommitPage", 0.05},
    {"request lost: ReleaseWindow", 0.3},
    {"request lost: ReadChanges", 0.05},
    {"request lost: ReportLoad", 0.05},
    {"answer lost: Sync", 0.05},
    {"answer lost: AcquirePermit", 0.05},
    {"answer lost: ReportPermit", 0.1},
    {"answer lost: CommitPage", 0.05},
    {"answer lost: ReleaseWindow", 0.3},
    {"answer lost: ReadChanges", 0.05},
    {"answer lost: ReportLoad", 0.05},
    {"call doubled: Sync", 0.05},
    {"call doubled: AcquirePermit", 0.05},
    {"call doubled: ReportPermit", 0.1},
    {"call doubled: CommitPage", 0.05},
    {"call doubled: ReleaseWindow", 0.3},
    {"call doubled: ReadChanges", 0.05},
    {"call doubled: ReportLoad", 0.05},
    {"message delayed by seconds", 0.05},
    {"partition: to the coordinator", 0.03},
    {"partition: from the coordinator", 0.03},
    {"partition: both ways", 0.03},
    {"connection refused, coordinator down", 1.0},
    {"worker stopped for a while", 0.03},
    {"coordinator stopped for a while", 0.03},
    {"worker killed", 0.02},
    {"worker killed holding a permit", 0.03},
    {"worker killed after sending", 0.03},
    {"worker killed holding an answer", 0.03},
    {"worker killed in a commit", 0.03},
    {"worker drained", 0.02},
    {"coordinator killed", 0.03},
    {"coordinator killed before a write", 0.01},
    {"coordinator killed after a write", 0.01},
    {"coordinator's machine rebooted", 0.01},
    {"wall clock jumps forward", 0.02},
    {"wall clock jumps back", 0.02},
    {"boot clocks drift", 1.0},
    {"disk full for a while", 0.02},
    {"disk fails for good", 0.003},
    {"slow sync", 0.05},
    {"power lost in a write", 0.02},
    {"source: no connection", 0.05},
    {"source: away for minutes", 0.01},
    {"source: request never arrives", 0.02},
    {"source: request arrives after the close", 0.02},
    {"source: reset before the first byte", 0.03},
    {"source: answer stalls", 0.01},
    {"source: body cut", 0.03},
    {"source: slow first byte", 0.05},
    {"source: 429 with Retry-After", 0.01},
    {"source: 429 without a header", 0.004},
    {"source: 429 with a date", 0.005},
    {"source: 429 with garbage", 0.004},
    {"source: 429 with an absurd wait", 0.004},
    {"source: 500", 0.05},
    {"source: 502 with HTML", 0.03},
    {"source: 503 with Retry-After", 0.01},
    {"source: 401", 0.02},
    {"source: 403", 0.005},
    {"source: next link expired", 0.05},
    {"source: 200 with HTML", 0.02},
    {"source: 200 without a body", 0.02},
    {"source: 200 with an error", 0.02},
    {"source: no value", 0.02},
    {"source: empty page with a next link", 0.05},
    {"source: next link missing", 0.02},
    {"source: relative next link", 0.2},
    {"source: another spelling of the link", 0.1},
    {"source: next link to elsewhere", 0.01},
    {"source: next link in a loop", 0.01},
    {"source: redirect", 0.005},
    {"source: record without an id", 0.05},
    {"source: row repeated over pages", 0.05},
    {"source: count refused", 0.05},
    {"tenant: rows appear", 0.5},
    {"tenant: rows get a new stamp", 0.5},
    {"tenant: a page's rows get a new stamp", 0.1},
    {"tenant: rows published late", 0.3},
    {"tenant: a day is held back", 0.05},
    {"tenant: rows are forgotten", 0.1},
    {"destination down", 0.05},
    {"destination refuses", 0.01},
    {"destination: commit lost, applied", 0.05},
    {"destination: commit lost, not applied", 0.05},
    {"destination slower than a lease", 0.05},
    {"another backfill", 0.03},
    {"job paused", 0.03},
    {"job resumed", 0.3},
    {"job cancelled", 0.005},
    {"job retried", 0.05},
    {"window retried", 0.05},
    {"key renewed", 0.03},
};
static_assert(sizeof(kFaultTable) / sizeof(Row) == kFaults);

}  // namespace

absl::string_view FaultName(Fault fault) { return kFaultTable[static_cast<size_t>(fault)].name; }

FaultPlan FaultPlan::Swarm(Random& dice) {
  FaultPlan plan;
  constexpr double kShares[] = {0.0, 0.05, 0.1, 0.1, 0.2, 0.3, 0.4, 0.6};
  const double share = kShares[dice.Next() % 8];
  for (size_t i = 0; i < kFaults; ++i) {
    const bool chosen = dice.Fraction() < share;
    const double weaker = std::pow(10.0, -1.5 * dice.Fraction());
    if (chosen) plan.chance_[i] = kFaultTable[i].most * weaker;
  }
  return plan;
}

bool FaultPlan::Strikes(Fault fault, Random& dice) {
  const double drawn = dice.Fraction();
  if (!on_ || drawn >= chance_[static_cast<size_t>(fault)]) return false;
  Happened(fault);
  return true;
}

}  // namespace penstock::simulation
