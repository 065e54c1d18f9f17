// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/tenant_builder.h"

#include "absl/strings/str_cat.h"
#include "base/json_text.h"

namespace penstock::metrics {
namespace {

std::string Json(const Text& text) { return text.has_value() ? QuoteJson(*text) : "null"; }
std::string Time(const std::string& at) { return at.empty() ? "null" : QuoteJson(at); }

constexpr char kStamp[] = "\"last_updated_time\":\"2026-12-31T06:00:00.000Z\"}";

}  // namespace

void TenantBuilder::Conversation(const std::string& id, const std::string& at, const Text& user,
                                 const Text& route, const Text& domain, const Text& type) {
  records_[Endpoint::kConversations].push_back(
      absl::StrCat("{\"id\":", QuoteJson(id), ",\"user_id\":", Json(user), ",\"route\":", Json(route),
                   ",\"primary_domain\":", Json(domain), ",\"type\":", Json(type),
                   ",\"created_time\":", Time(at), ",", kStamp));
}

void TenantBuilder::Survey(const std::string& id, const std::string& at, const Text& user) {
  Conversation(id, at, user, "Notification", {}, "CONVERSATION_TYPE_CSAT_NOTIFICATION");
}

void TenantBuilder::Interaction(const Said& said) {
  const std::string detail =
      said.no_detail
          ? "null"
          : absl::StrCat("{\"content\":", Json(said.content), ",\"entity\":", Json(said.entity),
                         ",\"detail\":", Json(said.detail), ",\"resource_id\":", Json(said.resource_id), "}");
  records_[Endpoint::kInteractions].push_back(
      absl::StrCat("{\"id\":", QuoteJson(said.id), ",\"conversation_id\":", Json(said.conversation),
                   ",\"user_id\":", Json(said.user), ",\"actor\":", Json(said.actor),
                   ",\"platform\":", Json(said.platform), ",\"type\":", QuoteJson(said.type),
                   ",\"label\":", Json(said.label), ",\"parent_interaction_id\":", Json(said.parent),
                   ",\"detail\":", detail, ",\"created_time\":", Time(said.at), ",", kStamp));
}

void TenantBuilder::Question(const std::string& id, const std::string& at) {
  Interaction(
      {.id = id, .at = at, .type = "INTERACTION_TYPE_FREE_TEXT", .content = "question", .entity = "vpn"});
}

void TenantBuilder::Answer(const std::string& id, const std::string& at, const std::string& parent) {
  Interaction({.id = id,
               .at = at,
               .type = "INTERACTION_TYPE_BOT_MESSAGE",
               .actor = "bot",
               .parent = parent,
               .content = "answer"});
}

void TenantBuilder::Form(const std::string& id, const std::string& at, const Text& parent,
                         const std::string& label, const Text& detail) {
  Interaction({.id = id,
               .at = at,
               .type = "INTERACTION_TYPE_UIFORM_SUBMISSION",
               .parent = parent,
               .label = label,
               .detail = detail});
}

void TenantBuilder::Thumb(const std::string& id, const std::string& at, const Text& parent,
                          const std::string& verdict) {
  Interaction(
      {.id = id, .at = at, .type = "INTERACTION_TYPE_LINK_CLICK", .parent = parent, .resource_id = verdict});
}

void TenantBuilder::Call(const std::string& id, const std::string& at, const Text& interaction,
                         const Text& plugin, bool served, bool used) {
  records_[Endpoint::kPluginCalls].push_back(absl::StrCat(
      "{\"id\":", QuoteJson(id), ",\"conversation_id\":\"c1\",\"interaction_id\":", Json(interaction),
      ",\"user_id\":\"u1\",\"plugin_name\":", Json(plugin), ",\"served\":", served ? "true" : "false",
      ",\"used\":", used ? "true" : "false", ",\"plugin_update_time\":", Time(at),
      ",\"created_time\":", Time(at), ",", kStamp));
}

void TenantBuilder::Resource(const std::string& id, const Text& call, const Text& type,
                             const Text& resource) {
  records_[Endpoint::kPluginResources].push_back(
      absl::StrCat("{\"id\":", QuoteJson(id), ",\"plugin_call_id\":", Json(call), ",\"type\":", Json(type),
                   ",\"resource_id\":", Json(resource), ",", kStamp));
}

void TenantBuilder::User(const std::string& id, bool access, const Text& first, const Text& latest,
                         const Text& language) {
  records_[Endpoint::kUsers].push_back(absl::StrCat(
      "{\"id\":", QuoteJson(id), ",\"access_to_bot\":", access ? "true" : "false",
      ",\"user_preferred_language\":", Json(language), ",\"first_interaction_time\":", Json(first),
      ",\"latest_interaction_time\":", Json(latest), ",", kStamp));
}

}  // namespace penstock::metrics
