// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace penstock {

// A cron expression (minute, hour, day of month, month, day of week) read in a named time zone, as crontab(5)
// has it: `*`, lists, ranges, steps, names of months and days, 7 for Sunday; where both days are restricted,
// either is enough.
//
// The two nights in which a clock changes neither skip a moment nor have it twice: a local time that does not
// exist comes when the clock has moved on, one that exists twice comes the first time.
class Schedule {
 public:
  // INVALID_ARGUMENT names the word that is wrong. An expression that never comes (31 February) is wrong.
  static absl::StatusOr<Schedule> Parse(absl::string_view cron, absl::string_view time_zone);

  // The first moment after `after`.
  absl::Time Next(absl::Time after) const;

  const std::string& cron() const { return cron_; }
  const std::string& time_zone() const { return time_zone_; }

 private:
  Schedule() = default;
  bool HasDay(absl::CivilDay day) const;

  std::string cron_;
  std::string time_zone_;
  absl::TimeZone zone_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;  // 0: Sunday
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace penstock
