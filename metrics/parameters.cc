// SPDX-License-Identifier: Apache-2.0
#include "metrics/parameters.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/nearest_word.h"
#include "base/status_macros.h"

namespace penstock::metrics {
namespace {

using Kind = ParameterKind;

absl::Status Refuse(const Parameter& parameter, absl::string_view item, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat("'", item, "' is no ", parameter.name, ": ", expected,
                                                 DidYouMean(item, parameter.choices)));
}

absl::Status CheckPair(const Parameter& parameter, const std::string& item) {
  const std::vector<std::string> sides = absl::StrSplit(item, '=');
  const bool hours = parameter.kind == Kind::kHours;
  double number = 0;
  if (sides.size() != 2 || sides[0].empty() || !absl::SimpleAtod(sides[1], &number)) {
    return Refuse(parameter, item, hours ? "write PLUGIN=HOURS" : "write LABEL=1 to LABEL=5");
  }
  if (hours && !(number > 0 && number <= 1'000))
    return Refuse(parameter, item, "above 0 and at most 1000 hours");
  if (!hours && (number < 1 || number > 5 || sides[1].size() != 1)) {
    return Refuse(parameter, item, "a rating is 1, 2, 3, 4 or 5");
  }
  return absl::OkStatus();
}

absl::Status CheckItem(const Parameter& parameter, const std::string& item) {
  uint32_t number = 0;
  switch (parameter.kind) {
    case Kind::kNumber:
      if (absl::SimpleAtoi(item, &number) && number <= 3'650) return absl::OkStatus();
      return Refuse(parameter, item, "a whole number from 0 to 3650");
    case Kind::kChoice:
      if (std::count(parameter.choices.begin(), parameter.choices.end(), item) > 0) return absl::OkStatus();
      return Refuse(parameter, item, absl::StrCat("one of ", absl::StrJoin(parameter.choices, ", ")));
    case Kind::kRatings:
    case Kind::kHours:
      return CheckPair(parameter, item);
    case Kind::kNames:
    case Kind::kForms:
    case Kind::kGlobs:
      return absl::OkStatus();
  }
  CHECK(false);
}

}  // namespace

const std::vector<Parameter>& AllParameters() {
  static const auto* const all = new std::vector<Parameter>{
      {"link_days", Kind::kNumber, {"7"}, {}, "days after a counted row within which linked rows count"},
      {"reply_days", Kind::kNumber, {"30"}, {}, "link_days of notifications and surveys"},
      {"attribution",
       Kind::kChoice,
       {"nearest"},
       {"nearest", "parent"},
       "where parents lead nowhere: the nearest message of the hour before, or nothing"},
      {"clicks", Kind::kChoice, {"yes"}, {"yes", "no"}, "whether thumbs count beside feedback forms"},
      {"labels", Kind::kNames, {"handoff", "mw_form"}, {}, "labels of ticket and live agent forms"},
      {"ticket_forms", Kind::kForms, {"File IT Ticket"}, {}, "names of the forms that file a ticket"},
      {"agent_forms",
       Kind::kForms,
       {"Live Agent chat request"},
       {},
       "names of the forms that ask for an agent"},
      {"number_labels", Kind::kNames, {"file_ticket"}, {}, "labels of forms that carry a ticket number"},
      {"feedback_labels", Kind::kNames, {"feedback"}, {}, "labels of feedback forms"},
      {"exclude_routes", Kind::kNames, {}, {}, "routes that do not count"},
      {"include_notifications", Kind::kChoice, {"no"}, {"yes", "no"}, "whether notifications count"},
      {"exclude_topics", Kind::kNames, {}, {}, "topics whose messages do not count"},
      {"include_none", Kind::kChoice, {"no"}, {"yes", "no"}, "whether messages without a topic are shown"},
      {"unit", Kind::kChoice, {"day"}, {"day", "week", "interaction"}, "what a user must have several of"},
      {"min", Kind::kNumber, {"2"}, {}, "how many units make a user a returning one"},
      {"scope", Kind::kChoice, {"frame"}, {"frame", "all"}, "users first seen in the frame, or ever"},
      {"count",
       Kind::kChoice,
       {"all"},
       {"all", "latest_per_message"},
       "every click, or the last one of a message"},
      {"top", Kind::kNumber, {"20"}, {}, "how many groups are shown"},
      {"order", Kind::kChoice, {"engaged"}, {"engaged", "rate"}, "by what the groups are ordered"},
      {"min_sent", Kind::kNumber, {"30"}, {}, "fewer sent than this, and the rate is hidden"},
      {"agent_plugins",
       Kind::kNames,
       {"Start Live Agent Chat"},
       {},
       "plugins that connect with a live agent"},
      {"ticket_plugins", Kind::kNames, {"Create Ticket"}, {}, "plugins that create a ticket"},
      {"approval_plugins", Kind::kNames, {"Update Approval Record"}, {}, "plugins that process an approval"},
      {"knowledge_plugins",
       Kind::kNames,
       {"Knowledge Base", "Enterprise Search"},
       {},
       "plugins that search knowledge"},
      {"plugins", Kind::kNames, {}, {}, "the plugins that count; none given: all"},
      {"custom_plugins", Kind::kGlobs, {}, {}, "names of your own plugins, with * and ?"},
      {"answered_elsewhere",
       Kind::kChoice,
       {"exclude"},
       {"exclude", "include"},
       "whether a question that another plugin answered is a gap"},
      {"missing",
       Kind::kChoice,
       {"exclude"},
       {"exclude", "neutral", "proportional"},
       "what calls without feedback are"},
      {"time",
       Kind::kChoice,
       {"created"},
       {"created", "updated"},
       "by which of a call's times it is counted"},
      {"response", Kind::kChoice, {"each"}, {"each", "first", "last"}, "which answers to a message count"},
      {"ratings", Kind::kRatings, {}, {}, "what the labels of rating buttons mean"},
      {"campaign_only",
       Kind::kChoice,
       {"yes"},
       {"yes", "no"},
       "whether comments outside of a survey are left out"},
      {"hours", Kind::kHours, {}, {}, "hours that one call of each plugin saves"},
  };
  return *all;
}

const Parameter& ParameterNamed(absl::string_view name) {
  for (const Parameter& parameter : AllParameters()) {
    if (parameter.name == name) return parameter;
  }
  CHECK(false);
}

absl::StatusOr<std::vector<std::string>> ParseItems(const Parameter& parameter, absl::string_view text) {
  std::vector<std::string> items;
  for (absl::string_view item : absl::StrSplit(text, ',')) {
    item = absl::StripAsciiWhitespace(item);
    if (!item.empty()) items.emplace_back(item);
  }
  if (items.empty()) return Refuse(parameter, text, "nothing stands there");
  RETURN_IF_ERROR(CheckItems(parameter, items));
  return items;
}

absl::Status CheckItems(const Parameter& parameter, const std::vector<std::string>& items) {
  const bool one = parameter.kind == Kind::kNumber || parameter.kind == Kind::kChoice;
  if (one && items.size() > 1) return Refuse(parameter, absl::StrJoin(items, ","), "one value only");
  for (const std::string& item : items) RETURN_IF_ERROR(CheckItem(parameter, item));
  return absl::OkStatus();
}

const std::vector<std::string>& NativePlugins() {
  static const auto* const names = new std::vector<std::string>{"Add Comment to Ticket",
                                                                "Add User to a Group",
                                                                "Approval Information",
                                                                "Brief Me (Interactions)",
                                                                "Brief Me (Start/End)",
                                                                "Clear Context",
                                                                "Code Interpreter",
                                                                "Create Ticket",
                                                                "Create a Group",
                                                                "Enterprise Search",
                                                                "Forms",
                                                                "Grant Software Access",
                                                                "Group Membership Status",
                                                                "Knowledge Base",
                                                                "People Registry",
                                                                "Quick GPT",
                                                                "Remove User From a Group",
                                                                "Reopen Ticket",
                                                                "Reset MFA",
                                                                "Resolve Ticket",
                                                                "Smart Handoff",
                                                                "Start Live Agent Chat",
                                                                "Ticket Information",
                                                                "Update Approval Record",
                                                                "Write Email"};
  return *names;
}

}  // namespace penstock::metrics
