// SPDX-License-Identifier: Apache-2.0
#include "coordinator/restore.h"

#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/keyed_hash.h"
#include "base/status_macros.h"
#include "coordinator/forget_key.h"
#include "coordinator/forgotten.h"

namespace penstock::coordinator {
namespace {

using storage::BudgetRecord;
using storage::WindowRecord;

// The lost store gave out fewer permits since the backup: at the greatest rate this is 34 years.
constexpr uint64_t kPermitsLost = uint64_t{1} << 40;

struct Found {
  std::vector<store::Record> amended;
  std::map<uint32_t, BudgetRecord> budgets;  // of every source
  std::string key_check;                     // empty: nobody is forgotten
  Restored restored;
};

void Look(store::Record record, Found& found) {
  if (auto* window = std::get_if<WindowRecord>(&record)) {
    if (window->state() != WindowRecord::LEASED) return;
    window->set_state(WindowRecord::PENDING);
    window->clear_worker();
    found.amended.push_back(std::move(record));
    ++found.restored.windows;
  } else if (const auto* source = std::get_if<storage::SourceRecord>(&record)) {
    found.budgets[source->id()].set_source(source->id());
  } else if (const auto* budget = std::get_if<BudgetRecord>(&record)) {
    found.budgets[budget->source()] = *budget;
  } else if (const auto* suppression = std::get_if<storage::SuppressionRecord>(&record)) {
    found.key_check = suppression->key_check();
  } else if (std::holds_alternative<storage::ErasureRecord>(record)) {
    ++found.restored.erasures;
  }
}

absl::Status KeepKey(const store::RestoreOrder& order, const std::string& key_check) {
  const absl::StatusOr<std::string> key = ReadHashKeyFile(absl::StrCat(order.from, "/forget-key"));
  const bool missing = absl::IsNotFound(key.status());
  if (!missing) RETURN_IF_ERROR(key.status());
  const bool needed = !key_check.empty();
  if (needed && (missing || KeyCheck(*key) != key_check)) {
    return absl::FailedPreconditionError(
        absl::StrCat("people are forgotten in this backup, and ", order.from,
                     "/forget-key is missing or another one; put the file there from another copy"));
  }
  return missing ? absl::OkStatus() : SaveForgetKey(order.directory, {*key, true});
}

}  // namespace

absl::StatusOr<Restored> RestoreState(const store::RestoreOrder& order, const Clock& clock, Random& random) {
  Found found;
  const auto amend = [&](store::Store& store) -> absl::Status {
    RETURN_IF_ERROR(store.ForEachRecord([&](store::Record record) { Look(std::move(record), found); }));
    RETURN_IF_ERROR(KeepKey(order, found.key_check));
    store::Batch batch;
    batch.records = std::move(found.amended);
    for (auto& [source, budget] : found.budgets) {
      budget.set_all_used(true);
      budget.set_last_permit(budget.last_permit() + kPermitsLost);
      budget.set_skipped(budget.skipped() + kPermitsLost);
      batch.records.push_back(budget);
    }
    found.restored.store_id = store.store_id();
    return store.Commit(std::move(batch)).status();
  };
  ASSIGN_OR_RETURN(found.restored.backup, store::RestoreBackup(order, clock, random, amend));
  return found.restored;
}

}  // namespace penstock::coordinator
