// SPDX-License-Identifier: Apache-2.0
#include "coordinator/erase_sweep.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/shell_word.h"
#include "base/status_macros.h"
#include "coordinator/forgotten.h"
#include "coordinator/limits.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::ErasureRecord;

absl::Status Stopped() { return absl::CancelledError("the coordinator stops; it goes on at the next start"); }

const ErasureRecord& Find(const Core& core, uint32_t source, uint64_t number) {
  const auto found = core.state().erasures().find({source, number});
  CHECK(found != core.state().erasures().end());
  return found->second;
}

// Why the destination may hold rows of it; empty: it holds none.
std::string WhyNot(Core& core, const ErasureRecord& erasure, const std::string& destination) {
  if (!erasure.has_erased_here()) return "the store is still looked through";
  if (core.options().read_only) return "no coordinator runs now";
  const storage::LoadRecord* load = core.state().FindLoad(erasure.source(), destination);
  const bool checked = core.load_try(erasure.source(), destination).checked;
  const uint64_t loaded = load == nullptr ? 0 : load->loaded();
  if (checked && loaded >= erasure.last_change()) return "";
  if (core.options().destinations.count(destination) == 0) {
    return absl::StrCat("no configuration names it here; to load it once more: penstock load --destination ",
                        ShellWord(destination));
  }
  if (load != nullptr && load->has_pause()) return "it is paused";
  if (load != nullptr && !load->failure().empty()) return load->failure();
  if (!checked) return "no worker has reached it since the coordinator started";
  return absl::StrCat("it is ", erasure.last_change() - loaded, " changes behind");
}

// The people of one erasure, and their conversations, as far as they are known.
Suppressed SuppressedBy(Core& core, uint32_t source, uint64_t number) {
  const Core::Turn turn = core.Enter();
  Suppressed suppressed;
  for (const auto& [hash, erasure] : core.state().SuppressedIn(source)) {
    if (erasure == number) suppressed.emplace(hash, erasure);
  }
  return suppressed;
}

// Once over the change sequence. A conversation that nobody knew to be theirs is suppressed from then on: what has no
// user_id and lies before it was passed by.
class RowSweep {
 public:
  RowSweep(Core& core, uint32_t source, uint64_t number)
      : core_(core),
        source_(source),
        number_(number),
        suppressed_(SuppressedBy(core, source, number)),
        forgotten_(core.options().forget_key, suppressed_) {}

  absl::Status Run(std::atomic<bool>& stop) {
    uint64_t after = 0;
    while (true) {
      if (stop) return Stopped();
      ASSIGN_OR_RETURN(const store::Changes changes, core_.store().ReadChanges(source_, after, kSweepBytes));
      std::vector<Found> found;
      for (const v1::Change& change : changes.changes) Look(change, found);
      if (!found.empty()) RETURN_IF_ERROR(Erase(found));
      after = changes.through;
      if (after == changes.head) return absl::OkStatus();
    }
  }

 private:
  struct Found {
    Endpoint endpoint = Endpoint::kConversations;
    std::string id;
    uint64_t change = 0;
  };

  void Look(const v1::Change& change, std::vector<Found>& found) const {
    if (change.erased() || change.row().stand_in()) return;
    const Endpoint endpoint = FromProto(change.endpoint());
    if (forgotten_.Of(endpoint, change.row()) == 0) return;
    found.push_back({endpoint, change.row().id(), change.number()});
  }

  absl::Status Erase(const std::vector<Found>& found) {
    const std::string& key = core_.options().forget_key;
    const Core::Turn turn = core_.Enter();
    ErasureRecord erasure = Find(core_, source_, number_);
    store::Batch batch;
    batch.erasure.emplace();
    batch.erasure->source = source_;
    for (const Found& row : found) {
      // A page may have put a newer version since; as it was let in, it is somebody else's.
      const absl::StatusOr<storage::RowRecord> now = core_.store().GetRow(source_, row.endpoint, row.id);
      if (absl::IsNotFound(now.status())) continue;
      RETURN_IF_ERROR(now.status());
      if (now->change() != row.change) continue;
      ++(*erasure.mutable_rows())[static_cast<int32_t>(row.endpoint)];
      batch.erasure->rows.push_back({row.endpoint, row.id, StandInId(key, row.endpoint, row.id)});
      if (row.endpoint != Endpoint::kConversations) continue;
      std::string hash = ConversationHash(key, row.id);
      if (!suppressed_.emplace(hash, number_).second) continue;
      batch.records.push_back(Suppression(key, source_, std::move(hash), number_));
    }
    batch.records.push_back(std::move(erasure));
    return core_.Commit(turn, std::move(batch)).status();
  }

  Core& core_;
  const uint32_t source_;
  const uint64_t number_;
  Suppressed suppressed_;
  const Forgotten forgotten_;
};

