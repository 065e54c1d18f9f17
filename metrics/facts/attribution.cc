// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/substitute.h"
#include "metrics/facts.h"

namespace penstock::metrics {
namespace {

// R6: for each signal the nearest row of `wanted` above it. Where its parents end at none (no parent, or one that is
// not there), the latest of the same conversation and user in the hour before it. A walk that does not end within
// eight steps, as in a circle, finds nothing.
Relation RootOf(const char* name, const char* wanted) {
  return {name, absl::Substitute(R"sql(
SELECT s.id AS signal_id, coalesce(above.id, near.id) AS root_id
FROM signal s
LEFT JOIN (
  SELECT a.signal_id, a.id, row_number() OVER (PARTITION BY a.signal_id ORDER BY a.steps) AS place
  FROM ancestor a JOIN $0 w ON w.id = a.id
) above ON above.signal_id = s.id AND above.place = 1
LEFT JOIN (
  SELECT DISTINCT signal_id FROM ancestor WHERE steps = 8 AND parent_id IS NOT NULL
) endless ON endless.signal_id = s.id
LEFT JOIN (
  SELECT x.id AS signal_id, w.id,
    row_number() OVER (PARTITION BY x.id ORDER BY w.created_ms DESC, w.updated_ms DESC, w.tie DESC) AS place
  FROM signal x
  JOIN $0 w ON w.conversation_id = x.conversation_id AND w.user_id = x.user_id
    AND w.created_ms <= x.created_ms AND w.created_ms >= x.created_ms - 3600000
  WHERE {attribution} = 'nearest'
) near ON near.signal_id = s.id AND near.place = 1 AND endless.signal_id IS NULL)sql",
                                 wanted)};
}

}  // namespace

std::vector<Relation> AttributionFacts() {
  return {
      {"signal", R"sql(
SELECT id, conversation_id, user_id, platform, parent_id, created_ms, updated_ms, utc_day, tie,
  CASE WHEN it_ticket = 1 OR request = 1 THEN 1 ELSE 0 END AS ticket, agent,
  CASE WHEN feedback = 1 THEN verdict END AS verdict
FROM form
WHERE it_ticket = 1 OR request = 1 OR agent = 1 OR (feedback = 1 AND verdict IS NOT NULL)
UNION ALL
SELECT id, conversation_id, user_id, platform, parent_id, created_ms, updated_ms, utc_day, tie, 0, 0, verdict
FROM click
WHERE {clicks} = 'yes')sql"},

      {"ancestor", R"sql(
SELECT s.id AS signal_id, p.id AS id, p.parent_id AS parent_id, 1 AS steps
FROM signal s JOIN interaction p ON p.id = s.parent_id
UNION ALL
SELECT a.signal_id, p.id, p.parent_id, a.steps + 1
FROM ancestor a JOIN interaction p ON p.id = a.parent_id
WHERE a.steps < 8)sql"},

      RootOf("message_root", "message"),

      {"unattributed_signal", R"sql(
SELECT s.*
FROM signal s JOIN message_root r ON r.signal_id = s.id
WHERE r.root_id IS NULL AND (s.ticket = 1 OR s.agent = 1 OR s.verdict = 'unhelpful'))sql"},

      {"unattributed_escalation", R"sql(SELECT * FROM unattributed_signal WHERE ticket = 1 OR agent = 1)sql"},

      {"ok_call", R"sql(
SELECT * FROM plugin_call WHERE ok = 1 AND {plugin_key if plugins})sql"},

      {"asked", R"sql(
SELECT * FROM interaction WHERE id IN (SELECT interaction_id FROM ok_call))sql"},

      RootOf("call_root", "asked"),

      {"unattributed_verdict", R"sql(
SELECT s.*
FROM signal s JOIN call_root r ON r.signal_id = s.id
WHERE r.root_id IS NULL AND s.verdict IS NOT NULL)sql"},
  };
}

}  // namespace penstock::metrics
