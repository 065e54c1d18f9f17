// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "base/status_macros.h"
#include "sandbox/synthetic_bits.h"
#include "sandbox/synthetic_records.h"
#include "sandbox/synthetic_tenant.h"

namespace penstock::sandbox {
namespace {

// Milliseconds, spelled as the API spells stamps.
constexpr uint64_t kEndOfTime = 253'402'300'800'000;  // year 10000

template <typename Spell>
uint64_t Bound(absl::string_view literal, uint64_t end, bool upper, Spell spell) {
  std::string text;
  return FirstKey(1, end, [&](uint64_t key) {
    text.clear();
    spell(key, &text);
    return upper ? literal < absl::string_view(text) : literal <= absl::string_view(text);
  });
}

// A column whose keys are computed from the row and whose texts are spelled from the key.
template <typename KeyOf, typename Spell>
class ComputedColumn final : public Column {
 public:
  ComputedColumn(uint64_t end, KeyOf key_of, Spell spell) : end_(end), key_of_(key_of), spell_(spell) {}
  uint64_t Key(uint32_t row) const override { return key_of_(row); }
  uint64_t LowerBound(absl::string_view literal) const override {
    return Bound(literal, end_, false, spell_);
  }
  uint64_t UpperBound(absl::string_view literal) const override { return Bound(literal, end_, true, spell_); }

 private:
  const uint64_t end_;
  const KeyOf key_of_;
  const Spell spell_;
};

template <typename KeyOf, typename Spell>
std::unique_ptr<Column> NewComputedColumn(uint64_t end, KeyOf key_of, Spell spell) {
  return std::make_unique<ComputedColumn<KeyOf, Spell>>(end, key_of, spell);
}

// What must be at hand to filter and sort; the rest of a record is worked out when it is served.
struct RowKey {
  uint64_t id;
  uint32_t conversation;
  uint32_t created_ms;  // since midnight
};

class TableBase : public RecordTable {
 public:
  TableBase(std::shared_ptr<const SyntheticTenant> tenant, Endpoint endpoint)
      : tenant_(std::move(tenant)), endpoint_(endpoint) {}
  const std::vector<Property>& properties() const override { return PublishedProperties(endpoint_); }
  const Column* column(absl::string_view name) override {
    for (const Property& property : properties()) {
      if (property.name != name || !property.comparable) continue;
      std::unique_ptr<Column>& column = columns_[property.name];
      if (column == nullptr) column = NewColumn(name);
      return column.get();
    }
    return nullptr;
  }

 protected:
  virtual std::unique_ptr<Column> NewColumn(absl::string_view name) const { return ReadColumn(*this, name); }

  const std::shared_ptr<const SyntheticTenant> tenant_;
  const Endpoint endpoint_;

 private:
  std::map<std::string, std::unique_ptr<Column>> columns_;
};

class ConversationTable final : public TableBase {
 public:
  ConversationTable(std::shared_ptr<const SyntheticTenant> tenant, Endpoint endpoint)
      : TableBase(std::move(tenant), endpoint) {
    for (uint32_t day = 0; day < tenant_->day_count(); ++day) {
      stamps_.push_back(tenant_->PublishedAt(endpoint_, day));
    }
    const auto& conversations = tenant_->conversations();
    rows_.reserve(First(conversations.back(), conversations.size() - 1));
    for (uint32_t i = 0; i + 1 < conversations.size(); ++i) {
      const ConversationFacts facts = tenant_->Facts(conversations[i]);
      const uint32_t count = First(conversations[i + 1], i + 1) - First(conversations[i], i);
      for (uint32_t ordinal = 0; ordinal < count; ++ordinal) {
        rows_.push_back(
            {tenant_->Id(endpoint_, conversations[i], ordinal), i, CreatedTime(endpoint_, facts, ordinal)});
      }
    }
  }

  uint32_t size() const override { return rows_.size(); }

