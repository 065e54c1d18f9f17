// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "absl/strings/str_replace.h"
#include "tests/metrics/loops.h"

namespace penstock::metrics {
namespace {

std::vector<std::string> With(std::string first, const std::vector<std::string>& rest) {
  std::vector<std::string> all = {std::move(first)};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

bool IsSurvey(const PlainConversation& row) {
  return RouteName(row.route) == "Notification" && Big(row.type) == "CONVERSATION_TYPE_CSAT_NOTIFICATION";
}

// A label's rating, 0 without one: configured, or its only digit, or its stars.
int RatingOf(const Text& label, const std::map<std::string, int>& configured) {
  const auto found = configured.find(Small(label));
  if (found != configured.end()) return found->second;
  std::string digits;
  for (const char c : label.value_or("")) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (digits.size() == 1 && digits[0] >= '1' && digits[0] <= '5') return digits[0] - '0';
  if (!digits.empty()) return 0;
  int stars = 0;
  for (const char* star : {"★", "⭐", "🌟", "*"}) {
    for (size_t at = label.value_or("").find(star); at != std::string::npos; at = label->find(star, at + 1))
      ++stars;
  }
  return stars <= 5 ? stars : 0;
}

}  // namespace

NumbersByGroup Loops::ConversationMetric(const std::string& metric, bool guide) const {
  NumbersByGroup answer;
  for (const PlainConversation& row : all_.conversations) {
    if (!In(row.created)) continue;
    bool engaged = false;
    bool answered = false;
    for (const PlainInteraction& action : all_.interactions) {
      if (!IsUser(action) || action.conversation_id != row.id) continue;
      engaged = true;
      answered = answered ||
                 (action.created.has_value() && *action.created <= *row.created + set_.reply_days * kMsOfDay);
    }
    const std::string route = RouteName(row.route);
    const std::string type = Big(row.type).empty() ? "(untyped)" : Big(row.type);
    const auto count = [&](const std::vector<std::string>& group, bool counts) {
      answer[group].numerator += counts;
    };
    const auto share = [&](const std::vector<std::string>& group, bool counts) {
      answer[group].denominator = answer[group].denominator.value_or(0) + 1;
      answer[group].numerator += counts;
    };
    if (metric == "conversations_total" && (guide || route != "Notification")) {
      count(GroupOf(row), true);
      answer[GroupOf(row)].beside.resize(1);
      answer[GroupOf(row)].beside[0] += engaged;
    }
    if (metric == "conversations_by_route") count(With(OrNobody(route), GroupOf(row)), true);
    if (metric == "conversations_by_domain" && (guide || route != "Notification")) {
      count(With(OrNobody(Big(row.primary_domain)), GroupOf(row)), true);
    }
    if (metric == "csat_sent" && IsSurvey(row)) count(GroupOf(row), true);
    if (route != "Notification") continue;
    if (metric == "notifications_sent") count(GroupOf(row), true);
    if (metric == "notifications_by_type") count(With(type, GroupOf(row)), true);
    if (metric == "notifications_engaged") share(GroupOf(row), guide ? engaged : answered);
    if (metric == "notification_types_engaged") share(With(type, GroupOf(row)), guide ? engaged : answered);
  }
  return answer;
}

NumbersByGroup Loops::SurveyMetric(const std::string& metric, bool guide) const {
  NumbersByGroup answer;
  if (metric == "csat_comments") {
    std::map<std::vector<std::string>, std::set<std::string>> surveys;
    for (const PlainInteraction& row : all_.interactions) {
      if (!IsForm(row) || !In(row.created) || Small(row.label) != "mw_form") continue;
      if (PlainFormName(row.detail) != "csat feedback" || Small(row.content).empty()) continue;
      bool in_survey = false;
      for (const PlainConversation& each : all_.conversations) {
        in_survey = in_survey || (each.id == row.conversation_id && IsSurvey(each));
      }
      if (!guide && !in_survey) continue;
      ++answer[GroupOf(row)].numerator;
      if (in_survey) surveys[GroupOf(row)].insert(*row.conversation_id);
    }
    for (auto& [group, numbers] : answer) numbers.beside = {static_cast<double>(surveys[group].size())};
    return answer;
  }
  for (const PlainConversation& survey : all_.conversations) {
    if (!IsSurvey(survey) || !In(survey.created)) continue;
    std::vector<const PlainInteraction*> clicks;
    bool commented = false;
    bool engaged = false;
    bool answered = false;
    for (const PlainInteraction& row : all_.interactions) {
      if (!IsUser(row) || row.conversation_id != survey.id) continue;
      engaged = true;
      if (!row.created.has_value() || *row.created > *survey.created + set_.reply_days * kMsOfDay) continue;
      answered = true;
      if (TypeWord(row) == "button_click") clicks.push_back(&row);
      commented = commented || (IsForm(row) && Small(row.label) == "mw_form" &&
                                PlainFormName(row.detail) == "csat feedback" && !Small(row.content).empty());
    }
    std::sort(clicks.begin(), clicks.end(), [](const auto* a, const auto* b) { return Later(*a, *b); });
    int last = 0;
    for (const PlainInteraction* click : clicks) {
      if (last == 0) last = RatingOf(click->content, set_.ratings);
    }
    if (metric == "csat_response_rate") {
      Numbers& numbers = answer[GroupOf(survey)];
      numbers.denominator = numbers.denominator.value_or(0) + 1;
      numbers.numerator += guide ? engaged : last > 0 || commented;
      numbers.beside.resize(1);
      numbers.beside[0] += guide ? engaged : answered;
    }
    if (metric == "csat_scores_all") {
      for (const PlainInteraction* click : clicks) {
        const int rating = RatingOf(click->content, set_.ratings);
        const std::string shown = rating == 0 ? "(unparsed)" : std::to_string(rating);
        const auto rest = Group(survey.id, survey.user_id, click->platform, std::nullopt);
        ++answer[With(guide ? OrNobody(click->content.value_or("")) : shown, rest)].numerator;
      }
    }
    if (metric == "csat_scores_final" && !clicks.empty()) {
      const int rating = guide ? RatingOf(clicks.front()->content, set_.ratings) : last;
      const PlainInteraction* counted = clicks.front();
      for (const PlainInteraction* click : clicks) {
        if (!guide && RatingOf(click->content, set_.ratings) > 0) {
          counted = click;
          break;
        }
      }
      if (!guide && rating == 0) continue;
      Numbers& numbers = answer[Group(survey.id, survey.user_id, counted->platform, std::nullopt)];
      numbers.beside.resize(5);
      numbers.denominator = numbers.denominator.value_or(0) + (rating > 0);
      numbers.numerator += rating;
      if (rating > 0) ++numbers.beside[rating - 1];
    }
  }
  return answer;
}

}  // namespace penstock::metrics
