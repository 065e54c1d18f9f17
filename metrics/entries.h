// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "metrics/metric.h"

namespace penstock::metrics {

// Each metric is written down in a file of its own under entries/; this is their order.
Metric ActiveUsers();
Metric ActiveUsersRoster();
Metric AdoptionOverTime();
Metric UserRetention();
Metric NewUsers();
Metric SingleInteractionUsers();
Metric ConversationsTotal();
Metric ConversationsByRoute();
Metric ConversationsByDomain();
Metric ConversationTopics();
Metric FeedbackClicks();
Metric FeedbackForms();
Metric LiveAgentTransfers();
Metric LiveAgentRequests();
Metric TicketsCreated();
Metric TicketForms();
Metric NotificationsSent();
Metric NotificationsEngaged();
Metric NotificationsByType();
Metric NotificationTypesEngaged();
Metric CsatSent();
Metric CsatResponseRate();
Metric CsatScoresAll();
Metric CsatScoresFinal();
Metric CsatComments();
Metric PluginSuccessRate();
Metric KnowledgeGaps();
Metric ApprovalsProcessed();
Metric CustomPluginUsage();
Metric Deflections();
Metric TimeSavings();
Metric Mttr();
Metric MttrWithoutEscalations();

}  // namespace penstock::metrics