  void Append(uint32_t row, std::string* out) const override {
    const auto& conversation = tenant_->conversations()[rows_[row].conversation];
    const uint32_t ordinal = row - First(conversation, rows_[row].conversation);
    const RecordPlace place = {*tenant_, conversation, ordinal, static_cast<int64_t>(Created(row)),
                               stamps_[conversation.day]};
    switch (endpoint_) {
      case Endpoint::kConversations:
        return AppendConversation(place, out);
      case Endpoint::kInteractions:
        return AppendInteraction(place, out);
      case Endpoint::kPluginCalls:
        return AppendPluginCall(place, out);
      case Endpoint::kPluginResources:
        return AppendPluginResource(place, out);
      case Endpoint::kUsers:
        break;
    }
    CHECK(false);
  }

  int64_t LatestBatch(int64_t unix_ms) const override {
    int64_t latest = 0;
    for (int64_t stamp : stamps_) {
      if (stamp <= unix_ms) latest = std::max(latest, stamp);
    }
    return latest;
  }

  bool Republish(int64_t day_number, int64_t stamp_unix_ms) override {
    const int64_t day = day_number - tenant_->first_day();
    if (day < 0 || day >= static_cast<int64_t>(stamps_.size())) return false;
    stamps_[day] = stamp_unix_ms;
    return true;
  }

 protected:
  std::unique_ptr<Column> NewColumn(absl::string_view name) const override {
    const bool hex = endpoint_ == Endpoint::kPluginResources;
    if (name == "id") {
      return NewComputedColumn(
          ~uint64_t{0}, [this](uint32_t row) { return rows_[row].id; },
          [hex](uint64_t id, std::string* out) { hex ? AppendHexId(id, out) : AppendShortId(id, out); });
    }
    const auto spell = [](uint64_t ms, std::string* out) { AppendStamp(ms, out); };
    if (name == "created_time") {
      return NewComputedColumn(
          kEndOfTime, [this](uint32_t row) { return Created(row); }, spell);
    }
    if (name == "last_updated_time") {
      return NewComputedColumn(
          kEndOfTime,
          [this](uint32_t row) -> uint64_t {
            return stamps_[tenant_->conversations()[rows_[row].conversation].day];
          },
          spell);
    }
    return TableBase::NewColumn(name);
  }

 private:
  uint64_t Created(uint32_t row) const {
    const uint32_t day = tenant_->conversations()[rows_[row].conversation].day;
    return (tenant_->first_day() + day) * kMillisPerDay + rows_[row].created_ms;
  }
  // The row of a conversation's first record; `index` is the conversation's place.
  uint32_t First(const SyntheticTenant::Conversation& conversation, uint32_t index) const {
    switch (endpoint_) {
      case Endpoint::kInteractions:
        return conversation.first_interaction;
      case Endpoint::kPluginCalls:
        return conversation.first_call;
      case Endpoint::kPluginResources:
        return conversation.first_resource;
      default:
        return index;
    }
  }

  std::vector<RowKey> rows_;
  std::vector<int64_t> stamps_;  // by day
};

class UserTable final : public TableBase {
 public:
  explicit UserTable(std::shared_ptr<const SyntheticTenant> tenant)
      : TableBase(std::move(tenant), Endpoint::kUsers) {}
  uint32_t size() const override { return tenant_->options().users; }
  void Append(uint32_t row, std::string* out) const override {
    // The roster is synced now and then; whatever is in it was published by yesterday.
    const int64_t days_ago = Mix(tenant_->UserId(row)) % 26;
    AppendUser(*tenant_, row, Newest() - days_ago * kMillisPerDay, out);
  }
  int64_t LatestBatch(int64_t unix_ms) const override { return std::min(unix_ms, Newest()); }

 private:
  int64_t Newest() const {
    return tenant_->PublishedAt(Endpoint::kUsers, tenant_->options().days - 1) - 2 * kMillisPerDay;
  }
};

}  // namespace

std::unique_ptr<RecordTable> NewSyntheticTable(std::shared_ptr<const SyntheticTenant> tenant,
                                               Endpoint endpoint) {
  if (endpoint == Endpoint::kUsers) return std::make_unique<UserTable>(std::move(tenant));
  return std::make_unique<ConversationTable>(std::move(tenant), endpoint);
}

}  // namespace penstock::sandbox
