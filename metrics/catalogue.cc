// SPDX-License-Identifier: Apache-2.0
#include "metrics/catalogue.h"

#include "absl/strings/str_cat.h"
#include "base/nearest_word.h"
#include "metrics/entries.h"

namespace penstock::metrics {

const std::vector<Metric>& AllMetrics() {
  static const auto* const all = new std::vector<Metric>{ActiveUsers(),
                                                         ActiveUsersRoster(),
                                                         AdoptionOverTime(),
                                                         UserRetention(),
                                                         NewUsers(),
                                                         SingleInteractionUsers(),
                                                         ConversationsTotal(),
                                                         ConversationsByRoute(),
                                                         ConversationsByDomain(),
                                                         ConversationTopics(),
                                                         FeedbackClicks(),
                                                         FeedbackForms(),
                                                         LiveAgentTransfers(),
                                                         LiveAgentRequests(),
                                                         TicketsCreated(),
                                                         TicketForms(),
                                                         NotificationsSent(),
                                                         NotificationsEngaged(),
                                                         NotificationsByType(),
                                                         NotificationTypesEngaged(),
                                                         CsatSent(),
                                                         CsatResponseRate(),
                                                         CsatScoresAll(),
                                                         CsatScoresFinal(),
                                                         CsatComments(),
                                                         PluginSuccessRate(),
                                                         KnowledgeGaps(),
                                                         ApprovalsProcessed(),
                                                         CustomPluginUsage(),
                                                         Deflections(),
                                                         TimeSavings(),
                                                         Mttr(),
                                                         MttrWithoutEscalations()};
  return *all;
}

absl::StatusOr<const Metric*> FindMetric(absl::string_view name) {
  std::vector<std::string> names;
  for (const Metric& metric : AllMetrics()) {
    if (metric.name == name) return &metric;
    names.push_back(metric.name);
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no metric '", name, "'", DidYouMean(name, names),
                                                 "; penstock metrics list names them"));
}

}  // namespace penstock::metrics
