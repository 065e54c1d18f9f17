// SPDX-License-Identifier: Apache-2.0
#include "coordinator/core.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/change_eras.h"
#include "coordinator/forgotten.h"
#include "coordinator/limits.h"
#include "coordinator/sync_round.h"
#include "google/protobuf/util/message_differencer.h"
#include "proto/convert.h"

namespace penstock::coordinator {

using storage::WindowRecord;

namespace {

SourceSettings Settings(const storage::SourceRecord& source) {
  SourceSettings settings;
  settings.name = source.name();
  settings.url = source.url();
  settings.budget = {source.per_minute(), source.users_per_minute()};
  settings.retention = absl::Milliseconds(source.retention_ms());
  settings.publication_lag = absl::Milliseconds(source.publication_lag_ms());
  if (source.forgotten_within_ms() > 0) {
    settings.alarms.forgotten_within = absl::Milliseconds(source.forgotten_within_ms());
  }
  if (source.no_batch_within_ms() > 0) {
    settings.alarms.no_batch_within = absl::Milliseconds(source.no_batch_within_ms());
  }
  return settings;
}

void PutSettings(const SourceSettings& settings, storage::SourceRecord& source) {
  source.set_name(settings.name);
  source.set_url(settings.url);
  source.set_per_minute(settings.budget.per_minute);
  source.set_users_per_minute(settings.budget.users_per_minute);
  source.set_retention_ms(absl::ToInt64Milliseconds(settings.retention));
  source.set_publication_lag_ms(absl::ToInt64Milliseconds(settings.publication_lag));
  source.set_forgotten_within_ms(absl::ToInt64Milliseconds(settings.alarms.forgotten_within));
  source.set_no_batch_within_ms(absl::ToInt64Milliseconds(settings.alarms.no_batch_within));
}

}  // namespace

Core::Core(std::unique_ptr<store::Store> store, const Clock& clock, Random& random, CoreOptions options)
    : store_(std::move(store)),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      state_(clock.BootId(), clock.Now().boot),
      leases_(store_->epoch()) {}

absl::StatusOr<std::unique_ptr<Core>> Core::Open(std::unique_ptr<store::Store> store, const Clock& clock,
                                                 Random& random, CoreOptions options) {
  std::unique_ptr<Core> core(new Core(std::move(store), clock, random, std::move(options)));
  const Turn turn(std::unique_lock(core->mutex_), clock.Now());
  RETURN_IF_ERROR(core->Recover(turn));
  return core;
}

absl::Status Core::Recover(const Turn& turn) {
  std::vector<store::Record> records;
  RETURN_IF_ERROR(store_->ForEachRecord([&](store::Record record) { records.push_back(std::move(record)); }));
  Apply(turn, records);
  RETURN_IF_ERROR(CheckForgetKey());
  RETURN_IF_ERROR(BindSources(turn));
  if (options_.read_only) return absl::OkStatus();
  RETURN_IF_ERROR(UseAllSlots(turn));
  Records freed;
  for (uint64_t number : state_.open_windows()) {
    const WindowRecord& window = *state_.FindWindow(number);
    if (window.state() != WindowRecord::LEASED) continue;
    // A source that the configuration no longer names has no budget to work with: its windows wait.
    if (options_.workers_died_with_us || state_.SettingsOf(window.source()) == nullptr) {
      WindowRecord pending = window;
      pending.set_state(WindowRecord::PENDING);
      pending.clear_worker();
      freed.push_back(pending);
      continue;
    }
    Lease lease;
    lease.token.set_epoch(window.token_epoch());
    lease.token.set_counter(window.token_counter());
    lease.worker = window.worker();
    lease.deadline = turn.now.boot + kLease;
    lease.window = number;
    lease.source = window.source();
    leases_.Grant(std::move(lease));
  }
  return freed.empty() ? absl::OkStatus() : Commit(turn, std::move(freed));
}

// With another key nobody who is forgotten would be recognised, and the next sync would bring them back.
absl::Status Core::CheckForgetKey() const {
  if (options_.read_only || state_.key_check().empty()) return absl::OkStatus();
  const std::string& key = options_.forget_key;
  if (!key.empty() && state_.key_check() == KeyCheck(key)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "people are forgotten in this state, and its file forget-key is missing or another one; put the file "
      "back from a copy of the state directory");
}

absl::Status Core::BindSources(const Turn& turn) {
  if (options_.read_only) {
    for (const auto& [id, source] : state_.sources()) state_.Configure(id, Settings(source));
    return absl::OkStatus();
  }
  for (const SourceSettings& settings : options_.sources) {
    const storage::SourceRecord* known = state_.FindSource(settings.name);
    if (known != nullptr && known->url() != settings.url) {
      return absl::InvalidArgumentError(
          absl::StrCat("this state directory belongs to ", known->url(), ", not to ", settings.url,
                       "; use another --state directory, or the source it belongs to"));
    }
    for (const auto& [id, other] : state_.sources()) {
      // Two names would be two budgets for one key.
      if (other.url() == settings.url && other.name() != settings.name) {
        return absl::InvalidArgumentError(absl::StrCat("this state knows ", settings.url, " as source '",
                                                       other.name(), "', not as '", settings.name,
                                                       "'; use the name it has (--source)"));
      }
    }
    storage::SourceRecord source = known != nullptr ? *known : storage::SourceRecord();
    if (known == nullptr) source.set_id(state_.NextSourceId());
    PutSettings(settings, source);
    if (settings.sync.has_value()) source = Scheduled(source, *settings.sync, turn.now.wall);
    source = WithEra(std::move(source), static_cast<uint64_t>(absl::ToUnixNanos(turn.now.wall)));
    if (known == nullptr || !google::protobuf::util::MessageDifferencer::Equals(*known, source)) {
      RETURN_IF_ERROR(Commit(turn, {source}));
    }
    state_.Configure(source.id(), settings);
    desk_.KeepShare(source.id(), settings.backfill_share);
  }
  for (auto& [destination, source] : options_.destinations) {
    if (source.empty() && state_.sources().size() == 1) source = state_.sources().begin()->second.name();
    if (state_.FindSource(source) != nullptr) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("destination ", destination, " does not say which source fills it: give it a 'source'"));
  }
  return absl::OkStatus();
}

