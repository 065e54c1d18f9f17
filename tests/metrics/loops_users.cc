// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "absl/time/civil_time.h"
#include "tests/metrics/loops.h"

namespace penstock::metrics {

NumbersByGroup Loops::UserMetric(const std::string& metric, bool guide) const {
  using Group = std::vector<std::string>;
  NumbersByGroup answer;
  const auto mine = [&](const PlainUser& user) {
    return this->Group(std::nullopt, user.id, std::nullopt, std::nullopt);
  };
  if (metric == "active_users") {
    std::map<Group, std::set<std::string>> users;
    for (const PlainInteraction& row : all_.interactions) {
      if (In(row.created) && row.user_id.has_value() && (guide || IsUser(row)))
        users[GroupOf(row)].insert(*row.user_id);
    }
    for (const auto& [group, ids] : users) answer[group].numerator = static_cast<double>(ids.size());
  } else if (metric == "active_users_roster" || metric == "new_users") {
    for (const PlainUser& user : all_.users) {
      if (In(metric == "new_users" ? user.first : user.latest)) ++answer[mine(user)].numerator;
    }
  } else if (metric == "single_interaction_users") {
    for (const PlainUser& user : all_.users) {
      if (!In(user.first)) continue;
      Numbers& numbers = answer[mine(user)];
      numbers.beside.resize(1);
      ++numbers.beside[0];
      numbers.numerator += user.first == user.latest;
    }
  } else if (metric == "user_retention") {
    struct Seen {
      std::set<std::string> days, weeks;
      int rows = 0;
    };
    std::map<Group, std::map<std::string, Seen>> users;
    for (const PlainInteraction& row : all_.interactions) {
      if (!In(row.created) || !row.user_id.has_value() || (!guide && !IsUser(row))) continue;
      Seen& seen = users[GroupOf(row)][*row.user_id];
      const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMillis(*row.created), zone_);
      absl::CivilDay monday = day;
      while (absl::GetWeekday(monday) != absl::Weekday::monday) --monday;
      seen.days.insert(absl::FormatCivilTime(day));
      seen.weeks.insert(absl::FormatCivilTime(monday));
      ++seen.rows;
    }
    for (const auto& [group, each] : users) {
      Numbers& numbers = answer[group];
      numbers.denominator = static_cast<double>(each.size());
      for (const auto& [user, seen] : each) {
        const size_t units = guide || set_.unit == "interaction" ? seen.rows
                             : set_.unit == "week"               ? seen.weeks.size()
                                                                 : seen.days.size();
        numbers.numerator += units >= 2;
      }
    }
  } else if (metric == "adoption_over_time") {
    std::set<std::string> active;
    for (const PlainInteraction& row : all_.interactions) {
      if (In(row.created) && row.user_id.has_value() && (guide || IsUser(row))) active.insert(*row.user_id);
    }
    std::set<std::string> entitled;
    for (const PlainUser& user : all_.users) {
      if (user.access) entitled.insert(user.id);
    }
    for (const std::string& user : entitled) {
      Numbers& numbers = answer[this->Group(std::nullopt, user, std::nullopt, std::nullopt)];
      numbers.denominator = numbers.denominator.value_or(0) + 1;
    }
    for (const std::string& user : active) {
      Numbers& numbers = answer[this->Group(std::nullopt, user, std::nullopt, std::nullopt)];
      numbers.denominator = numbers.denominator.value_or(0);
      numbers.beside.resize(2);
      ++numbers.beside[0];
      if (entitled.count(user) == 0) ++numbers.beside[1];
      if (guide || entitled.count(user) > 0) ++numbers.numerator;
    }
  }
  return answer;
}

}  // namespace penstock::metrics
