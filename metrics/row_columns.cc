// SPDX-License-Identifier: Apache-2.0
#include "metrics/row_columns.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace penstock::metrics {
namespace {

// Names in the order in which they are shown; a number ends in '#'. Of a call `question` and `topic` are those of its
// interaction.
const std::map<std::string, std::string>& Shown() {
  static const auto* const shown = new std::map<std::string, std::string>{
      {"free_text", "conversation_id user_id entity ticket# agent# negative# deflected# guide_deflected#"},
      {"response", "conversation_id user_id answer_id response_ms# chosen#"},
      {"message", "conversation_id user_id entity content"},
      {"user_action", "conversation_id user_id type"},
      {"interaction", "conversation_id user_id actor type"},
      {"form", "conversation_id user_id label form it_ticket# request# agent# verdict content"},
      {"click", "conversation_id user_id parent_id verdict from_last#"},
      {"dialogue", "user_id route domain type engaged#"},
      {"notification", "user_id domain type engaged# answered#"},
      {"survey", "user_id engaged#"},
      {"survey_result", "user_id final_rating# responded#"},
      {"rating", "survey_id user_id label rating# from_last#"},
      {"csat_comment", "survey_id user_id content"},
      {"plugin_call", "interaction_id user_id plugin served# used# question topic"},
      {"custom_call", "interaction_id user_id plugin served# used#"},
      {"rated_call", "interaction_id user_id plugin verdict guide_verdict"},
      {"knowledge_call", "interaction_id user_id plugin gap# question topic"},
      {"approval", "interaction_id user_id ok# resource_id approval_id"},
      {"saving", "interaction_id user_id plugin saved_millihours#"},
      {"newcomer", ""},
      {"returner", ""},
      {"single_user", "single#"},
      {"adoption", "active# entitled#"},
  };
  return *shown;
}

}  // namespace

std::vector<RowColumn> RowColumns(absl::string_view facts) {
  const auto found = Shown().find(std::string(facts));
  CHECK(found != Shown().end());
  std::vector<RowColumn> columns;
  for (absl::string_view word : absl::StrSplit(found->second, ' ', absl::SkipEmpty())) {
    const bool number = absl::EndsWith(word, "#");
    if (number) word.remove_suffix(1);
    std::string sql = absl::StrCat("t.", word);
    if (word == "question") sql = "q.content";
    if (word == "topic") sql = "q.entity";
    columns.push_back({std::string(word), std::move(sql), number});
  }
  return columns;
}

bool AsksInteraction(absl::string_view facts) {
  for (const RowColumn& column : RowColumns(facts)) {
    if (column.name == "question") return true;
  }
  return false;
}

}  // namespace penstock::metrics