// After a restore nobody knows which slots the lost store used last.
absl::Status Core::UseAllSlots(const Turn& turn) {
  for (const auto& [id, source] : state_.sources()) {
    if (state_.SettingsOf(id) != nullptr) RETURN_IF_ERROR(Commit(turn, state_.BudgetOf(id).DecideUseAll()));
  }
  return absl::OkStatus();
}

Core::Turn Core::Enter() {
  std::unique_lock lock(mutex_);
  Turn turn(std::move(lock), clock_.Now());
  EndExpiredLeases(turn);
  return turn;
}

Core::Turn Core::WaitForNews(Turn turn, absl::Duration until) {
  std::unique_lock lock = std::move(turn.lock_);
  const absl::Duration wait = until - clock_.Now().boot;
  if (wait > absl::ZeroDuration()) news_.wait_for(lock, absl::ToChronoNanoseconds(wait));
  Turn again(std::move(lock), clock_.Now());
  EndExpiredLeases(again);
  return again;
}

absl::Status Core::VisitSources(
    const std::function<absl::Status(const Turn& turn, const storage::SourceRecord& source)>& visit) {
  Turn turn = Enter();
  std::vector<uint32_t> configured;
  for (const auto& [id, source] : state_.sources()) {
    if (state_.SettingsOf(id) != nullptr) configured.push_back(id);
  }
  for (size_t i = 0; i < configured.size(); ++i) {
    if (i % kSourcesPerTurn == kSourcesPerTurn - 1) {
      const absl::Duration until = turn.now.boot + kBetweenTurns;
      turn = WaitForNews(std::move(turn), until);
    }
    RETURN_IF_ERROR(visit(turn, state_.sources().at(configured[i])));
  }
  return absl::OkStatus();
}

void Core::Close() {
  const Turn turn = Enter();
  closed_ = true;
  news_.notify_all();
}

void Core::EndExpiredLeases(const Turn& turn) {
  for (const Lease& lease : leases_.Expired(turn.now.boot)) {
    leases_.End(lease.token.epoch(), lease.token.counter());
    if (lease.window == 0) continue;
    Log(LogLevel::kWarning, "a lease expired: its worker is gone or cut off",
        {{"window", WindowName(lease.window)}, {"worker", lease.worker}});
    const absl::Status status =
        Commit(turn, DecideExpiry(state_, *state_.FindWindow(lease.window), turn.now));
    // The window stays LEASED in the facts without a lease: it must not be forgotten, so try again at the
    // next turn.
    if (!status.ok()) {
      Log(LogLevel::kError, "cannot record an expired lease", {{"error", std::string(status.message())}});
      leases_.Grant(lease);
      return;
    }
  }
}

void Core::Apply(const Turn& turn, const std::vector<store::Record>& records) {
  for (const store::Record& record : records) {
    state_.Apply(record, turn.now);
    const auto* window = std::get_if<WindowRecord>(&record);
    if (window != nullptr && window->state() == WindowRecord::DONE) coverage_[window->source()].stale = true;
    if (window != nullptr && window->state() != WindowRecord::LEASED) {
      leases_.End(window->token_epoch(), window->token_counter());
    }
  }
}

absl::StatusOr<store::Committed> Core::Commit(const Turn& turn, store::Batch batch) {
  absl::StatusOr<store::Committed> result = store_->Commit(std::move(batch));
  if (absl::IsDataLoss(result.status()) || absl::IsInternal(result.status())) fatal_.Update(result.status());
  RETURN_IF_ERROR(result.status());
  store::Committed committed = *std::move(result);
  Apply(turn, committed.records);
  news_.notify_all();
  return committed;
}

absl::Status Core::Commit(const Turn& turn, Records records) {
  if (records.empty()) return absl::OkStatus();
  store::Batch batch;
  batch.records = std::move(records);
  return Commit(turn, std::move(batch)).status();
}

v1::StorePosition Core::Position() const {
  v1::StorePosition position;
  position.set_store_id(store_->store_id());
  position.set_acknowledged_commit(store_->last_commit());
  return position;
}

absl::StatusOr<uint32_t> Core::SourceId(const std::string& name) const {
  if (const storage::SourceRecord* known = state_.FindSource(name)) return known->id();
  if (name.empty() && state_.sources().size() == 1) return state_.sources().begin()->first;
  std::vector<std::string> names;
  for (const auto& [id, source] : state_.sources()) names.push_back(source.name());
  if (names.empty()) return absl::NotFoundError("this state knows no source yet; start a run first");
  const std::string known = absl::StrJoin(names, ", ");
  if (name.empty())
    return absl::InvalidArgumentError(absl::StrCat("say which source: --source with one of ", known));
  return absl::InvalidArgumentError(absl::StrCat("unknown source '", name, "'; the sources are ", known));
}

}  // namespace penstock::coordinator
