// SPDX-License-Identifier: Apache-2.0
#include "cli/metrics_flags.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/nearest_word.h"

namespace penstock::cli {

void AddQuestionFlags(CLI::App& app, QuestionFlags& flags) {
  metrics::Question& question = flags.question;
  question.zone.clear();
  app.add_option("name", question.name, "The metric")->option_text("NAME")->required();
  app.add_option("--from", question.from, "The first day, or a time. Left out: a week before --to")
      ->option_text("DATE");
  app.add_option("--to", question.to, "The day, or time, before which it ends. Left out: today")
      ->option_text("DATE");
  app.add_option("--by", question.by, "A number for each day, week or month")->option_text("PERIOD");
  app.add_option("--group", question.group,
                 "A number for each route, domain, platform, plugin, language or segment")
      ->option_text("WHAT");
  app.add_option("--where", question.where, "Only these: route=DM,Ticket")->option_text("WHAT=VALUE");
  app.add_option("--tz", question.zone, "The time zone of the days; otherwise the configuration's, or UTC")
      ->option_text("ZONE");
  app.add_option("--set", flags.settings, "A parameter: clicks=no")->option_text("NAME=VALUE");
  app.add_option("--definition", flags.definition,
                 "corrected (the default), guide: by the guide's letter, or both")
      ->option_text("WHICH");
}

absl::StatusOr<std::vector<metrics::Question>> Questions(const QuestionFlags& flags) {
  const std::vector<std::string> known = {"corrected", "guide", "both"};
  if (std::count(known.begin(), known.end(), flags.definition) == 0) {
    return absl::InvalidArgumentError(absl::StrCat("--definition ", flags.definition, " is none of ",
                                                   absl::StrJoin(known, ", "),
                                                   DidYouMean(flags.definition, known)));
  }
  metrics::Question question = flags.question;
  for (const std::string& setting : flags.settings) {
    const std::pair<std::string, std::string> sides = absl::StrSplit(setting, absl::MaxSplits('=', 1));
    if (sides.first.empty() || sides.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set ", setting, ": write NAME=VALUE, or NAME=VALUE,VALUE"));
    }
    question.parameters[sides.first] = sides.second;
  }
  std::vector<metrics::Question> questions;
  if (flags.definition != "guide") questions.push_back(question);
  question.guide = true;
  if (flags.definition != "corrected") questions.push_back(question);
  return questions;
}

}  // namespace penstock::cli
