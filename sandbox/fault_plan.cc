// SPDX-License-Identifier: Apache-2.0
#include "sandbox/fault_plan.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "sandbox/synthetic_bits.h"

namespace penstock::sandbox {
namespace {

constexpr std::array<FaultInfo, static_cast<size_t>(Fault::kCount_)> kFaults = {{
    {"429", FaultArgument::kHowOften, "429 with Retry-After: 2"},
    {"429-bare", FaultArgument::kHowOften, "429 without Retry-After"},
    {"429-date", FaultArgument::kHowOften, "429 with Retry-After as a date, 2 s ahead"},
    {"429-garbage", FaultArgument::kHowOften, "429 with Retry-After: soon"},
    {"500", FaultArgument::kHowOften, "500 with a JSON error"},
    {"502-html", FaultArgument::kHowOften, "502 with an HTML page, as proxies send it"},
    {"503", FaultArgument::kHowOften, "503 with Retry-After: 1"},
    {"401-once", FaultArgument::kHowOften,
     "401, once unless told otherwise; an OAuth token is revoked with it"},
    {"403", FaultArgument::kHowOften, "403: the key lacks the scope (403@users)"},
    {"gone", FaultArgument::kHowOften, "410 on any request: the version is sunset"},
    {"redirect", FaultArgument::kUrl, "302 to URL"},
    {"expired-link", FaultArgument::kHowOften, "410 on a next link"},
    {"html", FaultArgument::kHowOften, "200 with an HTML page"},
    {"empty-body", FaultArgument::kHowOften, "200 with no body"},
    {"error-200", FaultArgument::kHowOften, "200 with {\"error\": ..}"},
    {"no-count", FaultArgument::kHowOften, "a server without /$count: 404"},
    {"no-filter", FaultArgument::kHowOften, "a server without $filter: 400"},
    {"no-orderby", FaultArgument::kHowOften, "a server without $orderby: 400"},
    {"reset", FaultArgument::kHowOften, "the connection is reset before the first byte"},
    {"cut", FaultArgument::kHowOften, "the connection ends in the middle of the body"},
    {"slow-drip", FaultArgument::kHowOften, "one byte of body per second"},
    {"gzip", FaultArgument::kHowOften, "a compressed body, if the client accepts gzip"},
    {"bomb", FaultArgument::kHowOften, "256 MiB of body, compressed to about one"},
    {"no-value", FaultArgument::kHowOften, "no `value` in the page"},
    {"no-context", FaultArgument::kHowOften, "no `@odata.context` in the page"},
    {"value-object", FaultArgument::kHowOften, "`value` is an object"},
    {"empty-page", FaultArgument::kHowOften, "no record, but a next link to the page that was due"},
    {"link-first", FaultArgument::kHowOften, "the next link stands before `value`"},
    {"count-string", FaultArgument::kHowOften, "@odata.count as a string"},
    {"foreign-link", FaultArgument::kUrl, "the next link is URL"},
    {"loop-link", FaultArgument::kHowOften, "the next link leads to the same page"},
    {"relative-link", FaultArgument::kHowOften, "the next link is relative"},
    {"link-case", FaultArgument::kKey, "the next link's key is KEY (odata.nextLink, @nextLink ..)"},
    {"two-links", FaultArgument::kHowOften, "two next links under two keys, leading to different pages"},
    {"link-null", FaultArgument::kHowOften, "on the last page, a next link that is null"},
    {"link-empty", FaultArgument::kHowOften, "on the last page, a next link that is \"\""},
    {"no-id", FaultArgument::kHowOften, "the page's first record has no id"},
    {"extra-field", FaultArgument::kHowOften, "the page's first record has a field that nobody announced"},
    {"odd-text", FaultArgument::kHowOften,
     "that field holds NUL, emoji, half a surrogate pair and big numbers"},
    {"dup", FaultArgument::kHowOften, "the page repeats the last record of the page before"},
    {"ignore-filter", FaultArgument::kHowOften, "$filter is accepted and ignored"},
    {"ignore-orderby", FaultArgument::kHowOften, "$orderby is accepted and ignored"},
    {"held-back", FaultArgument::kDay, "the records of DAY are missing until this is switched off"},
}};

absl::string_view ArgumentName(FaultArgument argument) {
  switch (argument) {
    case FaultArgument::kUrl:
      return "URL";
    case FaultArgument::kKey:
      return "KEY";
    case FaultArgument::kDay:
      return "YYYY-MM-DD";
    case FaultArgument::kHowOften:
      break;
  }
  return "SHARE or COUNT";
}

absl::Status BadArgument(const FaultInfo& info, absl::string_view argument) {
  return absl::InvalidArgumentError(absl::StrCat("--fault ", info.name, ": '", argument, "' is not ",
                                                 ArgumentName(info.argument),
                                                 "; a share has a point (0.05), a count has none (3)"));
}

}  // namespace

const std::array<FaultInfo, static_cast<size_t>(Fault::kCount_)>& AllFaults() { return kFaults; }

absl::Status FaultPlan::ReadArgument(const FaultInfo& info, absl::string_view argument, Rule& rule) {
  switch (info.argument) {
    case FaultArgument::kDay: {
      const absl::StatusOr<absl::Time> day = ParseDate(argument);
      if (!day.ok()) return BadArgument(info, argument);
      rule.day = DayNumber(*day);
      return absl::OkStatus();
    }
    case FaultArgument::kUrl:
    case FaultArgument::kKey:
      if (argument.empty()) return BadArgument(info, argument);
      rule.value = std::string(argument);
      return absl::OkStatus();
    case FaultArgument::kHowOften:
      break;
  }
  uint64_t count = 0;
  if (absl::StrContains(argument, '.')) {
    if (absl::SimpleAtod(argument, &rule.share) && rule.share >= 0 && rule.share <= 1)
      return absl::OkStatus();
  } else if (absl::SimpleAtoi(argument, &count)) {
    rule.count = count;
    return absl::OkStatus();
  }
  return BadArgument(info, argument);
}

absl::StatusOr<FaultPlan::Rule> FaultPlan::ParseRule(absl::string_view word) {
  Rule rule;
  absl::string_view rest = word;
  // A URL may hold an @ of its own, so only a known endpoint is one.
  if (const size_t at = rest.rfind('@'); at != absl::string_view::npos) {
    if (const auto endpoint = ParseEndpoint(rest.substr(at + 1)); endpoint.ok()) {
      rule.endpoint = *endpoint;
      rest = rest.substr(0, at);
    } else if (!absl::StrContains(rest, '=')) {
      return endpoint.status();
    }
  }
  const size_t equals = rest.find('=');
  const absl::string_view name = rest.substr(0, equals);
  for (size_t i = 0; i < kFaults.size(); ++i) {
    if (kFaults[i].name != name) continue;
    rule.fault = static_cast<Fault>(i);
    if (rule.fault == Fault::k401Once) rule.count = 1;
    if (equals != absl::string_view::npos) {
      RETURN_IF_ERROR(ReadArgument(kFaults[i], rest.substr(equals + 1), rule));
    } else if (kFaults[i].argument != FaultArgument::kHowOften) {
      return BadArgument(kFaults[i], "");
    }
    return rule;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--fault: '", name, "' is not one of ",
      absl::StrJoin(kFaults, ", ",
                    [](std::string* out, const FaultInfo& info) { absl::StrAppend(out, info.name); })));
}

