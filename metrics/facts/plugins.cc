// SPDX-License-Identifier: Apache-2.0
#include "metrics/facts.h"

namespace penstock::metrics {

std::vector<Relation> PluginFacts() {
  return {
      // The verdict on an interaction holds for every call of it. The guide ties forms by the direct parent.
      {"rated_call", R"sql(
SELECT c.*, v.verdict, g.verdict AS guide_verdict
FROM ok_call c
LEFT JOIN (
  SELECT k.id AS call_id, s.verdict,
    row_number() OVER (PARTITION BY k.id ORDER BY s.created_ms DESC, s.updated_ms DESC, s.tie DESC) AS place
  FROM signal s
  JOIN call_root r ON r.signal_id = s.id
  JOIN ok_call k ON k.interaction_id = r.root_id
  WHERE s.verdict IS NOT NULL AND s.created_ms <= k.created_ms + {days link_days}
) v ON v.call_id = c.id AND v.place = 1
LEFT JOIN (
  SELECT parent_id, verdict,
    row_number() OVER (PARTITION BY parent_id ORDER BY created_ms DESC, updated_ms DESC, tie DESC) AS place
  FROM form
  WHERE feedback = 1 AND verdict IS NOT NULL
) g ON g.parent_id = c.interaction_id AND g.place = 1)sql"},

      // `gap`: no knowledge call of its interaction was served, and no other plugin answered.
      {"knowledge_call", R"sql(
SELECT c.*,
  CASE WHEN o.interaction_id IS NULL OR (o.searches = 0 AND (o.answers = 0 OR {answered_elsewhere} = 'include'))
    THEN 1 ELSE 0 END AS gap
FROM plugin_call c
LEFT JOIN (
  SELECT interaction_id,
    sum(CASE WHEN plugin_key IN {knowledge_plugins} THEN served ELSE 0 END) AS searches,
    sum(CASE WHEN plugin_key IN {knowledge_plugins} THEN 0 ELSE ok END) AS answers
  FROM plugin_call
  GROUP BY interaction_id
) o ON o.interaction_id = c.interaction_id
WHERE c.plugin_key IN {knowledge_plugins} AND c.served = 0 AND c.used = 0)sql"},

      // One row for each resource of a call, one without for a call that has none. The guide takes any type for an
      // approval.
      {"approval", R"sql(
SELECT c.id, c.conversation_id, c.interaction_id, c.user_id, c.plugin, c.plugin_key, c.ok, r.resource_id,
  CASE WHEN r.type = 'approval' THEN r.resource_id END AS approval_id,
  CASE WHEN {time} = 'updated' THEN c.plugin_updated_ms ELSE c.created_ms END AS created_ms,
  CASE WHEN {time} = 'updated' THEN c.plugin_updated_day ELSE c.utc_day END AS utc_day
FROM plugin_call c
LEFT JOIN (
  SELECT plugin_call_id, type, resource_id
  FROM plugin_resource
  WHERE plugin_call_id IN (SELECT id FROM plugin_call WHERE plugin_key IN {approval_plugins})
) r ON r.plugin_call_id = c.id
WHERE c.plugin_key IN {approval_plugins})sql"},

      {"custom_call", R"sql(SELECT * FROM plugin_call WHERE {plugin_key custom custom_plugins})sql"},

      {"saving", R"sql(
SELECT c.*, {plugin_key hours hours} AS saved_millihours
FROM plugin_call c
WHERE ok = 1 AND interaction_id IS NOT NULL AND {plugin_key hours hours} IS NOT NULL)sql"},
  };
}

}  // namespace penstock::metrics
