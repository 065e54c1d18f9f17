// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// The alarms of a source now. None of a source that the configuration no longer names. Errors are the store's.
absl::StatusOr<std::vector<v1::Alarm>> AlarmsOf(const Core& core, const Core::Turn& turn,
                                                const storage::SourceRecord& source);
// The same of one that is configured and whose coverage (CoverageOfKept) is at hand.
std::vector<v1::Alarm> AlarmsBy(const v1::GetCoverageResponse& coverage, const Core& core,
                                const Core::Turn& turn, const storage::SourceRecord& source);

// Tells when an alarm begins and when it ends. What stands when a coordinator starts begins then.
class AlarmWatch {
 public:
  struct Change {
    std::string source;
    v1::Alarm alarm;  // of one that ended: as it was
    bool begins = false;
  };
  // Looks once in kWatchAlarmsEvery, however often it is called. Enters the core.
  absl::StatusOr<std::vector<Change>> Look(Core& core);

 private:
  // Source, name, endpoint.
  using Key = std::tuple<std::string, std::string, int>;
  std::map<Key, v1::Alarm> standing_;
  absl::Duration next_ = -absl::InfiniteDuration();
};

void LogAlarms(const std::vector<AlarmWatch::Change>& changes);

}  // namespace penstock::coordinator
