// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric SingleInteractionUsers() {
  return {
      .name = "single_interaction_users",
      .title = "Users with a single interaction",
      .section = "Adoption metrics, New Users, step 2",
      .subject = Subject::kUser,
      .parameters = {"scope"},
      .reads = {Endpoint::kUsers},
      .corrected = {.text = "Users first seen in the frame who were never seen again.",
                    .facts = "single_user",
                    .value = "SUM(single)",
                    .beside = {{"new_users", "COUNT(*)"}}},
      .guide = {.text = "The same.",
                .facts = "single_user",
                .value = "SUM(single)",
                .beside = {{"new_users", "COUNT(*)"}}},
      .sample = "corrected 0, guide 0",
      .notes = {"True as of the roster's stamp only. Instants are compared, and two that are missing are not "
                "equal."},
      .own_period = true,
  };
}

}  // namespace penstock::metrics
