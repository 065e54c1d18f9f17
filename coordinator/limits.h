// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/time/time.h"

// Every number of the coordinator that has a meaning.
namespace penstock::coordinator {

// The limiter (FAULTS 2: the exact slot rule and its proof).
inline constexpr absl::Duration kBudgetWindow = absl::Seconds(60);
// Covers 200 ppm of drift between our clock and the server's, and a server that counts closed intervals.
inline constexpr absl::Duration kBudgetMargin = absl::Milliseconds(50);
// A permit's request may begin to be sent this long after the permit was given ...
inline constexpr absl::Duration kSendWithin = absl::Seconds(2);
// ... and may be on its way this long (connect and send time-out of the transport).
inline constexpr absl::Duration kSendTimeMax = absl::Seconds(5);
// How many permits may be given at once after a pause; then one every window / limit.
inline constexpr uint32_t kBurst = 5;
// A permit that was reserved with a page's commit is given within this time or not at all: long enough for
// the task to come back and ask, shorter than any pause, so that no reservation outlives one.
inline constexpr absl::Duration kReserveFor = absl::Milliseconds(500);

// After a refusal (429, or 503 with Retry-After).
inline constexpr absl::Duration kPauseDefault = absl::Seconds(60);
inline constexpr absl::Duration kPauseMin = absl::Seconds(1);
inline constexpr absl::Duration kPauseMax = absl::Minutes(15);
static_assert(kReserveFor < kPauseMin);
inline constexpr absl::Duration kPauseJitterMax = absl::Seconds(2);
inline constexpr double kLowerLimitTo = 0.7;
inline constexpr absl::Duration kRaiseLimitEvery = absl::Minutes(1);

// Leases.
inline constexpr absl::Duration kLease = absl::Seconds(20);
inline constexpr absl::Duration kSyncEvery = absl::Seconds(5);
inline constexpr uint32_t kFailedLeasesMax = 3;  // in a row without a page, then the window is parked
inline constexpr uint32_t kChainRestartsMax = 3;
inline constexpr absl::Duration kPermitPatienceMax = absl::Seconds(10);

// Planning.
inline constexpr uint64_t kPageRecordsDefault = 500;  // until a full page came (DATA_API 4)
// FAULTS 2: Little's law and two more, never above 32.
inline constexpr uint32_t kSpareChains = 2;
inline constexpr uint32_t kChainsMax = 32;
// A window is cut only into parts of at least so many pages: a cut costs about two requests.
inline constexpr uint64_t kPartPagesMin = 4;
// An endpoint of fewer pages is read so soon that nothing is forgotten meanwhile.
inline constexpr uint64_t kDeadlinePagesMin = 20;
inline constexpr absl::Duration kDeadlineSlack = absl::Minutes(30);
// A shortfall is bisected down to so many pages; then reading again costs less than counting.
inline constexpr uint64_t kRereadPagesMax = 2;
// A job confirms an endpoint again after a shortfall was read, at most so often in all. After the last one the
// days stay suspect.
inline constexpr int kConfirmsMax = 3;
// Of a job, either way.
inline constexpr int kPriorityMax = 100;
// A sync reads the span before its watermark again so often, although its count agrees: a little less than a week, so
// that a weekly moment that comes a little early counts.
inline constexpr absl::Duration kRereadSpanEvery = absl::Hours(24 * 7 - 12);
// A server whose Date is further ahead of our clock is not believed where a watermark moves.
inline constexpr absl::Duration kServerAheadMax = absl::Hours(1);
// Where its count does not agree, at most so many days are counted by themselves; all before them are one part.
inline constexpr int64_t kRecountDaysMax = 40;
// An audit costs a request per endpoint and day.
inline constexpr absl::Duration kAuditMax = absl::Hours(24 * 400);
// A worker that said nothing for so long has no hands that we count on.
inline constexpr absl::Duration kHandsFor = absl::Seconds(20);
// Of the permits that it and others wait for, a backfill keeps this share, when the configuration does not say.
inline constexpr double kBackfillShare = 0.2;
// So many permits of others may go past a backfill in a row, when it got its share before: five minutes of 60 each.
inline constexpr double kBackfillCreditMax = 300;

// Whoever walks over all sources lets others in after so many, for so long.
inline constexpr size_t kSourcesPerTurn = 10;
inline constexpr absl::Duration kBetweenTurns = absl::Milliseconds(1);

// Alarms.
inline constexpr absl::Duration kWatchAlarmsEvery = absl::Minutes(1);
inline constexpr absl::Duration kNewFieldStands = absl::Hours(24 * 7);  // after it was first seen
inline constexpr absl::Duration kKeySharedStands = absl::Hours(24);     // after the last 429
// What is remembered of an endpoint's odd fields: more names than any schema change brings.
inline constexpr int kSeenFieldsMax = 200;
inline constexpr size_t kSeenNameBytesMax = 200;

// A backup that failed, and a directory of backups that could not be read, are tried again after this.
inline constexpr absl::Duration kBackupAgain = absl::Minutes(10);

// An erasure younger than this is trusted to reach every destination.
inline constexpr absl::Duration kErasureMayTake = absl::Hours(24 * 7);

// A backfill younger than this is trusted to reach the days of its range.
inline constexpr absl::Duration kBackfillMayTake = absl::Hours(24);

// Heartbeats: a call that fails is repeated after each of these.
inline constexpr absl::Duration kHeartbeatAgain[] = {absl::Seconds(10), absl::Minutes(1), absl::Minutes(5)};
inline constexpr absl::Duration kHeartbeatTimeout = absl::Seconds(10);
// A round that ended longer ago is no sign of life any more.
inline constexpr absl::Duration kHeartbeatStale = absl::Hours(24);

// Loads.
inline constexpr uint64_t kChangesBytesDefault = 4 << 20;
inline constexpr uint64_t kChangesBytesMax = 16 << 20;
inline constexpr absl::Duration kLoadRetryFirst = absl::Seconds(5);
inline constexpr absl::Duration kLoadRetryMax = absl::Seconds(60);
// Starts whose change numbers are told apart. A destination that lags behind more of them is loaded from the beginning.
inline constexpr int kChangeErasMax = 64;
// Coverage is worked out for the destinations at most so often.
inline constexpr absl::Duration kCoverageEvery = absl::Minutes(1);
// Of the differences that a verification finds in a table, so many are kept by name.
inline constexpr int kDifferencesShown = 20;
// And so many of the days in which there are any.
inline constexpr int kDifferingDaysKept = 400;
inline constexpr int kSetAsideShown = 20;  // rows that a destination refuses, kept by name
inline constexpr size_t kSetAsideBytes = 2048;
// Of who paused a destination, and of why.
inline constexpr size_t kPauseBytesMax = 500;

// Queries. An answer is kept until it is whole, so together they bound what the coordinator keeps in memory.
inline constexpr size_t kQueriesMax = 16;
inline constexpr uint64_t kQueryRowsMax = 100'000;
inline constexpr uint64_t kQueryBytesMax = 8 << 20;
inline constexpr size_t kQuestionBytesMax = 64 << 10;
inline constexpr absl::Duration kQueryTimeDefault = absl::Minutes(1);
inline constexpr absl::Duration kQueryTimeMax = absl::Minutes(15);
inline constexpr absl::Duration kQueryPatienceMax = absl::Seconds(30);
// A worker says so often that it works on a query; silent for so long, it is taken for dead.
inline constexpr absl::Duration kQueryReportEvery = absl::Seconds(2);
inline constexpr absl::Duration kQuerySilence = absl::Seconds(20);
// So many of them over one query, and it is the query.
inline constexpr uint32_t kQueryWorkersMax = 3;
// How long a worker for it may take to come, and how often the caller is looked at.
inline constexpr absl::Duration kQueryWorkerPatience = absl::Seconds(10);
inline constexpr absl::Duration kQueryCallerLook = absl::Milliseconds(500);

// Forgetting a person. The store is looked through in parts of so many bytes.
inline constexpr uint64_t kSweepBytes = 4 << 20;
// An id, and an address, is no longer than an id of the store may be.
inline constexpr size_t kForgottenBytesMax = 1024;
// Of a quarantined record so many words are looked at: each costs microseconds while the coordinator waits.
inline constexpr size_t kQuarantineWordsMax = 20'000;
// One person's accounts and addresses.
inline constexpr int kPersonIdsMax = 100;
// What failed is tried again after this.
inline constexpr absl::Duration kEraseAgain = absl::Seconds(60);

// The closing pass begins this long before the server's Date at the job's start: responses overlap and Date
// has seconds.
inline constexpr absl::Duration kClosingOverlap = absl::Minutes(1);

// Windows this close to the end of retention lose records while they are read: their counts prove nothing.
inline constexpr absl::Duration kRetentionSlack = absl::Hours(6);

// Pages above this many records are refused: no page of the API comes near (500).
inline constexpr uint32_t kPageRecordsMax = 200'000;
// And above so many bytes: the transport stops at 64 MiB of body.
inline constexpr size_t kPageBytesMax = 96 << 20;

// What one worker may say of itself, and how many workers are known at once.
inline constexpr size_t kSyncBytesMax = 1 << 20;
inline constexpr size_t kWorkersMax = 5'000;

// Calls that are worked on at once, each in a thread: more are refused and come again.
inline constexpr int kThreadsMax = 4096;
// Of one connection; more wait on the caller's side. A worker has one or two calls for each task, and two hundred tasks
// are many; what a single connection cannot take are all threads.
inline constexpr int kStreamsMax = 512;
// Of a call's headers. Ours are a path, a deadline and a reason.
inline constexpr int kMetadataBytesMax = 8 << 10;
// A connection that does not get on with its handshake holds a file descriptor.
inline constexpr absl::Duration kHandshakeTimeout = absl::Seconds(10);
// One that nobody calls on. Workers call every few seconds.
inline constexpr absl::Duration kConnectionIdleMax = absl::Minutes(15);
// Then both sides show their certificates again: one that ended or was replaced is not believed for longer. Calls that
// run are let finish, and gRPC spreads it by a tenth either way.
inline constexpr absl::Duration kConnectionAgeMax = absl::Hours(1);
// Of a request, and of the reason for it, in the audit's line.
inline constexpr size_t kAuditBytesMax = 500;
// Workers ping a connection that is silent (worker/limits.h). Pings that come closer than this are abuse.
inline constexpr absl::Duration kPingMin = absl::Seconds(3);

}  // namespace penstock::coordinator
