// SPDX-License-Identifier: Apache-2.0
#include "metrics/facts.h"

namespace penstock::metrics {

std::vector<Relation> UserFacts() {
  return {
      {"newcomer",
       R"sql(SELECT id, id AS user_id, first_ms AS created_ms, first_day AS utc_day FROM person)sql", true},

      {"returner",
       R"sql(SELECT id, id AS user_id, latest_ms AS created_ms, latest_day AS utc_day FROM person)sql", true},

      // With a period of its own: `scope` all counts whoever was first seen before.
      {"single_user", R"sql(
SELECT s.period, p.id, p.id AS user_id, CASE WHEN p.first_ms = p.latest_ms THEN 1 ELSE 0 END AS single
FROM span s
JOIN person p ON p.first_ms IS NOT NULL
  AND ({scope} = 'all' OR (p.first_ms >= s.from_ms AND p.first_ms < s.to_ms)))sql"},

      // Who may use the bot at the end of each period, and who did in it.
      {"adoption", R"sql(
SELECT f.period, i.user_id, i.user_id AS id, i.active, 0 AS entitled
FROM attendance i JOIN frame f ON f.utc_day = i.utc_day AND i.created_ms >= f.from_ms AND i.created_ms < f.to_ms
UNION ALL
SELECT s.period, p.id, p.id, 0, 1
FROM span s CROSS JOIN person p
WHERE p.access = 1)sql"},
  };
}

}  // namespace penstock::metrics
