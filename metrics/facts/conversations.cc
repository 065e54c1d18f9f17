// SPDX-License-Identifier: Apache-2.0
#include "metrics/facts.h"

namespace penstock::metrics {

std::vector<Relation> ConversationFacts() {
  return {
      // `engaged`: a user did something in it, ever.
      {"dialogue", R"sql(
SELECT c.*, c.id AS conversation_id,
  CASE WHEN e.conversation_id IS NULL THEN 0 ELSE 1 END AS engaged, e.first_ms
FROM conversation c
LEFT JOIN (
  SELECT conversation_id, min(created_ms) AS first_ms FROM user_action GROUP BY conversation_id
) e ON e.conversation_id = c.id)sql"},

      // `answered`: within link_days.
      {"notification", R"sql(
SELECT d.*, CASE WHEN first_ms <= created_ms + {days link_days} THEN 1 ELSE 0 END AS answered
FROM dialogue d
WHERE route = 'Notification')sql"},

      {"homeless_action", R"sql(
SELECT * FROM user_action a WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = a.conversation_id))sql"},

      {"survey", R"sql(
SELECT * FROM dialogue WHERE route = 'Notification' AND type = 'CONVERSATION_TYPE_CSAT_NOTIFICATION')sql"},

      // A button within a survey, at the time of the survey. Its rating: what `ratings` says of the label, else its
      // only digit, else its number of stars.
      {"rating", R"sql(
SELECT r.*,
  CASE WHEN rating IS NULL THEN NULL
    ELSE row_number() OVER (PARTITION BY survey_id, CASE WHEN rating IS NULL THEN 1 ELSE 0 END
      ORDER BY click_ms DESC, updated_ms DESC, tie DESC) END AS from_last,
  row_number() OVER (PARTITION BY survey_id ORDER BY click_ms DESC, updated_ms DESC, tie DESC) AS guide_from_last
FROM (
  SELECT l.*, coalesce({label_key rates ratings},
      CASE WHEN digits = 1 THEN digit WHEN digits = 0 AND stars BETWEEN 1 AND 5 THEN stars END) AS rating
  FROM (
    SELECT s.id AS survey_id, s.conversation_id, s.user_id, s.created_ms, s.utc_day, a.id, a.platform,
      a.created_ms AS click_ms, a.updated_ms, a.tie, a.content AS label, {folded a.content} AS label_key,
      length(a.content) - length(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        a.content, '0', ''), '1', ''), '2', ''), '3', ''), '4', ''), '5', ''), '6', ''), '7', ''), '8', ''), '9', ''))
        AS digits,
      CASE WHEN a.content LIKE '%1%' THEN 1 WHEN a.content LIKE '%2%' THEN 2 WHEN a.content LIKE '%3%' THEN 3
        WHEN a.content LIKE '%4%' THEN 4 WHEN a.content LIKE '%5%' THEN 5 END AS digit,
      length(a.content)
        - length(replace(replace(replace(replace(a.content, '★', ''), '⭐', ''), '🌟', ''), '*', '')) AS stars
    FROM survey s
    JOIN user_action a ON a.conversation_id = s.id AND a.type = 'button_click'
      AND a.created_ms <= s.created_ms + {days link_days}
  ) l
) r)sql"},

      {"csat_comment", R"sql(
SELECT f.*, s.id AS survey_id, s.created_ms AS survey_ms
FROM form f LEFT JOIN survey s ON s.id = f.conversation_id
WHERE f.label = 'mw_form' AND f.form = 'csat feedback' AND {folded f.content} <> '')sql"},

      {"survey_result", R"sql(
SELECT s.*, r.rating AS final_rating,
  CASE WHEN s.first_ms <= s.created_ms + {days link_days} THEN 1 ELSE 0 END AS answered,
  CASE WHEN r.rating IS NOT NULL OR EXISTS (
    SELECT 1 FROM csat_comment c
    WHERE c.survey_id = s.id AND c.created_ms <= s.created_ms + {days link_days}
  ) THEN 1 ELSE 0 END AS responded
FROM survey s LEFT JOIN rating r ON r.survey_id = s.id AND r.from_last = 1)sql"},
  };
}

}  // namespace penstock::metrics
