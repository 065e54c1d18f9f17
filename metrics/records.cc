// SPDX-License-Identifier: Apache-2.0
#include "metrics/records.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace penstock::metrics {
namespace {

constexpr char kFinalPunctuation[] = ".,:;!? ";
// Older than any stamp.
constexpr char kNoStamp[] = "-99999999999999";

// The columns of one record view, from the columns of its table.
class View {
 public:
  View(std::string name, Endpoint endpoint, const Dialect& dialect)
      : name_(std::move(name)), endpoint_(endpoint), dialect_(dialect) {}

  std::string Column(absl::string_view field) const { return dialect_.Column(endpoint_, field); }
  // An enumeration's text, in small letters.
  std::string Small(const std::string& text) const { return dialect_.Lower(dialect_.Trim(text)); }
  std::string Member(absl::string_view key) const { return dialect_.JsonText(Column("detail"), key); }
  std::string Millis(absl::string_view field) const { return dialect_.Millis(Column(field)); }
  std::string Day(absl::string_view field) const { return dialect_.Day(Millis(field)); }

  View& Add(std::string name, std::string sql) {
    columns_.push_back(absl::StrCat(sql, " AS ", name));
    return *this;
  }
  View& Same(std::string name, absl::string_view field) { return Add(std::move(name), Column(field)); }
  View& Created() { return Add("created_ms", Millis("created_time")).Add("utc_day", Day("created_time")); }
  View& Updated() {
    return Add("updated_ms", absl::StrCat("coalesce(", Millis("last_updated_time"), ", ", kNoStamp, ")"));
  }
  View& Id() { return Same("id", "id").Add("tie", dialect_.CodePoints(Column("id"))); }
  // Empty text is no user (R5).
  View& User() { return Add("user_id", absl::StrCat("nullif(", Column("user_id"), ", '')")); }

  Relation Made() const {
    return {
        name_,
        absl::StrCat("SELECT\n  ", absl::StrJoin(columns_, ",\n  "), "\nFROM ", dialect_.Table(endpoint_)),
        /*computed_in_place=*/true};
  }

