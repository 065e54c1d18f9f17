// SPDX-License-Identifier: Apache-2.0
#include "tests/metrics/odd_tenant.h"

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/random.h"
#include "tests/metrics/tenant_builder.h"

namespace penstock::metrics {
namespace {

const absl::Time kBegin = absl::FromUnixSeconds(1772323200);  // 2026-03-01

class Drawer {
 public:
  explicit Drawer(uint64_t seed) : random_(seed) {}

  int Below(int n) { return static_cast<int>(random_.Next() % static_cast<uint64_t>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <size_t N>
  std::string Of(const char* const (&words)[N]) {
    return words[Below(N)];
  }
  template <size_t N>
  Text MaybeOf(const char* const (&words)[N]) {
    return OneIn(12) ? Text() : Text(Of(words));
  }
  // Now and then at the very same millisecond, on the edge of a day, finer than one, or not at all.
  std::string At(int days) {
    if (OneIn(60)) return "";
    if (OneIn(15)) return FormatStamp(kBegin + absl::Hours(24) * Below(days));
    const absl::Time time = kBegin + absl::Minutes(Below(days * 24 * 60)) + absl::Seconds(Below(60));
    if (OneIn(10)) return FormatExactStamp(time + absl::Microseconds(999'999));
    return FormatStamp(time + absl::Milliseconds(OneIn(3) ? 0 : Below(1000)));
  }

 private:
  SeededRandom random_;
};

constexpr const char* kTypes[] = {
    "INTERACTION_TYPE_FREE_TEXT",           "INTERACTION_TYPE_FREE_TEXT",
    "interaction_type_utterance ",          "INTERACTION_TYPE_BOT_MESSAGE",
    "INTERACTION_TYPE_BOT_MESSAGE",         "INTERACTION_TYPE_BUTTON_CLICK",
    "INTERACTION_TYPE_BUTTON_CLICK",        "INTERACTION_TYPE_LINK_CLICK",
    "INTERACTION_TYPE_INTERNAL_LINK",       "INTERACTION_TYPE_UIFORM_SUBMISSION",
    "INTERACTION_TYPE_UIFORM_SUBMISSISION", "NEW_TYPE"};
constexpr const char* kLabels[] = {"feedback",  "handoff",  "mw_form", "file_ticket",
                                   " MW_Form ", "Feedback", "other"};
constexpr const char* kForms[] = {"File an IT Ticket",
                                  "File IT Ticket",
                                  "Live agent chat request",
                                  "CSAT Feedback",
                                  "Live Agent chat request",
                                  "Helpful",
                                  "UNHELPFUL",
                                  "RITM1",
                                  "RITM2",
                                  "",
                                  "the a an",
                                  "Edit request",
                                  "file the IT  ticket."};
constexpr const char* kResources[] = {"HELPFUL", "UNHELPFUL", "Helpful ", "INFO", "GET_HELP", ""};
constexpr const char* kContents[] = {"5", "4 stars", "★★", "Cancel", "help", " ",
                                     "",  "4/5",     "3",  "1",      "***",  "Ä"};
constexpr const char* kTopics[] = {"vpn", "VPN ", "pto", "", "résumé"};
constexpr const char* kPlugins[] = {"Enterprise Search",
                                    "Knowledge Base",
                                    "enterprise search",
                                    "Forms",
                                    "my_plugin",
                                    "Update Approval Record",
                                    "Start Live Agent Chat",
                                    "Create Ticket",
                                    "Grant Software Access",
                                    "My_Plugin"};
constexpr const char* kRoutes[] = {
    "DM", "Notification", "NOTIFICATION", "Ticket", "Ticket_Interception", "Voice", " dm", ""};
constexpr const char* kDomains[] = {"IT", "HR", "UNKNOWN", "it", "", "OTHER"};
constexpr const char* kConversationTypes[] = {"CONVERSATION_TYPE_CSAT_NOTIFICATION",
                                              "CONVERSATION_TYPE_CSAT_NOTIFICATION",
                                              "CONVERSATION_TYPE_COMMS_NOTIFICATION", ""};
constexpr const char* kResourceTypes[] = {"RESOURCE_TYPE_APPROVAL", "RESOURCE_TYPE_FORM",
                                          "resource_type_approval"};

}  // namespace

RawRecords OddTenant(uint64_t seed, int interactions) {
  Drawer draw(seed);
  TenantBuilder tenant;
  const int days = 21;
  const auto user = [&] {
    return draw.OneIn(25) ? draw.OneIn(2) ? Text() : Text("") : Text(absl::StrCat("u", draw.Below(9)));
  };
  const int conversations = interactions / 6;
  const auto conversation = [&] {
    return draw.OneIn(25) ? Text() : Text(absl::StrCat("c", draw.Below(conversations + 3)));
  };
  for (int i = 0; i < 8; ++i) {
    const std::string first = draw.At(days);
    const std::string latest = draw.OneIn(3) ? first : draw.At(days);
    tenant.User(absl::StrCat("u", i), draw.OneIn(2), first.empty() ? Text() : Text(first),
                latest.empty() ? Text() : Text(latest),
                draw.OneIn(4) ? Text() : Text(draw.OneIn(2) ? "EN_US" : "fr_fr"));
  }
  for (int i = 0; i < conversations; ++i) {
    tenant.Conversation(absl::StrCat("c", i), draw.At(days), user(), draw.MaybeOf(kRoutes),
                        draw.MaybeOf(kDomains), draw.MaybeOf(kConversationTypes));
  }
  for (int i = 0; i < interactions; ++i) {
    Said said = {.id = absl::StrCat("i", i), .at = draw.At(days), .type = draw.Of(kTypes)};
    said.conversation = conversation();
    said.user = user();
    const bool bot = said.type == "INTERACTION_TYPE_BOT_MESSAGE";
    said.actor = draw.OneIn(40) ? Text() : Text(bot ? "bot" : draw.OneIn(20) ? " USER" : "user");
    // Mostly an earlier row; sometimes a later one, itself, or none that is there.
    if (!draw.OneIn(3)) said.parent = absl::StrCat("i", draw.Below(draw.OneIn(8) ? interactions + 5 : i + 1));
    said.label = draw.OneIn(3) ? Text() : Text(draw.Of(kLabels));
    said.content = draw.MaybeOf(kContents);
    said.entity = draw.MaybeOf(kTopics);
    said.detail = draw.MaybeOf(kForms);
    said.resource_id = draw.MaybeOf(kResources);
    said.platform = draw.OneIn(9) ? Text() : Text(draw.OneIn(3) ? "MSTeams" : "slack");
    said.no_detail = draw.OneIn(20);
    tenant.Interaction(said);
  }
  for (int i = 0; i < interactions / 2; ++i) {
    const Text interaction = draw.OneIn(20) ? Text() : Text(absl::StrCat("i", draw.Below(interactions + 5)));
    tenant.Call(absl::StrCat("p", i), draw.At(days), interaction, draw.MaybeOf(kPlugins), !draw.OneIn(3),
                !draw.OneIn(3));
    if (draw.OneIn(2)) {
      tenant.Resource(absl::StrCat("r", i),
                      draw.OneIn(5) ? Text() : Text(absl::StrCat("p", draw.Below(i + 1))),
                      draw.MaybeOf(kResourceTypes), absl::StrCat("res", draw.Below(20)));
    }
  }
  return tenant.records();
}

}  // namespace penstock::metrics
