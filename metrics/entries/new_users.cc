// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric NewUsers() {
  return {
      .name = "new_users",
      .title = "New users",
      .section = "Adoption metrics, New Users",
      .subject = Subject::kUser,
      .reads = {Endpoint::kUsers},
      .corrected = {.text = "Users whose first interaction lies in the frame.",
                    .facts = "newcomer",
                    .value = "COUNT(*)"},
      .guide = {.text = "The same.", .facts = "newcomer", .value = "COUNT(*)"},
      .sample = "corrected 0, guide 0",
      .notes = {"Never derived from interactions: the source keeps 30 days of them, which would make "
                "everybody new."},
  };
}

}  // namespace penstock::metrics
