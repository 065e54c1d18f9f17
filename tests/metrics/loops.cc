// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/loops.h"

#include <algorithm>
#include <regex>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"

namespace penstock::metrics {

std::string Small(const Text& text) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.value_or("")));
}
std::string Big(const Text& text) {
  return absl::AsciiStrToUpper(absl::StripAsciiWhitespace(text.value_or("")));
}

std::string OrNobody(const std::string& text) { return text.empty() ? "(none)" : text; }

std::string TypeWord(const PlainInteraction& row) {
  std::string word = Small(row.type);
  if (word.rfind("interaction_type_", 0) == 0) word = word.substr(17);
  return word == "uiform_submissision" ? "uiform_submission" : word;
}

std::string RouteName(const Text& route) {
  const std::string word = Small(route);
  if (word == "dm") return "DM";
  if (word == "notification") return "Notification";
  if (word == "ticket" || word == "ticket_interception") return "Ticket";
  if (word == "channel" || word == "channel_interception") return "Channel";
  return word;
}

std::string PlainFormName(const Text& text) {
  static auto* const known = new std::map<std::string, std::string>;
  std::string name = Small(text);
  const auto found = known->find(name);
  if (found != known->end()) return found->second;
  std::string& made = (*known)[name];
  name = std::regex_replace(name, std::regex("[.,:;!? ]+$"), "");
  // Each word with the blanks before it.
  name = std::regex_replace(" " + name, std::regex(" +(a|an|the)(?= |$)"), "");
  name = std::regex_replace(name, std::regex(" +"), " ");
  made = std::string(absl::StripAsciiWhitespace(name));
  return made;
}

std::string VerdictOf(const PlainInteraction& row) {
  const std::string in_detail = Small(row.detail);
  const std::string in_resource = Small(row.resource_id);
  const auto is = [](const std::string& word) { return word == "helpful" || word == "unhelpful"; };
  const bool form = TypeWord(row) == "uiform_submission";
  const std::string& first = form ? in_detail : in_resource;
  const std::string& second = form ? in_resource : in_detail;
  return is(first) ? first : is(second) ? second : "";
}

bool Later(const PlainInteraction& row, const PlainInteraction& other) {
  const auto order = [](const PlainInteraction& each) {
    return std::make_tuple(each.created.value_or(INT64_MIN), each.updated.value_or(INT64_MIN), each.id);
  };
  return order(row) > order(other);
}

Loops::Loops(const PlainRecords& records, Settings settings, absl::TimeZone zone, int64_t from, int64_t to,
             std::string group)
    : all_(records), set_(std::move(settings)), zone_(zone), from_(from), to_(to), group_(std::move(group)) {
  std::set<std::string> asked;
  for (const PlainCall& call : all_.calls) {
    if (Matches(call) && call.interaction_id.has_value()) asked.insert(*call.interaction_id);
  }
  signals_ = FindSignals();
  for (Signal& signal : signals_) {
    signal.message = Root(signal, [&](const PlainInteraction& row) { return IsMessage(row); });
    signal.asked = Root(signal, [&](const PlainInteraction& row) { return asked.count(row.id) > 0; });
  }
}

std::vector<std::string> Loops::Group(const Text& conversation, const Text& user, const Text& platform,
                                      const Text& plugin) const {
  if (group_.empty()) return {};
  if (group_ == "platform") return {OrNobody(Small(platform))};
  if (group_ == "plugin") {
    return {OrNobody(std::string(absl::StripAsciiWhitespace(plugin.value_or(""))))};
  }
  if (group_ == "language") {
    for (const PlainUser& each : all_.users) {
      if (each.id == user) return {OrNobody(Big(each.language))};
    }
    return {"(none)"};
  }
  if (group_ == "segment") {
    const auto known = set_.segments.find(user.value_or(""));
    return {known == set_.segments.end() ? "(none)" : known->second};
  }
  for (const PlainConversation& each : all_.conversations) {
    if (each.id != conversation) continue;
    return {OrNobody(group_ == "route" ? RouteName(each.route) : Big(each.primary_domain))};
  }
  return {"(none)"};
}

std::vector<std::string> Loops::GroupOf(const PlainInteraction& row) const {
  return Group(row.conversation_id, row.user_id, row.platform, std::nullopt);
}
std::vector<std::string> Loops::GroupOf(const PlainConversation& row) const {
  return Group(row.id, row.user_id, std::nullopt, std::nullopt);
}
std::vector<std::string> Loops::GroupOf(const PlainCall& row) const {
  return Group(row.conversation_id, row.user_id, std::nullopt, row.plugin);
}

const PlainInteraction* Loops::Find(const Text& id) const {
  for (const PlainInteraction& each : all_.interactions) {
    if (each.id == id) return &each;
  }
  return nullptr;
}

bool Loops::IsUser(const PlainInteraction& row) const { return Small(row.actor) == "user"; }
bool Loops::IsMessage(const PlainInteraction& row) const {
  const std::string word = TypeWord(row);
  return IsUser(row) && (word == "free_text" || word == "utterance");
}
bool Loops::IsForm(const PlainInteraction& row) const {
  return IsUser(row) && TypeWord(row) == "uiform_submission";
}

