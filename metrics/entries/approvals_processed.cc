// SPDX-License-Identifier: Apache-2.0
#include "metrics/entries.h"

namespace penstock::metrics {

Metric ApprovalsProcessed() {
  return {
      .name = "approvals_processed",
      .title = "Approvals processed",
      .section = "Plugin call metrics, Approvals processed",
      .subject = Subject::kCall,
      .parameters = {"approval_plugins", "time"},
      .reads = {Endpoint::kPluginCalls, Endpoint::kPluginResources},
      .corrected = {.text = "Calls that processed an approval: served and used.",
                    .facts = "approval",
                    .value = "COUNT(DISTINCT CASE WHEN ok = 1 THEN id END)",
                    .beside = {{"approvals", "COUNT(DISTINCT CASE WHEN ok = 1 THEN approval_id END)"},
                               {"attempts", "COUNT(DISTINCT id)"}}},
      .guide = {.text = "The same, with resources of any type.",
                .facts = "approval",
                .value = "COUNT(DISTINCT CASE WHEN ok = 1 THEN id END)",
                .beside = {{"approvals", "COUNT(DISTINCT CASE WHEN ok = 1 THEN resource_id END)"},
                           {"attempts", "COUNT(DISTINCT id)"}}},
      .differs = "The guide takes every resource of such a call for an approval.",
      .sample = "corrected 22 calls, 22 approvals, 29 attempts; guide 22 calls",
  };
}

}  // namespace penstock::metrics
