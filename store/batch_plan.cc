// SPDX-License-Identifier: Apache-2.0
#include "store/batch_plan.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock::store {
namespace {

bool Names(const std::vector<Record>& records, uint32_t source) {
  for (const Record& record : records) {
    const auto* named = std::get_if<storage::SourceRecord>(&record);
    if (named != nullptr && named->id() == source) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<BatchPlan> PlanBatch(Batch batch, const Sources& sources, StoredRows& stored) {
  BatchPlan plan;
  const auto last_change = [&sources](uint32_t source) {
    const auto known = sources.find(source);
    return known == sources.end() ? 0 : known->second.last_change();
  };
  if (batch.page) {
    const uint32_t source = batch.page->source;
    if (sources.count(source) == 0 && !Names(batch.records, source)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a page names source ", source, ", which is not stored; put its SourceRecord first"));
    }
    ASSIGN_OR_RETURN(plan.page, PlanPage(*std::move(batch.page), last_change(source), stored));
    const auto known = sources.find(source);
    if (known != sources.end() && plan.page->last_change != last_change(source)) plan.sources.insert(*known);
  }
  plan.records = std::move(batch.records);
  if (batch.finish) {
    std::vector<Record> more = batch.finish(plan.page ? plan.page->counts : v1::PageCounts());
    std::move(more.begin(), more.end(), std::back_inserter(plan.records));
  }
  for (Record& record : plan.records) {
    auto* source = std::get_if<storage::SourceRecord>(&record);
    if (source == nullptr) continue;
    const bool moved = plan.page && plan.page->source == source->id();
    source->set_last_change(moved ? plan.page->last_change : last_change(source->id()));
    plan.sources[source->id()] = *source;
  }
  if (plan.page) {
    const auto moved = plan.sources.find(plan.page->source);
    if (moved != plan.sources.end() && !Names(plan.records, plan.page->source)) {
      moved->second.set_last_change(plan.page->last_change);
      plan.records.push_back(moved->second);
    }
  }
  return plan;
}

}  // namespace penstock::store