absl::Status SweepQuarantine(Core& core, uint32_t source, uint64_t number) {
  const Suppressed suppressed = SuppressedBy(core, source, number);
  const std::string& key = core.options().forget_key;
  const Forgotten forgotten(key, suppressed);
  ASSIGN_OR_RETURN(std::vector<store::Quarantined> quarantined, core.store().ListQuarantine(source));
  store::Batch batch;
  batch.erasure.emplace();
  batch.erasure->source = source;
  for (store::Quarantined& entry : quarantined) {
    if (forgotten.OfQuarantined(entry.record.raw()) == 0) continue;
    batch.erasure->quarantined.push_back(
        {entry.endpoint, entry.name, QuarantineStandIn(key, std::move(entry.record))});
  }
  if (batch.erasure->quarantined.empty()) return absl::OkStatus();
  const Core::Turn turn = core.Enter();
  ErasureRecord erasure = Find(core, source, number);
  erasure.set_quarantined(erasure.quarantined() + batch.erasure->quarantined.size());
  batch.records.push_back(std::move(erasure));
  return core.Commit(turn, std::move(batch)).status();
}

}  // namespace

std::vector<v1::ErasureWait> WaitsOf(Core& core, const ErasureRecord& erasure) {
  std::set<std::string> names;
  for (const auto& [name, source] : core.options().destinations) {
    if (source == core.state().sources().at(erasure.source()).name()) names.insert(name);
  }
  for (const auto& [key, load] : core.state().loads()) {
    if (key.first == erasure.source()) names.insert(key.second);
  }
  std::vector<v1::ErasureWait> waits;
  for (const std::string& name : names) {
    v1::ErasureWait& wait = waits.emplace_back();
    wait.set_destination(name);
    wait.set_why(WhyNot(core, erasure, name));
  }
  return waits;
}

void DropVerifications(Core& core, uint32_t source) {
  std::erase_if(core.verifications(), [source](const auto& entry) {
    const v1::Verification::State state = entry.second.state();
    return entry.first.first == source &&
           (state == v1::Verification::DONE || state == v1::Verification::FAILED);
  });
}

std::optional<ErasureWork> DueErasure(Core& core) {
  for (const auto& [key, erasure] : core.state().erasures()) {
    if (!erasure.has_erased_here()) return ErasureWork{key.first, key.second, /*sweep=*/true};
  }
  for (const auto& [key, erasure] : core.state().erasures()) {
    if (erasure.has_finished()) continue;
    const std::vector<v1::ErasureWait> waits = WaitsOf(core, erasure);
    const bool told = std::all_of(waits.begin(), waits.end(),
                                  [](const v1::ErasureWait& wait) { return wait.why().empty(); });
    if (told) return ErasureWork{key.first, key.second, /*sweep=*/false};
  }
  return std::nullopt;
}

absl::Status SweepStore(Core& core, uint32_t source, uint64_t number, std::atomic<bool>& stop) {
  // Once more when it, or a page meanwhile, met conversations that were not known when it began.
  for (size_t known = SuppressedBy(core, source, number).size();;) {
    RETURN_IF_ERROR(RowSweep(core, source, number).Run(stop));
    if (known == std::exchange(known, SuppressedBy(core, source, number).size())) break;
  }
  RETURN_IF_ERROR(SweepQuarantine(core, source, number));
  RETURN_IF_ERROR(core.Scour(source, stop));
  const Core::Turn turn = core.Enter();
  ErasureRecord erasure = Find(core, source, number);
  erasure.set_last_change(core.state().sources().at(source).last_change());
  *erasure.mutable_erased_here() = ToProto(turn.now.wall);
  return core.Commit(turn, {erasure});
}

absl::Status FinishErasure(Core& core, uint32_t source, uint64_t number, std::atomic<bool>& stop) {
  ErasureRecord erasure;
  {
    const Core::Turn turn = core.Enter();
    erasure = Find(core, source, number);
  }
  for (uint64_t after = erasure.first_change() - 1; after < erasure.last_change();) {
    if (stop) return Stopped();
    ASSIGN_OR_RETURN(const store::Changes changes, core.store().ReadChanges(source, after, kSweepBytes));
    store::Batch batch;
    batch.erasure.emplace();
    batch.erasure->source = source;
    for (const v1::Change& change : changes.changes) {
      if (change.erased() && change.number() <= erasure.last_change())
        batch.erasure->told.push_back(change.number());
    }
    after = changes.through;
    if (batch.erasure->told.empty()) continue;
    const Core::Turn turn = core.Enter();
    RETURN_IF_ERROR(core.Commit(turn, std::move(batch)).status());
  }
  RETURN_IF_ERROR(core.Scour(source, stop));
  const Core::Turn turn = core.Enter();
  erasure = Find(core, source, number);
  *erasure.mutable_finished() = ToProto(turn.now.wall);
  // One that began before the sweep ended may name what is gone now.
  DropVerifications(core, source);
  return core.Commit(turn, {erasure});
}

}  // namespace penstock::coordinator
