// SPDX-License-Identifier: Apache-2.0
#include "metrics/facts.h"

namespace penstock::metrics {

std::vector<Relation> MessageFacts() {
  return {
      // The guide ties by the direct parent alone, and knows forms only.
      {"free_text", R"sql(
SELECT m.id, m.conversation_id, m.user_id, m.platform, m.entity, m.created_ms, m.utc_day,
  coalesce(f.ticket, 0) AS ticket, coalesce(f.agent, 0) AS agent, coalesce(f.negative, 0) AS negative,
  CASE WHEN coalesce(f.ticket, 0) + coalesce(f.agent, 0) + coalesce(f.negative, 0) = 0 THEN 1 ELSE 0 END AS deflected,
  CASE WHEN g.parent_id IS NULL THEN 1 ELSE 0 END AS guide_deflected,
  CASE WHEN e.parent_id IS NULL THEN 0 ELSE 1 END AS guide_escalated
FROM message m
LEFT JOIN (
  SELECT r.root_id, max(s.ticket) AS ticket, max(s.agent) AS agent,
    max(CASE WHEN s.verdict = 'unhelpful' THEN 1 ELSE 0 END) AS negative
  FROM signal s
  JOIN message_root r ON r.signal_id = s.id
  JOIN message o ON o.id = r.root_id
  WHERE s.created_ms <= o.created_ms + {days link_days}
  GROUP BY r.root_id
) f ON f.root_id = m.id
LEFT JOIN (
  SELECT DISTINCT parent_id
  FROM form
  WHERE guide_ticket = 1 OR guide_agent = 1 OR (feedback = 1 AND resource_id = 'unhelpful')
) g ON g.parent_id = m.id
LEFT JOIN (
  SELECT DISTINCT parent_id
  FROM form
  WHERE guide_ticket = 1 OR guide_agent = 1
) e ON e.parent_id = m.id)sql"},

      // One row for each answer, one without an answer for a message that has none. `chosen`: it counts.
      {"response", R"sql(
SELECT p.*,
  CASE WHEN response_ms IS NULL OR response_ms < 0 THEN 0
    WHEN {response} = 'each' OR ({response} = 'first' AND from_first = 1) OR ({response} = 'last' AND from_last = 1)
    THEN 1 ELSE 0 END AS chosen
FROM (
  SELECT t.*, b.id AS answer_id, b.created_ms - t.created_ms AS response_ms,
    row_number() OVER (PARTITION BY t.id, CASE WHEN b.created_ms < t.created_ms THEN 1 ELSE 0 END
      ORDER BY b.created_ms, b.updated_ms, b.tie) AS from_first,
    row_number() OVER (PARTITION BY t.id, CASE WHEN b.created_ms < t.created_ms THEN 1 ELSE 0 END
      ORDER BY b.created_ms DESC, b.updated_ms DESC, b.tie DESC) AS from_last
  FROM free_text t
  LEFT JOIN (
    SELECT id, parent_id, created_ms, updated_ms, tie FROM interaction WHERE actor = 'bot' AND created_ms IS NOT NULL
  ) b ON b.parent_id = t.id AND b.created_ms <= t.created_ms + {days link_days}
) p)sql"},
  };
}

}  // namespace penstock::metrics
