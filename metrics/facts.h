// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "metrics/relation.h"

namespace penstock::metrics {

// What metrics count: relations over the record views (records.h), each at the grain of one counted row, with flags.
// Portable SQL; parameters stand in braces (placeholders.h). In an order in which each reads only earlier ones:
//
//   presence         a quarter of an hour of a user in a conversation; attendance: in any
//   user_action      an interaction of a user ("U"), and of these:
//     message        a free text ("FT")
//     form           a submitted form: it_ticket, request, agent, feedback
//   signal           a ticket, a live agent request or a verdict, to be tied to what it is about by R6:
//     ancestor         the walk up its parents
//     message_root     the message that it is about     call_root  the interaction whose plugin calls it is about
//   free_text        a message with flags ticket, agent, negative, deflected
//   response         a message and one bot row that answers it
//   dialogue         a conversation with engaged; notification, with answered, and survey are some of them
//   survey_result    a survey with responded, final_rating; rating: a click in one; csat_comment
//   rated_call       a plugin call that was served and used, with the last verdict
//   knowledge_call   a search of the knowledge that gave nothing; approval: a call and what it approved
//   seen, adoption, single_user: users
std::vector<Relation> FactViews();

// Its parts (facts/).
std::vector<Relation> ActionFacts();
std::vector<Relation> AttributionFacts();
std::vector<Relation> MessageFacts();
std::vector<Relation> ConversationFacts();
std::vector<Relation> PluginFacts();
std::vector<Relation> UserFacts();

}  // namespace penstock::metrics
