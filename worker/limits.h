// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// Every number of the worker that has a meaning.
namespace penstock::worker {

// A page that answers but is no page is asked for this often, and this long; then a person has to look
// (FAULTS 5.1).
inline constexpr uint32_t kAttemptsMax = 8;
inline constexpr absl::Duration kAttemptsTime = absl::Minutes(15);
// So many pages in a row without a record, each with a next link, and the chain leads nowhere (FAULTS 5.24).
inline constexpr uint32_t kEmptyPagesMax = 50;
// No chain is so long: at 60 pages a minute it would take 11 days, and 500 million records (FAULTS 5.23).
inline constexpr uint32_t kChainPagesMax = 1'000'000;
// More than this share of a page's records outside the window, or of its neighbours the wrong way round, and
// the server ignores $filter or $orderby (FAULTS 5.37; page_check.h says why it is not zero).
inline constexpr double kOutsideShareMax = 0.05;
inline constexpr double kDisorderShareMax = 0.25;
// Waits between attempts: full jitter below first * 2^n, capped.
inline constexpr absl::Duration kBackoffFirst = absl::Seconds(1);
inline constexpr absl::Duration kBackoffMax = absl::Seconds(60);
// At least this much of it, so that jitter never makes a busy loop.
inline constexpr double kBackoffLeast = 0.25;

// One message of a page's stream; a single larger record gets a message of its own.
inline constexpr size_t kPageMessageBytes = 1 << 20;

// Of the fields that the table's profile does not have, or not as they are, a page names so many at most, each with so
// much of its name: enough for somebody to look.
inline constexpr size_t kOddFieldsMax = 20;
inline constexpr size_t kFieldNameBytesMax = 200;

// What a Retry-After that cannot be read is taken for (FAULTS 5.2).
inline constexpr absl::Duration kUnreadableRetryAfter = absl::Seconds(60);

// How long an AcquirePermit call waits at the coordinator, and how much longer than that the call may take.
inline constexpr absl::Duration kPermitPatience = absl::Seconds(2);
inline constexpr absl::Duration kCallSlack = absl::Seconds(10);
// How long a call waits for a connection that is down before it fails.
inline constexpr absl::Duration kConnectPatience = absl::Seconds(2);
inline constexpr absl::Duration kCommitDeadline = absl::Seconds(60);
// A worker that stops waits so long for a coordinator that is away, a restart beside its own, when it holds a page that
// would have to be fetched again. With a last call it stays below the ten seconds that a drain may take.
inline constexpr absl::Duration kDrainPatience = absl::Seconds(5);
// While a call is under way, the connection to the coordinator is looked at so often, and given up without an
// answer. Together less than a lease lasts, and not more often than the coordinator takes (its kPingMin).
inline constexpr absl::Duration kPingEvery = absl::Seconds(4);
inline constexpr absl::Duration kPingTimeout = absl::Seconds(4);

// How long TakeQuery waits at the coordinator; one that does not know the call is asked again so much later.
inline constexpr absl::Duration kQueryPatience = absl::Seconds(5);
inline constexpr absl::Duration kQueryOlderCoordinator = absl::Minutes(1);
inline constexpr absl::Duration kQueryAgain = absl::Seconds(1);
// An answer's end is told so often before the coordinator is believed to be gone, and its caller with it.
inline constexpr int kQueryReports = 5;
// One message of an answer has so many rows.
inline constexpr size_t kQueryMessageRows = 1'000;
// Of a metric's counted rows, when nobody says how many, and at most.
inline constexpr uint32_t kMetricRowsDefault = 100;
inline constexpr uint32_t kMetricRowsMax = 10'000;

// Changes per load transaction. A batch is a few copies in memory: the worker stays under 96 MiB.
inline constexpr uint64_t kLoadBatchBytes = 2 << 20;
// Of the rows that a destination refuses, so many are told by name, and so much of each name and reason.
inline constexpr size_t kSetAsideShown = 10;
inline constexpr size_t kSetAsideBytes = 200;
// A verification knows so many of them, and names so many differences of each table.
inline constexpr size_t kSetAsideKnown = 100'000;
inline constexpr int kDifferencesShown = 20;
// And so many days of each table: a year and more.
inline constexpr int kDifferingDaysTold = 400;

}  // namespace penstock::worker
