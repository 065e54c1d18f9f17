// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// A sync round, endpoint by endpoint (docs/decisions/2026-11-22-daily-sync.md). Pure.
//
//   follow    stamps after the watermark, without an upper bound
//   recount   one count of the stamps from two days before it: is all of that stored
//   reread    the days of which the source has more; and the two days themselves once a week
//   confirm   one count of the days that the source still keeps and that ended two days ago or more: so each of
//             them settles, and one that looks thin is counted again every day (coverage.h)
//
// and then the watermark moves.

// Where an endpoint's round begins.
struct RoundStart {
  // Stamps up to here were read: the watermark, or the server's Date when the last finished backfill began. Empty:
  // nothing was, everything is.
  std::optional<absl::Time> since;
  std::string left_out;  // why the endpoint takes no part now; empty: it does
};
RoundStart StartOf(const State& state, const storage::SourceRecord& source, int endpoint);

// Since when the backfills up to the newest record, and the syncs after them, leave no day out.
absl::Time CompleteFrom(const State& state, const storage::SourceRecord& source, int endpoint);

storage::WindowRecord PlanFollow(const storage::JobRecord& job, const storage::SourceRecord& source,
                                 int endpoint, uint64_t number, std::optional<absl::Time> since,
                                 absl::Duration publication_lag);

// A part of a round's span that is counted or read again.
storage::WindowRecord PlanSpan(const storage::WindowRecord& like, uint64_t number,
                               storage::WindowRecord::Purpose purpose, std::optional<absl::Time> from,
                               std::optional<absl::Time> to);
// Recounts of the UTC days of what `whole` counted, the last one without an upper bound; where there are more than
// kRecountDaysMax, the first one is of all the earlier days.
std::vector<storage::WindowRecord> PlanDays(const storage::WindowRecord& whole, uint64_t first_number,
                                            absl::Time now);

// What happens next to one endpoint of a round; neither: it waits for its windows, or for a person.
struct RoundStep {
  std::optional<storage::WindowRecord> due;
  std::optional<storage::EndpointSync> ended;  // all is read and counted: what is known of the endpoint now
};
struct RoundFacts {
  std::vector<const storage::WindowRecord*> windows;  // the endpoint's, of this round
  storage::EndpointTraits traits;
  storage::EndpointSync known;
  absl::Duration publication_lag;
  absl::Duration retention;
  // Every day since then was asked for; empty: none of them is confirmed.
  std::optional<absl::Time> complete_from;
};
RoundStep NextStep(const RoundFacts& facts, uint64_t number, absl::Time now);

storage::EndpointSync SyncOf(const storage::SourceRecord& source, int endpoint);

}  // namespace penstock::coordinator
