// SPDX-License-Identifier: Apache-2.0
#include "sandbox/synthetic_records.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "sandbox/synthetic_bits.h"
#include "sandbox/vocabulary.h"

namespace penstock::sandbox {
namespace {

bool StartsWithBot(ConversationKind kind) {
  return kind == ConversationKind::kNotification || kind == ConversationKind::kSurvey;
}

bool IsBot(const ConversationFacts& facts, uint32_t interaction) {
  return (interaction % 2 == 1) != StartsWithBot(facts.kind);
}

// The interaction that set off a plugin call or brought up a resource: one of the user's.
uint32_t Cause(const ConversationFacts& facts, uint32_t ordinal) {
  const uint32_t first = StartsWithBot(facts.kind) ? 1 : 0;
  const uint32_t turns = std::max<uint32_t>(1, facts.interactions / 2);
  return first + 2 * (ordinal % turns);
}

// The call that a resource belongs to, which is also the group that shares its created_time.
uint32_t CallOf(const ConversationFacts& facts, uint32_t resource) {
  return resource % std::max(1u, facts.calls);
}

uint32_t CallTime(const ConversationFacts& facts, uint32_t call) {
  return SyntheticTenant::InteractionTime(facts, Cause(facts, call)) + 500 +
         static_cast<uint32_t>(Mix(facts.dice ^ (call + 1)) % 2'500);
}

void AppendId(const RecordPlace& place, Endpoint endpoint, uint32_t ordinal, std::string* out) {
  AppendShortId(place.tenant.Id(endpoint, place.conversation, ordinal), out);
}

void AppendTime(absl::string_view key, int64_t unix_ms, std::string* out) {
  Append(out, key);
  AppendStamp(unix_ms, out);
}

// ,"user_id":".."} which ends every record of a conversation.
void AppendUserId(const RecordPlace& place, const ConversationFacts& facts, std::string* out) {
  absl::StrAppend(out, ",\"user_id\":\"", place.tenant.UserId(facts.user), "\"}");
}

absl::string_view RouteOf(ConversationKind kind) {
  switch (kind) {
    case ConversationKind::kDirect:
      return "DM";
    case ConversationKind::kChannel:
      return "Channel";
    case ConversationKind::kTicket:
      return "Ticket";
    case ConversationKind::kNotification:
    case ConversationKind::kSurvey:
      break;
  }
  return "Notification";
}

// `type` and `detail` exist on system events only; elsewhere the keys are absent.
struct SystemEvent {
  absl::string_view type;
  absl::string_view detail;
};
constexpr std::array<SystemEvent, 5> kNotifications = {
    {{"CONVERSATION_TYPE_TICKET_UPDATE_NOTIFICATION", R"({"ticket_id":"INC0010042"})"},
     {"CONVERSATION_TYPE_COMMS_NOTIFICATION",
      R"({"campaign_id":"c-17","campaign_name":"Benefits enrolment"})"},
     {"CONVERSATION_TYPE_EVENTS_NOTIFICATION", R"({"usecase_id":"u-3","usecase_name":"Laptop refresh"})"},
     {"CONVERSATION_TYPE_APPROVAL_REQUEST_NOTIFICATION",
      R"({"domain":"IT","source":"snow","type":"ACCESS"})"},
     {"CONVERSATION_TYPE_EXPIRING_PASSWORD_NOTIFICATION", "null"}}};

SystemEvent EventOf(const ConversationFacts& facts) {
  switch (facts.kind) {
    case ConversationKind::kDirect:
      return {};
    case ConversationKind::kChannel:
      return {"CONVERSATION_TYPE_CHANNEL_INTERCEPTION",
              R"({"channel_id":"C02AB9X","channel_name":"ask-it","content":"Is the VPN down?"})"};
    case ConversationKind::kTicket:
      return {"CONVERSATION_TYPE_TICKET_INTERCEPTION",
              R"({"content":"New hire set-up","ticket_id":"INC0010077"})"};
    case ConversationKind::kNotification:
      return kNotifications[facts.question % kNotifications.size()];
    case ConversationKind::kSurvey:
      break;
  }
  return {"CONVERSATION_TYPE_CSAT_NOTIFICATION", "null"};
}

struct InteractionText {
  absl::string_view type;
  absl::string_view label = "null";
  std::string detail;
};

InteractionText FormOf(Dice& dice) {
  InteractionText form{"INTERACTION_TYPE_UIFORM_SUBMISSION", "null", ""};
  switch (dice.Below(6)) {
    case 0:
      form.label = "\"handoff\"";
      form.detail = R"({"detail":"Live agent chat request"})";
      break;
    case 1:
      form.label = "\"mw_form\"";
      form.detail = R"({"detail":"Edit request"})";
      break;
    case 2:
      form.label = "\"feedback\"";
      form.detail = dice.Percent(60) ? R"({"content":"Très utile, merci","detail":"Helpful"})"
                                     : R"({"content":null,"detail":"Unhelpful"})";
      break;
    default:
      form.label = "\"file_ticket\"";
      form.detail = absl::StrCat("{\"detail\":\"RITM", 10'000'000 + dice.Below(1'000'000),
                                 "\",\"resource_id\":\"", dice.Next(), "\",\"type\":\"RESOURCE_TYPE_FORM\"}");
  }
  return form;
}

InteractionText UserAction(const ConversationFacts& facts, uint32_t ordinal, Dice& dice) {
  const uint32_t percent = dice.Below(100);
  if (facts.kind == ConversationKind::kSurvey) {
    if (percent < 70) {
      return {"INTERACTION_TYPE_BUTTON_CLICK", "null",
              absl::StrCat("{\"content\":\"", 1 + dice.Below(5), "\"}")};
    }
    return {"INTERACTION_TYPE_UIFORM_SUBMISSION", "\"mw_form\"",
            R"({"content":"Schnell gelöst 👍","detail":"CSAT Feedback"})"};
  }
  if (ordinal == 0 || percent < 21) {
    const Question& question = Questions()[ordinal == 0 ? facts.question : dice.Below(Questions().size())];
    return {"INTERACTION_TYPE_FREE_TEXT", "null",
            absl::StrCat("{\"content\":\"", question.text, "\",\"domain\":", question.domain,
                         ",\"entity\":", question.entity, "}")};
  }
  if (percent < 57) {
    return {"INTERACTION_TYPE_BUTTON_CLICK", "null",
            absl::StrCat("{\"content\":\"", ButtonTexts()[dice.Below(ButtonTexts().size())], "\"}")};
  }
  if (percent < 90) {
    constexpr std::array<absl::string_view, 5> kLinks = {"GET_HELP", "INFO", "UI_FORM", "HELPFUL",
                                                         "UNHELPFUL"};
    return {"INTERACTION_TYPE_LINK_CLICK", "null",
            absl::StrCat("{\"resource_id\":\"", kLinks[dice.Below(kLinks.size())],
                         "\",\"type\":\"RESOURCE_TYPE_INTERNAL_LINK\"}")};
  }
  if (percent < 98) return FormOf(dice);
  return {"INTERACTION_TYPE_CONTENT_UPLOAD", "null", R"({"content":null,"file_types":["pdf","png"]})"};
}

struct ResourceType {
  uint16_t until;  // of 1,000
  absl::string_view name;
};
constexpr std::array<ResourceType, 14> kResourceTypes = {{{410, "KNOWLEDGE"},
                                                          {795, "FILE"},
                                                          {847, "INTERNAL_KNOWLEDGE"},
                                                          {887, "PERSON"},
                                                          {921, "RECORD"},
                                                          {945, "FORM"},
                                                          {962, "APPROVAL"},
                                                          {972, "SOFTWARE"},
                                                          {981, "GROUP"},
                                                          {990, "TICKET"},
                                                          {994, "UNSPECIFIED"},
                                                          {997, "UPLOADED_CONTENT"},
                                                          {999, "MESSAGE"},
                                                          {1000, "IDENTITY_SYSTEM"}}};

absl::string_view ResourceTypeOf(Dice& dice) {
  const uint32_t draw = dice.Below(1000);
  for (const ResourceType& type : kResourceTypes) {
    if (draw < type.until) return type.name;
  }
  return kResourceTypes.back().name;
}

void AppendSnippet(uint32_t shortest, uint32_t spread, Dice& dice, std::string* out) {
  const uint32_t length = shortest + dice.Below(spread);
  absl::StrAppend(out, ",\"snippet\":\"", Prose(dice.Next(), length), "\"");
}

void AppendResourceDetail(absl::string_view type, Dice& dice, std::string* out) {
  const absl::string_view domain = Questions()[dice.Below(Questions().size())].domain;
  const absl::string_view name = DocumentNames()[dice.Below(DocumentNames().size())];
  if (type == "KNOWLEDGE") {
    absl::StrAppend(out, "{\"domain\":", domain, ",\"external_resource_id\":\"kA",
                    dice.Next() % 1'000'000'000'000, "\",\"name\":\"", name, "\"");
    AppendSnippet(120, 620, dice, out);
    absl::StrAppend(out, ",\"url\":\"https://example.lightning.force.com/lightning/r/Knowledge__kav/ka",
                    dice.Next() % 100'000'000'000'000, "/view\"}");
  } else if (type == "FILE" && !dice.Percent(3)) {
    absl::StrAppend(out, "{\"name\":");
    if (dice.Percent(40)) {
      absl::StrAppend(out, "null");
    } else {
      absl::StrAppend(out, "\"", name, ".pdf\"");
    }
    AppendSnippet(80, 420, dice, out);
    if (dice.Percent(40)) {
      absl::StrAppend(out, ",\"url\":null}");
    } else {
      absl::StrAppend(out, ",\"url\":\"https://example.sharepoint.com/sites/all/Shared%20Documents/",
                      dice.Next() % 1'000'000'000, ".pdf\"}");
    }
  } else if (type == "FORM") {
    absl::StrAppend(out, "{\"domain\":", domain, ",\"external_resource_id\":\"",
                    dice.Next() % 1'000'000'000'000, "\",\"name\":\"", name, "\"}");
  } else if (type == "APPROVAL") {
    absl::StrAppend(out, "{\"domain\":", domain, ",\"source\":\"snow\",\"type\":\"UNKNOWN_TYPE\"}");
  } else if (type == "TICKET") {
    const uint32_t number = 1'000 + dice.Below(90'000);
    absl::StrAppend(out, "{\"domain\":", domain,
                    ",\"source\":\"jira_service_desk\",\"ticket_type\":\"INCIDENT\",",
                    "\"type\":null,\"url\":\"https://example.atlassian.net/servicedesk/customer/portal/6/IT-",
                    number, "\"}");
  } else {
    absl::StrAppend(out, "null");
  }
}

void AppendExternalIds(absl::string_view email, Dice& dice, std::string* out) {
  constexpr std::array<std::pair<absl::string_view, absl::string_view>, 9> kSystems = {
      {{"gsuite", "GSUITE"},
       {"webex", "WEBEX"},
       {"vayusphere", "UNKNOWN_SYSTEM"},
       {"movewebchat", "MOVEWEBCHAT"},
       {"snow", "SNOW"},
       {"jira_service_desk", "JIRA_SERVICE_DESK"},
       {"slack", "SLACK"},
       {"okta", "OKTA"},
       {"ms_graph", "MS_GRAPH"}}};
  absl::StrAppend(out, "[");
  for (size_t i = 0; i < kSystems.size(); ++i) {
    absl::StrAppend(out, i == 0 ? "" : ",", "{\"connector_name\":\"", kSystems[i].first,
                    "\",\"external_id\":\"");
    if (i < 4) {
      Append(out, email);
    } else {
      AppendHexId(dice.Next(), out);
    }
    absl::StrAppend(out, "\",\"source\":\"", kSystems[i].second, "\"}");
  }
  absl::StrAppend(out, "]");
}

void AppendNullable(absl::string_view key, absl::string_view text, bool null, std::string* out) {
  absl::StrAppend(out, ",\"", key, "\":");
  if (null) {
    absl::StrAppend(out, "null");
  } else {
    absl::StrAppend(out, "\"", text, "\"");
  }
}

}  // namespace

uint32_t CreatedTime(Endpoint endpoint, const ConversationFacts& facts, uint32_t ordinal) {
  switch (endpoint) {
    case Endpoint::kConversations:
      return facts.start_ms;
    case Endpoint::kInteractions:
      return SyntheticTenant::InteractionTime(facts, ordinal);
    case Endpoint::kPluginCalls:
      return CallTime(facts, ordinal);
    case Endpoint::kPluginResources:
      return CallTime(facts, CallOf(facts, ordinal)) + 900;
    case Endpoint::kUsers:
      break;
  }
  return 0;
}

void AppendConversation(const RecordPlace& place, std::string* out) {
  const ConversationFacts facts = place.tenant.Facts(place.conversation);
  const SystemEvent event = EventOf(facts);
  AppendTime("{\"created_time\":\"", place.created_ms, out);
  if (!event.type.empty()) absl::StrAppend(out, "\",\"detail\":", event.detail, ",\"id\":\"");
  if (event.type.empty()) absl::StrAppend(out, "\",\"id\":\"");
  AppendId(place, Endpoint::kConversations, 0, out);
  AppendTime("\",\"last_updated_time\":\"", place.stamp_ms, out);
  const bool no_domain = StartsWithBot(facts.kind) || facts.dice % 100 == 0;
  absl::StrAppend(out, "\",\"primary_domain\":", no_domain ? "null" : Questions()[facts.question].domain,
                  ",\"route\":\"", RouteOf(facts.kind), "\"");
  if (!event.type.empty()) absl::StrAppend(out, ",\"type\":\"", event.type, "\"");
  AppendUserId(place, facts, out);
}

void AppendInteraction(const RecordPlace& place, std::string* out) {
  constexpr std::array<absl::string_view, 4> kPlatforms = {"slack", "msteams", "msteams", "movewebchat"};
  const ConversationFacts facts = place.tenant.Facts(place.conversation);
  const bool bot = IsBot(facts, place.ordinal);
  Dice dice(Mix(facts.dice ^ (uint64_t{0x1a} << 32 | place.ordinal)));
  Append(out, bot ? R"({"actor":"bot","conversation_id":")" : R"({"actor":"user","conversation_id":")");
  AppendId(place, Endpoint::kConversations, 0, out);
  AppendTime("\",\"created_time\":\"", place.created_ms, out);
  absl::string_view type = "INTERACTION_TYPE_BOT_MESSAGE";
  absl::string_view label = "null";
  if (bot) {
    const uint32_t length = 120 + dice.Below(650) + (dice.Percent(4) ? 1200 : 0);
    absl::StrAppend(out, "\",\"detail\":{\"content\":\"", Prose(dice.Next(), length), "\"},\"id\":\"");
  } else {
    const InteractionText action = UserAction(facts, place.ordinal, dice);
    type = action.type;
    label = action.label;
    absl::StrAppend(out, "\",\"detail\":", action.detail, ",\"id\":\"");
  }
  AppendId(place, Endpoint::kInteractions, place.ordinal, out);
  absl::StrAppend(out, "\",\"label\":", label);
  AppendTime(",\"last_updated_time\":\"", place.stamp_ms, out);
  // Answers point at what they answer, clicks and forms at the message that offered them, questions at
  // nothing.
  if (place.ordinal == 0 || type == "INTERACTION_TYPE_FREE_TEXT") {
    Append(out, "\",\"parent_interaction_id\":null");
  } else {
    Append(out, "\",\"parent_interaction_id\":\"");
    AppendId(place, Endpoint::kInteractions, place.ordinal - 1, out);
    out->push_back('"');
  }
  absl::StrAppend(out, ",\"platform\":\"", kPlatforms[facts.dice % kPlatforms.size()], "\",\"type\":\"", type,
                  "\"");
  AppendUserId(place, facts, out);
}

void AppendPluginCall(const RecordPlace& place, std::string* out) {
  const ConversationFacts facts = place.tenant.Facts(place.conversation);
  Dice dice(Mix(facts.dice ^ (uint64_t{0x2b} << 32 | place.ordinal)));
  Append(out, "{\"conversation_id\":\"");
  AppendId(place, Endpoint::kConversations, 0, out);
  AppendTime("\",\"created_time\":\"", place.created_ms, out);
  Append(out, "\",\"id\":\"");
  AppendId(place, Endpoint::kPluginCalls, place.ordinal, out);
  Append(out, "\",\"interaction_id\":\"");
  AppendId(place, Endpoint::kInteractions, Cause(facts, place.ordinal), out);
  AppendTime("\",\"last_updated_time\":\"", place.stamp_ms, out);
  const uint32_t plugin = dice.Percent(31) ? 0 : 1 + dice.Below(PluginNames().size() - 1);
  absl::StrAppend(out, "\",\"plugin_name\":\"", PluginNames()[plugin]);
  AppendTime("\",\"plugin_update_time\":\"", place.created_ms + 400 + dice.Below(20'000), out);
  const uint32_t outcome = dice.Below(100);
  Append(out, outcome < 32 ? R"(","served":false)" : R"(","served":true)");
  Append(out, outcome < 45 ? R"(,"used":false)" : R"(,"used":true)");
  AppendUserId(place, facts, out);
}

void AppendPluginResource(const RecordPlace& place, std::string* out) {
  const ConversationFacts facts = place.tenant.Facts(place.conversation);
  Dice dice(Mix(facts.dice ^ (uint64_t{0x3c} << 32 | place.ordinal)));
  const uint32_t call = CallOf(facts, place.ordinal);
  const absl::string_view type = ResourceTypeOf(dice);
  Append(out,
         dice.Percent(12) ? R"({"cited":true,"conversation_id":")" : R"({"cited":false,"conversation_id":")");
  AppendId(place, Endpoint::kConversations, 0, out);
  AppendTime("\",\"created_time\":\"", place.created_ms, out);
  Append(out, "\",\"detail\":");
  AppendResourceDetail(type, dice, out);
  Append(out, ",\"id\":\"");
  AppendHexId(place.tenant.Id(Endpoint::kPluginResources, place.conversation, place.ordinal), out);
  Append(out, "\",\"interaction_id\":\"");
  AppendId(place, Endpoint::kInteractions, Cause(facts, call), out);
  AppendTime("\",\"last_updated_time\":\"", place.stamp_ms, out);
  if (facts.calls == 0 || dice.Percent(46)) {
    Append(out, "\",\"plugin_call_id\":null");
  } else {
    Append(out, "\",\"plugin_call_id\":\"");
    AppendId(place, Endpoint::kPluginCalls, call, out);
    out->push_back('"');
  }
  absl::StrAppend(out, ",\"resource_id\":\"", dice.Percent(2) ? 0 : dice.Next(),
                  "\",\"type\":\"RESOURCE_TYPE_", type, "\"");
  AppendUserId(place, facts, out);
}

void AppendUser(const SyntheticTenant& tenant, uint32_t user, int64_t stamp_ms, std::string* out) {
  const uint64_t id = tenant.UserId(user);
  Dice dice(Mix(id));
  const absl::string_view first = FirstNames()[dice.Below(FirstNames().size())];
  const absl::string_view last = LastNames()[dice.Below(LastNames().size())];
  const bool gone = dice.Percent(4);   // left the company
  const bool never = dice.Percent(5);  // has not used the bot yet
  const std::string email = absl::StrCat("user", user + 1, "@example.com");
  absl::StrAppend(out, "{\"access_to_bot\":", gone ? "false" : "true", ",\"email_addr\":\"", email,
                  "\",\"external_ids\":");
  if (gone) {
    Append(out, "null");
  } else {
    AppendExternalIds(email, dice, out);
  }
  std::string first_time;
  std::string latest_time;
  const int64_t latest = stamp_ms - kMillisPerDay + dice.Below(kMillisPerDay / 2);
  AppendStamp(latest - int64_t{dice.Below(400)} * kMillisPerDay, &first_time);
  AppendStamp(latest, &latest_time);
  AppendNullable("first_interaction_time", first_time, never, out);
  AppendNullable("first_name", first, dice.Percent(2), out);
  absl::StrAppend(out, ",\"id\":\"", id, "\"");
  AppendNullable("last_name", last, dice.Percent(2), out);
  AppendTime(",\"last_updated_time\":\"", stamp_ms, out);
  out->push_back('"');
  AppendNullable("latest_interaction_time", latest_time, never, out);
  constexpr std::array<absl::string_view, 6> kLanguages = {"EN_US", "EN_US", "EN_US",
                                                           "ES_ES", "FR_CA", "DE_DE"};
  absl::StrAppend(out, ",\"user_preferred_language\":\"", kLanguages[dice.Below(kLanguages.size())], "\"}");
}

}  // namespace penstock::sandbox
