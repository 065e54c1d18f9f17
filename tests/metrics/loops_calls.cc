// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <set>

#include "absl/strings/ascii.h"
#include "tests/metrics/loops.h"

namespace penstock::metrics {
namespace {

const std::set<std::string> kKnowledge = {"knowledge base", "enterprise search"};
const std::set<std::string> kNative = {"add comment to ticket",
                                       "add user to a group",
                                       "approval information",
                                       "brief me (interactions)",
                                       "brief me (start/end)",
                                       "clear context",
                                       "code interpreter",
                                       "create ticket",
                                       "create a group",
                                       "enterprise search",
                                       "forms",
                                       "grant software access",
                                       "group membership status",
                                       "knowledge base",
                                       "people registry",
                                       "quick gpt",
                                       "remove user from a group",
                                       "reopen ticket",
                                       "reset mfa",
                                       "resolve ticket",
                                       "smart handoff",
                                       "start live agent chat",
                                       "ticket information",
                                       "update approval record",
                                       "write email"};

}  // namespace

NumbersByGroup Loops::CallMetric(const std::string& metric, bool guide) const {
  using Group = std::vector<std::string>;
  NumbersByGroup answer;
  std::map<Group, std::set<std::string>> first, second;
  const auto with = [](std::string a, Group rest) {
    rest.insert(rest.begin(), std::move(a));
    return rest;
  };
  std::map<Group, std::map<std::string, std::array<double, 3>>> rated;
  std::set<std::pair<Group, std::pair<std::string, std::string>>> saved;
  for (const PlainCall& call : all_.calls) {
    const std::string plugin = Small(call.plugin);
    const bool ok = call.served && call.used;
    const bool in = In(call.created);
    const Group group = GroupOf(call);
    if ((metric == "live_agent_transfers" && plugin == "start live agent chat" && in) ||
        (metric == "tickets_created" && plugin == "create ticket" && in)) {
      Numbers& numbers = answer[group];
      numbers.beside.resize(2);
      numbers.numerator += ok;
      ++numbers.beside[0];
      if (ok && call.conversation_id.has_value()) first[group].insert(*call.conversation_id);
      numbers.beside[1] = static_cast<double>(first[group].size());
    }
    if (metric == "custom_plugin_usage" && in && call.plugin.has_value() && kNative.count(plugin) == 0) {
      const std::string shown(absl::StripAsciiWhitespace(*call.plugin));
      Numbers& numbers = answer[with(OrNobody(shown), group)];
      numbers.beside.resize(2);
      ++numbers.numerator;
      numbers.beside[0] += call.served;
      numbers.beside[1] += ok;
    }
    if (metric == "knowledge_gaps" && in && !call.served && !call.used) {
      if (guide && call.plugin == "Knowledge Base") {
        ++answer[group].numerator;
        answer[group].beside = {answer[group].numerator};
      }
      if (!guide && kKnowledge.count(plugin) > 0) {
        bool gap = true;
        for (const PlainCall& other : all_.calls) {
          if (!call.interaction_id.has_value() || other.interaction_id != call.interaction_id) continue;
          if (kKnowledge.count(Small(other.plugin)) > 0 ? other.served : other.served && other.used)
            gap = false;
        }
        if (!gap) continue;
        if (call.interaction_id.has_value()) first[group].insert(*call.interaction_id);
        answer[group].numerator = static_cast<double>(first[group].size());
        answer[group].beside.resize(1);
        ++answer[group].beside[0];
      }
    }
    if (metric == "approvals_processed" && in && plugin == "update approval record") {
      Numbers& numbers = answer[group];
      numbers.beside.resize(2);
      numbers.numerator += ok;
      ++numbers.beside[1];
      for (const PlainResource& resource : all_.resources) {
        if (!ok || resource.plugin_call_id != call.id || !resource.resource_id.has_value()) continue;
        const std::string type = Small(resource.type);
        if (guide || type == "resource_type_approval" || type == "approval")
          first[group].insert(*resource.resource_id);
      }
      numbers.beside[0] = static_cast<double>(first[group].size());
    }
    if (metric == "time_savings" && in && ok && call.interaction_id.has_value() &&
        set_.hours.count(plugin) > 0) {
      if (saved.insert({group, {plugin, *call.interaction_id}}).second) {
        Numbers& numbers = answer[group];
        numbers.denominator = 1000;
        numbers.numerator += 1000 * set_.hours.at(plugin);
        numbers.beside.resize(1);
        ++numbers.beside[0];
      }
    }
    if (metric == "plugin_success_rate" && in && Matches(call)) {
      const PlainInteraction* last = nullptr;
      std::string verdict;
      if (guide) {
        for (const PlainInteraction& form : all_.interactions) {
          if (!IsForm(form) || Small(form.label) != "feedback" || VerdictOf(form).empty()) continue;
          if (!form.parent.has_value() || form.parent != call.interaction_id) continue;
          if (last == nullptr || Later(form, *last)) last = &form, verdict = VerdictOf(form);
        }
      } else {
        for (const Signal& signal : signals_) {
          if (signal.verdict.empty() || !signal.row->created.has_value()) continue;
          if (*signal.row->created > *call.created + set_.link_days * kMsOfDay) continue;
          if (signal.asked == nullptr || signal.asked->id != call.interaction_id) continue;
          if (last == nullptr || Later(*signal.row, *last)) last = signal.row, verdict = signal.verdict;
        }
      }
      ++rated[group][plugin][verdict == "helpful" ? 0 : verdict == "unhelpful" ? 1 : 2];
    }
  }
  for (const auto& [group, by_plugin] : rated) {
    Numbers& numbers = answer[group];
    numbers.denominator = 0;
    numbers.beside.resize(3);
    for (const auto& [plugin, counts] : by_plugin) {
      const auto [s, f, n] = counts;
      for (size_t i = 0; i < 3; ++i) numbers.beside[i] += counts[i];
      if (set_.missing == "proportional") {
        if (s + f == 0) continue;
        numbers.numerator += s + n * s / (s + f);
        *numbers.denominator += s + f + n;
      } else {
        numbers.numerator += s;
        *numbers.denominator += set_.missing == "neutral" ? s + f + n : s + f;
      }
    }
  }
  return answer;
}

}  // namespace penstock::metrics
