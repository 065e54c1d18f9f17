// SPDX-License-Identifier: Apache-2.0
#include "store/batch_plan.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/erase_plan.h"

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
  CHECK(!batch.page || !batch.erasure);
  BatchPlan plan;
  const auto last_change = [&sources](uint32_t source) {
    const auto known = sources.find(source);
    return known == sources.end() ? 0 : known->second.last_change();
  };
  const uint32_t moving = batch.page ? batch.page->source : batch.erasure ? batch.erasure->source : 0;
  if (batch.page || batch.erasure) {
    if (sources.count(moving) == 0 && !Names(batch.records, moving)) {
      return absl::InvalidArgumentError(absl::StrCat(batch.page ? "a page" : "an erasure", " names source ",
                                                     moving,
                                                     ", which is not stored; put its SourceRecord first"));
    }
    if (batch.page) {
      plan.pages.emplace_back();
      ASSIGN_OR_RETURN(plan.pages.front(), PlanPage(*std::move(batch.page), last_change(moving), stored));
      plan.counts = plan.pages.front().counts;
    } else {
      ASSIGN_OR_RETURN(plan.pages, PlanErasure(*std::move(batch.erasure), last_change(moving), stored));
    }
    plan.last_change = plan.pages.empty() ? last_change(moving) : plan.pages.back().last_change;
    const auto known = sources.find(moving);
    if (known != sources.end() && plan.last_change != last_change(moving)) plan.sources.insert(*known);
  }
  const bool moves = !plan.pages.empty();
  plan.records = std::move(batch.records);
  if (batch.finish) {
    std::vector<Record> more = batch.finish(plan.counts);
    std::move(more.begin(), more.end(), std::back_inserter(plan.records));
  }
  for (Record& record : plan.records) {
    auto* source = std::get_if<storage::SourceRecord>(&record);
    if (source == nullptr) continue;
    const bool moved = moves && moving == source->id();
    source->set_last_change(moved ? plan.last_change : last_change(source->id()));
    plan.sources[source->id()] = *source;
  }
  if (moves) {
    const auto moved = plan.sources.find(moving);
    if (moved != plan.sources.end() && !Names(plan.records, moving)) {
      moved->second.set_last_change(plan.last_change);
      plan.records.push_back(moved->second);
    }
  }
  return plan;
}

}  // namespace penstock::store
