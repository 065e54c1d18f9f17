// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/tables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "metrics/catalogue.h"
#include "metrics/powerbi/measures.h"

namespace penstock::metrics::powerbi {
namespace {

struct Fact {
  const char* relation;
  const char* title;
  const char* text;
  const char* columns;  // '#': a number; '?': a text to group by; otherwise an id
};

// A relation of facts (facts.h) that metrics count, as a table. Without what people wrote.
constexpr Fact kFacts[] = {
    {"presence", "Presence",
     "A user in a conversation, within a quarter of an hour: by himself, or answered to.",
     "conversation_id user_id platform? active# actions# happened#"},
    {"message", "Message", "A message that a user wrote.", "id conversation_id user_id platform?"},
    {"form", "Form", "A form that a user submitted.",
     "id conversation_id user_id platform? label? form? it_ticket# request# agent# feedback#"},
    {"click", "Click", "A click on helpful or unhelpful.", "id conversation_id user_id platform?"},
    {"free_text", "Message outcome",
     "A message that a user wrote, and what came of it: a ticket, a live agent, negative feedback, or none.",
     "id conversation_id user_id platform? entity? ticket# agent# negative# deflected#"},
    {"response", "Response", "A message and one answer of the bot to it.",
     "id conversation_id user_id platform? answer_id ticket# agent# response_ms# chosen#"},
    {"dialogue", "Dialogue", "A conversation, on the day on which it began.",
     "id conversation_id user_id engaged#"},
    {"notification", "Notification", "A conversation that a notification began.",
     "id conversation_id user_id engaged# answered#"},
    {"survey", "Survey", "A CSAT survey that was sent.", "id conversation_id user_id engaged#"},
    {"survey_result", "Survey result", "A CSAT survey and its answer.",
     "id conversation_id user_id answered# engaged# responded# final_rating#"},
    {"rating", "Rating", "A click on a button of a CSAT survey, on the day of the survey.",
     "id conversation_id user_id platform? survey_id"},
    {"csat_comment", "CSAT comment", "A comment in a CSAT survey, without its text.",
     "id conversation_id user_id platform? survey_id"},
    {"plugin_call", "Plugin call", "A call of a plugin.",
     "id conversation_id interaction_id user_id plugin? served# used# ok#"},
    {"rated_call", "Rated call", "A plugin call that was served and used, with the last verdict on it.",
     "id conversation_id interaction_id user_id plugin? verdict?"},
    {"knowledge_call", "Knowledge call", "A search of the knowledge that gave nothing.",
     "id conversation_id interaction_id user_id plugin? gap#"},
    {"approval", "Approval", "A call that processes approvals, and one of the resources that it touched.",
     "id conversation_id interaction_id user_id plugin? resource_id approval_id ok#"},
    {"custom_call", "Custom plugin call", "A call of a plugin of your own.",
     "id conversation_id interaction_id user_id served# used# ok#"},
    {"newcomer", "New user", "A user, on the day on which he was first seen.", "id user_id"},
    {"returner", "Returning user", "A user, on the day on which he was last seen.", "id user_id"},
    {"unattributed_signal", "Unattributed signal",
     "A ticket, a request for an agent or negative feedback that no message is found for.",
     "id conversation_id user_id platform? ticket# agent#"},
    {"unattributed_escalation", "Unattributed escalation",
     "A ticket or a request for an agent that no message is found for.",
     "id conversation_id user_id platform? ticket# agent#"},
    {"unattributed_verdict", "Unattributed verdict", "A verdict that no plugin call is found for.",
     "id conversation_id user_id platform? verdict?"},
    {"homeless_action", "Action without conversation",
     "Something that a user did in a conversation that is not there.",
     "id conversation_id user_id platform? type?"},
};

std::vector<Column> ColumnsOf(absl::string_view spec) {
  std::vector<Column> columns;
  for (absl::string_view word : absl::StrSplit(spec, ' ')) {
    const bool number = word.back() == '#';
    const bool group = word.back() == '?';
    if (number || group) word.remove_suffix(1);
    const std::string name(word);
    columns.push_back({name, number ? ColumnType::kNumber : ColumnType::kText, group ? OrNone(name) : name});
  }
  return columns;
}

// Whether its rows are users, whose times move on.
bool Moves(absl::string_view relation) { return relation == "newcomer" || relation == "returner"; }

Table FactTable(const std::string& relation) {
  const auto* const fact = std::find_if(std::begin(kFacts), std::end(kFacts),
                                        [&](const Fact& each) { return each.relation == relation; });
  CHECK(fact != std::end(kFacts));
  Table table = {.relation = fact->relation,
                 .title = fact->title,
                 .text = fact->text,
                 .columns = ColumnsOf(fact->columns),
                 .dated = true,
                 .whole = Moves(fact->relation)};
  table.columns.push_back({"local_date", ColumnType::kDate});
  table.columns.push_back({"created_time", ColumnType::kTime});
  return table;
}

Table* TableFor(const std::string& relation, std::vector<Table>* tables) {
  for (Table& table : *tables) {
    if (table.relation == relation) return &table;
  }
  tables->push_back(FactTable(relation));
  return &tables->back();
}

std::vector<Table> LookedUp() {
  // A day that is not wholly settled may still change, and so may what is linked to it (R3).
  const Measure provisional = {
      .name = "Provisional",
      .text = "Says provisional while a day of the time, at one of the endpoints, is not settled.",
      .dax =
          "IF(SUM('Coverage'[settled]) < COUNTROWS('Date') * CALCULATE(DISTINCTCOUNT('Coverage'[endpoint]), "
          "REMOVEFILTERS('Date')), \"provisional\")"};
  return {
      {.relation = "date",
       .title = kDate,
       .text = "The days of the time zone that the views were installed for.",
       .columns = {{"local_date", ColumnType::kDate},
                   {"year", ColumnType::kNumber},
                   {"month_start", ColumnType::kDate},
                   {"week_start", ColumnType::kDate},
                   {"weekday", ColumnType::kNumber},
                   {"time_zone", ColumnType::kText}},
       .looked_up = true},
      {.relation = "coverage",
       .title = kCoverage,
       .text = "How complete a day is at an endpoint: settled is 1 when all of it is.",
       .columns = {{"endpoint", ColumnType::kText},
                   {"local_date", ColumnType::kDate},
                   {"settled", ColumnType::kNumber}},
       .measures = {provisional},
       .looked_up = true},
      {.relation = "conversation",
       .title = kConversation,
       .text = "Where a conversation began and what it was about.",
       .columns = ColumnsOf("id route? domain? type?")},
      {.relation = "person",
       .title = kUser,
       .text = "A user of the roster, without name and address.",
       .columns = ColumnsOf("id language? access#"),
       .looked_up = true},
  };
}

// What R6 found no row for, counted.
void AddUnattributed(const Metric& metric, std::vector<Table>* tables) {
  const std::string& relation = metric.corrected.unattributed;
  if (relation.empty()) return;
  Table* table = TableFor(relation, tables);
  table->measures.push_back({.name = absl::StrCat(metric.title, ": unattributed"),
                             .text = absl::StrCat("Beside ", metric.title, "."),
                             .format = "#,0",
                             .folder = metric.section.substr(0, metric.section.find(',')),
                             .terms = {{}}});
}

std::vector<Table> Made() {
  std::vector<Table> tables = LookedUp();
  std::vector<const Metric*> measured;
  for (const Metric& metric : AllMetrics()) {
    if (!WhyNoMeasure(metric).empty()) continue;
    measured.push_back(&metric);
    AddBreakdown(metric, TableFor(metric.corrected.facts, &tables));
  }
  for (const Metric* metric : measured) {
    AddMeasures(*metric, TableFor(metric->corrected.facts, &tables));
    AddUnattributed(*metric, &tables);
  }
  return tables;
}

bool Has(const Table& table, const std::string& name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const Column& column) { return column.name == name; });
}

}  // namespace

const std::vector<Table>& Tables() {
  static const auto* const tables = new std::vector<Table>(Made());
  return *tables;
}

std::vector<Relationship> Relationships() {
  std::vector<Relationship> all = {{kCoverage, "local_date", kDate, "local_date"}};
  for (const Table& table : Tables()) {
    if (!table.dated) continue;
    all.push_back({table.title, "local_date", kDate, "local_date"});
    if (Has(table, "conversation_id")) all.push_back({table.title, "conversation_id", kConversation, "id"});
    if (Has(table, "user_id")) all.push_back({table.title, "user_id", kUser, "id"});
  }
  return all;
}

}  // namespace penstock::metrics::powerbi