bool Loops::ItTicket(const PlainInteraction& form) const {
  if (set_.labels.count(Small(form.label)) == 0 || !form.detail.has_value()) return false;
  return std::any_of(set_.ticket_forms.begin(), set_.ticket_forms.end(), [&](const std::string& name) {
    return PlainFormName(form.detail).find(name) != std::string::npos;
  });
}
bool Loops::Request(const PlainInteraction& form) const {
  return set_.number_labels.count(Small(form.label)) > 0 && !ItTicket(form);
}
bool Loops::Agent(const PlainInteraction& form) const {
  if (set_.labels.count(Small(form.label)) == 0 || !form.detail.has_value()) return false;
  return std::any_of(set_.agent_forms.begin(), set_.agent_forms.end(), [&](const std::string& name) {
    return PlainFormName(form.detail).find(name) != std::string::npos;
  });
}
bool Loops::GuideTicket(const PlainInteraction& form) const {
  return set_.labels.count(Small(form.label)) > 0 &&
         set_.guide_ticket_forms.count(form.detail.value_or("")) > 0;
}
bool Loops::GuideAgent(const PlainInteraction& form) const {
  return set_.labels.count(Small(form.label)) > 0 &&
         set_.guide_agent_forms.count(form.detail.value_or("")) > 0;
}

std::vector<Loops::Signal> Loops::FindSignals() const {
  std::vector<Signal> signals;
  for (const PlainInteraction& row : all_.interactions) {
    Signal signal = {&row};
    if (IsForm(row)) {
      signal.ticket = ItTicket(row) || Request(row);
      signal.agent = Agent(row);
      if (Small(row.label) == "feedback") signal.verdict = VerdictOf(row);
    } else if (IsUser(row) && set_.clicks &&
               (TypeWord(row) == "link_click" || TypeWord(row) == "internal_link")) {
      signal.verdict = VerdictOf(row);
    }
    if (signal.ticket || signal.agent || !signal.verdict.empty()) signals.push_back(signal);
  }
  return signals;
}

const PlainInteraction* Loops::Root(const Signal& signal, const Wanted& wanted) const {
  Text parent = signal.row->parent;
  std::set<std::string> seen;
  for (int step = 0;; ++step) {
    if (step == 8 && parent.has_value()) return nullptr;  // too far
    const PlainInteraction* here = Find(parent);
    if (here == nullptr) break;                         // it ends, or it dangles
    if (!seen.insert(here->id).second) return nullptr;  // in a circle
    if (wanted(*here)) return here;
    parent = here->parent;
  }
  if (!set_.nearest) return nullptr;
  const PlainInteraction* best = nullptr;
  for (const PlainInteraction& row : all_.interactions) {
    if (!wanted(row) || !row.created.has_value() || !signal.row->created.has_value()) continue;
    if (!row.conversation_id.has_value() || row.conversation_id != signal.row->conversation_id) continue;
    if (!row.user_id.has_value() || row.user_id != signal.row->user_id) continue;
    const int64_t before = *signal.row->created - *row.created;
    if (before < 0 || before > 60 * 60 * 1000) continue;
    if (best == nullptr || Later(row, *best)) best = &row;
  }
  return best;
}

bool Loops::Matches(const PlainCall& call) const {
  return call.served && call.used && (set_.plugins.empty() || set_.plugins.count(Small(call.plugin)) > 0);
}

NumbersByGroup Loops::Compute(const std::string& metric, bool guide) const {
  for (const auto family : {&Loops::UserMetric, &Loops::ConversationMetric, &Loops::ActionMetric,
                            &Loops::CallMetric, &Loops::SurveyMetric, &Loops::MessageMetric}) {
    NumbersByGroup numbers = (this->*family)(metric, guide);
    if (!numbers.empty()) return numbers;
  }
  return {};
}

int64_t Loops::Unattributed(const std::string& metric, bool guide) const {
  if (guide) return -1;
  const bool by_call = metric == "plugin_success_rate";
  if (metric == "notifications_engaged") {
    int64_t homeless = 0;
    for (const PlainInteraction& row : all_.interactions) {
      bool found = false;
      for (const PlainConversation& each : all_.conversations)
        found = found || each.id == row.conversation_id;
      homeless += IsUser(row) && In(row.created) && !found;
    }
    return homeless;
  }
  if (!by_call && metric != "deflections" && metric != "mttr_without_escalations") return -1;
  int64_t count = 0;
  for (const Signal& signal : signals_) {
    if (!In(signal.row->created)) continue;
    const bool escalates = signal.ticket || signal.agent;
    const bool takes_part = by_call                   ? !signal.verdict.empty()
                            : metric == "deflections" ? escalates || signal.verdict == "unhelpful"
                                                      : escalates;
    if (!takes_part) continue;
    count += (by_call ? signal.asked : signal.message) == nullptr;
  }
  return count;
}

}  // namespace penstock::metrics