absl::StatusOr<FaultPlan> FaultPlan::Parse(const std::vector<std::string>& words, uint64_t seed) {
  FaultPlan plan;
  plan.seed_ = seed;
  for (const std::string& word : words) {
    ASSIGN_OR_RETURN(Rule rule, ParseRule(word));
    plan.rules_.push_back(std::move(rule));
  }
  return plan;
}

std::optional<std::string> FaultPlan::Strikes(Fault fault, Endpoint endpoint) {
  std::optional<std::string> answer;
  for (size_t i = 0; i < rules_.size(); ++i) {
    Rule& rule = rules_[i];
    if (rule.fault != fault || rule.endpoint.value_or(endpoint) != endpoint) continue;
    const uint64_t chance = rule.chances++;
    if (rule.count && chance >= *rule.count) continue;
    const double draw = static_cast<double>(Mix(Mix(seed_ * 1000 + i) + chance) >> 11) * 0x1.0p-53;
    if (draw >= rule.share) continue;
    answer = rule.value;
  }
  if (answer) ++struck_[std::string(kFaults[static_cast<size_t>(fault)].name)];
  return answer;
}

std::vector<int64_t> FaultPlan::HeldBack(Endpoint endpoint) const {
  std::vector<int64_t> days;
  for (const Rule& rule : rules_) {
    if (rule.fault == Fault::kHeldBack && rule.endpoint.value_or(endpoint) == endpoint)
      days.push_back(rule.day);
  }
  return days;
}

}  // namespace penstock::sandbox