 private:
  const std::string name_;
  const Endpoint endpoint_;
  const Dialect& dialect_;
  std::vector<std::string> columns_;
};

Relation Conversation(const Dialect& dialect) {
  View view("conversation", Endpoint::kConversations, dialect);
  // "ticket_interception" is a ticket.
  const std::string route =
      absl::StrCat("replace(", view.Small(view.Column("route")), ", '_interception', '')");
  return view.Id()
      .User()
      .Add("route", absl::StrCat("CASE ", route,
                                 " WHEN 'dm' THEN 'DM' WHEN 'notification' THEN 'Notification'"
                                 " WHEN 'ticket' THEN 'Ticket' WHEN 'channel' THEN 'Channel' ELSE ",
                                 route, " END"))
      .Add("route_key", route)
      .Add("domain", dialect.Upper(dialect.Trim(view.Column("primary_domain"))))
      .Add("type", dialect.Upper(dialect.Trim(view.Column("type"))))
      .Created()
      .Made();
}

// The first of the two that is a verdict.
std::string Verdict(const std::string& first, const std::string& second) {
  return absl::StrCat("CASE WHEN ", first, " IN ('helpful', 'unhelpful') THEN ", first, " WHEN ", second,
                      " IN ('helpful', 'unhelpful') THEN ", second, " END");
}

Relation Interaction(const Dialect& dialect) {
  View view("interaction", Endpoint::kInteractions, dialect);
  const std::string word =
      absl::StrCat("replace(", view.Small(view.Column("type")), ", 'interaction_type_', '')");
  const std::string is_form = absl::StrCat(word, " IN ('uiform_submission', 'uiform_submissision')");
  const std::string subject = view.Small(view.Member("detail"));
  const std::string resource = view.Small(view.Member("resource_id"));
  return view.Id()
      .Same("conversation_id", "conversation_id")
      .User()
      .Add("actor", view.Small(view.Column("actor")))
      .Add("active",
           absl::StrCat("CASE WHEN ", view.Small(view.Column("actor")), " = 'user' THEN 1 ELSE 0 END"))
      .Add("platform", view.Small(view.Column("platform")))
      .Add("guide_type",
           absl::StrCat("CASE ", word, " WHEN 'uiform_submissision' THEN 'uiform_submission' ELSE ", word,
                        " END"))
      .Add("type", absl::StrCat("CASE ", word,
                                " WHEN 'uiform_submissision' THEN 'uiform_submission' WHEN 'utterance' THEN "
                                "'free_text' WHEN 'internal_link' THEN 'link_click' ELSE ",
                                word, " END"))
      .Add("label", view.Small(view.Column("label")))
      .Same("parent_id", "parent_interaction_id")
      .Add("content", view.Member("content"))
      .Add("entity", view.Small(view.Member("entity")))
      .Add("subject", view.Member("detail"))
      .Add("resource_id", resource)
      .Add("form",
           absl::StrCat("CASE WHEN ", is_form, " THEN ", FormSql(dialect, view.Member("detail")), " END"))
      .Add("verdict", absl::StrCat("CASE WHEN ", is_form, " THEN ", Verdict(subject, resource), " ELSE ",
                                   Verdict(resource, subject), " END"))
      .Created()
      .Updated()
      .Made();
}

Relation PluginCall(const Dialect& dialect) {
  View view("plugin_call", Endpoint::kPluginCalls, dialect);
  return view.Id()
      .Same("conversation_id", "conversation_id")
      .Same("interaction_id", "interaction_id")
      .User()
      .Add("plugin", dialect.Trim(view.Column("plugin_name")))
      .Add("plugin_key", view.Small(view.Column("plugin_name")))
      .Add("served", dialect.Flag(view.Column("served")))
      .Add("used", dialect.Flag(view.Column("used")))
      .Add("ok", absl::StrCat(dialect.Flag(view.Column("served")), " * ", dialect.Flag(view.Column("used"))))
      .Created()
      .Add("plugin_updated_ms", view.Millis("plugin_update_time"))
      .Add("plugin_updated_day", view.Day("plugin_update_time"))
      .Updated()
      .Made();
}

Relation PluginResource(const Dialect& dialect) {
  View view("plugin_resource", Endpoint::kPluginResources, dialect);
  return view.Id()
      .Same("plugin_call_id", "plugin_call_id")
      .Add("type", absl::StrCat("replace(", view.Small(view.Column("type")), ", 'resource_type_', '')"))
      .Same("resource_id", "resource_id")
      .Made();
}

Relation Person(const Dialect& dialect) {
  View view("person", Endpoint::kUsers, dialect);
  return view.Id()
      .Add("email", view.Small(view.Column("email_addr")))
      .Add("language", dialect.Upper(dialect.Trim(view.Column("user_preferred_language"))))
      .Add("access", dialect.Flag(view.Column("access_to_bot")))
      .Add("first_ms", view.Millis("first_interaction_time"))
      .Add("first_day", view.Day("first_interaction_time"))
      .Add("latest_ms", view.Millis("latest_interaction_time"))
      .Add("latest_day", view.Day("latest_interaction_time"))
      .Updated()
      .Made();
}

}  // namespace

std::vector<Relation> RecordViews(const Dialect& dialect) {
  return {Conversation(dialect), Interaction(dialect), PluginCall(dialect), PluginResource(dialect),
          Person(dialect)};
}

std::string FormSql(const Dialect& dialect, const std::string& text) {
  // Blanks are doubled, so that each word has its own on both sides while words are dropped.
  std::string sql = absl::StrCat("rtrim(", dialect.Lower(dialect.Trim(text)), ", '", kFinalPunctuation, "')");
  sql = absl::StrCat("replace(' ' || ", sql, " || ' ', ' ', '  ')");
  for (absl::string_view word : {" a ", " an ", " the "})
    sql = absl::StrCat("replace(", sql, ", '", word, "', '')");
  // Up to 256 blanks in a row become one.
  for (int i = 0; i < 9; ++i) sql = absl::StrCat("replace(", sql, ", '  ', ' ')");
  return dialect.Trim(sql);
}

std::string Folded(absl::string_view text) { return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text)); }

std::string FormName(absl::string_view text) {
  std::string folded = Folded(text);
  folded.erase(folded.find_last_not_of(kFinalPunctuation) + 1);
  std::vector<std::string> words;
  for (absl::string_view word : absl::StrSplit(folded, ' ', absl::SkipEmpty())) {
    if (word != "a" && word != "an" && word != "the") words.emplace_back(word);
  }
  return absl::StrJoin(words, " ");
}

}  // namespace penstock::metrics
