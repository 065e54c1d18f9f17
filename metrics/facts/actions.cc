// SPDX-License-Identifier: Apache-2.0
#include "metrics/facts.h"

namespace penstock::metrics {

std::vector<Relation> ActionFacts() {
  return {
      {"user_action", R"sql(SELECT * FROM interaction WHERE actor = 'user')sql", true},

      {"message", R"sql(SELECT * FROM user_action WHERE type = 'free_text')sql", true},

      // Who was there: a row for each user, conversation and quarter of an hour, of whatever `happened`; `actions`: by
      // the user. Where a frame cuts a quarter in two, {quarter} is 1 ms.
      {"presence", R"sql(
SELECT user_id, conversation_id, platform, utc_day, created_ms - created_ms % {quarter} AS created_ms,
  max(active) AS active, sum(active) AS actions, count(*) AS happened
FROM interaction
GROUP BY user_id, conversation_id, platform, utc_day, created_ms - created_ms % {quarter},
  CASE WHEN created_ms IS NULL THEN id END)sql"},

      // The same without the conversations: a person who talks about two things was there once.
      {"attendance", R"sql(
SELECT user_id, utc_day, created_ms, max(active) AS active
FROM presence
WHERE user_id IS NOT NULL AND created_ms IS NOT NULL
GROUP BY user_id, utc_day, created_ms)sql"},

      // `request`: a form that carries a ticket number. The guide compares names letter by letter.
      {"form", R"sql(
SELECT u.*,
  CASE WHEN label IN {labels} AND {form in ticket_forms} THEN 1 ELSE 0 END AS it_ticket,
  CASE WHEN label IN {number_labels} AND NOT (label IN {labels} AND {form in ticket_forms})
    THEN 1 ELSE 0 END AS request,
  CASE WHEN label IN {labels} AND {form in agent_forms} THEN 1 ELSE 0 END AS agent,
  CASE WHEN label IN {feedback_labels} THEN 1 ELSE 0 END AS feedback,
  CASE WHEN {folded content} <> '' THEN 1 ELSE 0 END AS with_text,
  CASE WHEN label IN {labels} AND subject IN {raw ticket_forms} THEN 1 ELSE 0 END AS guide_ticket,
  CASE WHEN label IN {labels} AND subject IN {raw agent_forms} THEN 1 ELSE 0 END AS guide_agent
FROM user_action u
WHERE type = 'uiform_submission')sql"},

      {"click", R"sql(
SELECT id, conversation_id, user_id, platform, parent_id, guide_type, verdict, created_ms, updated_ms, utc_day, tie,
  row_number() OVER (PARTITION BY coalesce(parent_id, id) ORDER BY created_ms DESC, updated_ms DESC, tie DESC)
    AS from_last
FROM user_action u
WHERE type = 'link_click' AND verdict IS NOT NULL)sql"},
  };
}

}  // namespace penstock::metrics
