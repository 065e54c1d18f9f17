// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state.h"
#include "proto/admin_service.pb.h"
#include "proto/storage.pb.h"

namespace penstock::coordinator {

// All there are. Each is a metric too (monitoring.h).
inline constexpr const char* kAlarmNames[] = {"forgotten-soon", "no-batch",   "new-field",
                                              "key-shared",     "not-erased", "backup-old"};

// A running backfill of an endpoint.
struct BeingRead {
  int endpoint = 0;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;
  uint64_t job = 0;
  absl::Time since;
};

// What is known of the store's backups.
struct BackupsKnown {
  absl::Duration max_age;
  std::optional<absl::Time> newest;
  std::string failure;  // why the last attempt failed, or nobody knows what is there; empty: neither
};

// What is known of a source.
struct AlarmInput {
  AlarmSettings settings;
  v1::GetCoverageResponse coverage;  // of all the days that the source still has
  std::vector<BeingRead> being_read;
  storage::SourceRecord source;
  std::map<int, absl::Time> asked;  // by endpoint: when it was last asked for whatever is newest
  storage::BudgetRecord budget;
  uint32_t per_minute = 0;
  std::vector<storage::ErasureRecord> unfinished;  // erasures, in order
  std::optional<BackupsKnown> backups;             // empty: none are to be made, or nobody knows yet
  absl::Time now;
};

// What people must know before it costs rows. Pure.
//
//   forgotten-soon  a day is missing, suspect or provisional, and the source forgets it within `forgotten_within`;
//                   not while a backfill of less than a day reads it
//   no-batch        the source had nothing newer when it was asked, `no_batch_within` after its newest stamp or later;
//                   or nobody asked for so long. An endpoint that never had a record is asked in vain and no alarm,
//                   nor are users, who change one by one and not in batches
//   new-field       a field that the profile does not have, or not as this JSON type, first seen in the last 7 days
//   key-shared      a 429 in the last 24 h, although the limit was kept
//   backup-old      the newest backup of the store is older than it may be, or there never was one
//   not-erased      a person was to be forgotten 7 days ago or earlier, and is not gone from everywhere
//
// One of a name and endpoint at most.
std::vector<v1::Alarm> Alarms(const AlarmInput& input);

}  // namespace penstock::coordinator
