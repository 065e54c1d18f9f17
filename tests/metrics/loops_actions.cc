// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "tests/metrics/loops.h"

namespace penstock::metrics {
namespace {

std::vector<std::string> With(std::string first, const std::vector<std::string>& rest) {
  std::vector<std::string> all = {std::move(first)};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

// The value at the least rank that is at least `share` of them.
double AtRank(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  size_t rank = 1;
  while (static_cast<double>(rank) * 10 < static_cast<double>(values.size()) * share * 10) ++rank;
  return values[rank - 1];
}

}  // namespace

NumbersByGroup Loops::ActionMetric(const std::string& metric, bool guide) const {
  NumbersByGroup answer;
  std::map<std::vector<std::string>, std::set<std::string>> distinct;
  for (const PlainInteraction& row : all_.interactions) {
    if (!In(row.created) || !IsUser(row)) continue;
    if (metric == "conversation_topics" && IsMessage(row) && row.conversation_id.has_value()) {
      const std::string topic = Small(row.entity);
      if (guide || !topic.empty()) distinct[With(OrNobody(topic), GroupOf(row))].insert(*row.conversation_id);
    }
    const std::string word = TypeWord(row);
    if (metric == "feedback_clicks" && !VerdictOf(row).empty() &&
        (word == "internal_link" || (!guide && word == "link_click"))) {
      ++answer[With(VerdictOf(row), GroupOf(row))].numerator;
    }
    if (!IsForm(row)) continue;
    if (metric == "feedback_forms" && Small(row.label) == "feedback") {
      Numbers& numbers =
          answer[With(VerdictOf(row).empty() ? "(unspecified)" : VerdictOf(row), GroupOf(row))];
      ++numbers.numerator;
      numbers.beside.resize(1);
      numbers.beside[0] += !Small(row.content).empty();
    }
    if (metric == "live_agent_requests" && (guide ? GuideAgent(row) : Agent(row))) {
      ++answer[GroupOf(row)].numerator;
      if (row.conversation_id.has_value()) distinct[GroupOf(row)].insert(*row.conversation_id);
    }
    if (metric == "ticket_forms") {
      if (guide ? GuideTicket(row) : ItTicket(row))
        distinct[With("it_ticket", GroupOf(row))].insert("id " + row.id);
      const std::string number = row.detail.value_or("");
      if (!guide && Request(row)) {
        distinct[With("form_request", GroupOf(row))].insert(number.empty() ? "id " + row.id : "no " + number);
      }
    }
  }
  for (const auto& [group, ids] : distinct) {
    if (metric == "live_agent_requests") {
      answer[group].beside = {static_cast<double>(ids.size())};
    } else {
      answer[group].numerator = static_cast<double>(ids.size());
    }
  }
  return answer;
}

NumbersByGroup Loops::MessageMetric(const std::string& metric, bool guide) const {
  const bool escalations = metric == "mttr_without_escalations";
  if (metric != "deflections" && metric != "mttr" && !escalations) return {};
  NumbersByGroup answer;
  std::map<std::vector<std::string>, std::vector<double>> times;
  for (const PlainInteraction& row : all_.interactions) {
    if (!IsMessage(row) || !In(row.created)) continue;
    bool ticket = false, agent = false, negative = false;
    for (const Signal& signal : signals_) {
      if (!signal.row->created.has_value() || *signal.row->created > *row.created + set_.link_days * kMsOfDay)
        continue;
      if (signal.message != &row) continue;
      ticket = ticket || signal.ticket;
      agent = agent || signal.agent;
      negative = negative || signal.verdict == "unhelpful";
    }
    bool guide_signal = false, guide_escalated = false;
    for (const PlainInteraction& form : all_.interactions) {
      if (!IsForm(form) || form.parent != row.id) continue;
      const bool escalated = GuideTicket(form) || GuideAgent(form);
      guide_escalated = guide_escalated || escalated;
      guide_signal = guide_signal || escalated ||
                     (Small(form.label) == "feedback" && Small(form.resource_id) == "unhelpful");
    }
    Numbers& numbers = answer[GroupOf(row)];
    numbers.denominator = numbers.denominator.value_or(0);
    if (metric == "deflections") {
      ++*numbers.denominator;
      numbers.numerator += guide ? !guide_signal : !ticket && !agent && !negative;
      if (guide) continue;
      numbers.beside.resize(3);
      numbers.beside[0] += ticket;
      numbers.beside[1] += agent;
      numbers.beside[2] += negative;
      continue;
    }
    if (guide) *numbers.denominator += !guide_signal;
    if (escalations && !guide && (ticket || agent)) continue;
    std::vector<const PlainInteraction*> answers;
    bool any = false;
    numbers.beside.resize(guide ? 0 : 4);
    for (const PlainInteraction& bot : all_.interactions) {
      if (Small(bot.actor) != "bot" || bot.parent != row.id || !bot.created.has_value()) continue;
      if (*bot.created > *row.created + set_.link_days * kMsOfDay) continue;
      any = true;
      if (guide) {
        if (!escalations || !guide_escalated)
          numbers.numerator += static_cast<double>(*bot.created - *row.created);
      } else if (*bot.created < *row.created) {
        ++numbers.beside[2];
      } else {
        answers.push_back(&bot);
      }
    }
    if (guide) continue;
    numbers.beside[3] += !any;
    std::sort(answers.begin(), answers.end(), [](const auto* a, const auto* b) { return Later(*b, *a); });
    if (set_.response == "first" && !answers.empty()) answers.resize(1);
    if (set_.response == "last" && !answers.empty()) answers = {answers.back()};
    for (const PlainInteraction* bot : answers) {
      times[GroupOf(row)].push_back(static_cast<double>(*bot->created - *row.created));
      numbers.numerator += times[GroupOf(row)].back();
      ++*numbers.denominator;
    }
  }
  for (const auto& [group, values] : times) {
    answer[group].beside[0] = AtRank(values, 0.5);
    answer[group].beside[1] = AtRank(values, 0.9);
  }
  return answer;
}

}  // namespace penstock::metrics
