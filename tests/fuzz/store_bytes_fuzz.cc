// SPDX-License-Identifier: Apache-2.0
// Keys, values and commit marks: what was encoded is decoded as it was, in the order of its parts, and bytes that
// nobody encoded are told from those.
#include <google/protobuf/stubs/logging.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "base/status_macros.h"
#include "proto/storage.pb.h"
#include "store/commit_mark.h"
#include "store/encoding.h"
#include "store/upsert_rule.h"
#include "tests/fuzz/fuzz_input.h"

namespace penstock::store {
namespace {

int Sign(int number) { return number < 0 ? -1 : number > 0; }
template <typename T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : b < a;
}
// As RocksDB compares: by unsigned bytes.
int CompareBytes(const std::string& a, const std::string& b) { return Sign(a.compare(b)); }

auto Parts(const RowKey& key) { return std::tuple(key.source, key.endpoint, key.id); }
auto Parts(const ChangeKey& key) { return std::tuple(key.source, key.number); }
auto Parts(const QuarantineKey& key) { return std::tuple(key.source, key.endpoint, key.name); }
auto Parts(const DayCounterKey& key) { return std::tuple(key.source, key.endpoint, key.day); }
auto Parts(const StampCounterKey& key) {
  return std::tuple(key.source, key.endpoint, key.stamp_day, key.created_day);
}

template <typename Key>
void CheckKeys(const Key& a, const Key& b) {
  const absl::StatusOr<Key> again = Key::Decode(a.Encode());
  CHECK(again.ok() && *again == a);
  CHECK(CompareBytes(a.Encode(), b.Encode()) == Compare(Parts(a), Parts(b)));
}

template <typename Key>
void CheckGarbage(absl::string_view bytes) {
  const absl::StatusOr<Key> key = Key::Decode(bytes);
  if (key.ok()) {
    CHECK(key->Encode() == bytes);
  } else {
    CHECK(absl::IsDataLoss(key.status()));
  }
}

void CheckPrefix(const std::string& prefix, const std::string& key) {
  const std::string end = PrefixEnd(prefix);
  const bool within = prefix <= key && (end.empty() || key < end);
  CHECK(within == absl::StartsWith(key, prefix));
}

template <typename Message>
void CheckValue(absl::string_view bytes) {
  Message message;
  const absl::Status status = DecodeValue(bytes, message);
  if (!status.ok()) {
    CHECK(absl::IsDataLoss(status) || absl::IsUnimplemented(status));
    return;
  }
  const std::string value = EncodeValue(message);
  Message again;
  CHECK(DecodeValue(value, again).ok());
  CHECK(EncodeValue(again) == value);
}

void CheckRow(const RowKey& key, absl::string_view raw) {
  storage::ChangedRow row;
  row.set_endpoint(static_cast<int>(key.endpoint));
  row.set_id(key.id);
  row.mutable_row()->set_raw(raw.data(), raw.size());
  storage::ChangedRow again;
  CHECK(DecodeValue(EncodeValue(row), again).ok());
  CHECK(again.id() == key.id && again.row().raw() == raw);
}

void CheckMark(fuzz::FuzzInput input) {
  CommitMark mark;
  mark.store_id = absl::BytesToHexString(input.Bytes(8));
  mark.epoch = input.Number(8);
  mark.commit = input.Number(8);
  std::string slot = EncodeMarkSlot(mark);
  CHECK(DecodeMarkSlot(slot) == mark);
  const size_t byte = input.Number(1) % slot.size();
  slot[byte] = static_cast<char>(slot[byte] ^ (1 + input.Number(1) % 255));
  CHECK(!DecodeMarkSlot(slot).has_value());
  CHECK(!DecodeMarkSlot(input.Rest()).has_value() ||
        DecodeMarkSlot(EncodeMarkSlot(*DecodeMarkSlot(input.Rest()))) == DecodeMarkSlot(input.Rest()));
  // The other slot is left: its mark, never a third one.
  std::string file = NewMarkFile(mark);
  file.replace(kMarkSlotOffsets[1], input.Rest().size(), std::string(input.Rest()));
  const absl::StatusOr<NewestMark> newest = ReadMarkFile(file, "commit-mark");
  CHECK(newest.ok() && (newest->slot == 1 || newest->mark == mark));
}

// The rule's verdicts, applied one after the other, end at the same version whatever the order of arrival.
void CheckUpsertRule(fuzz::FuzzInput input) {
  std::array<Version, 3> versions;
  for (size_t i = 0; i < versions.size(); ++i) {
    const uint64_t seconds = input.Number(1);
    if (seconds % 8 != 0)
      versions[i].last_updated_time = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
    versions[i].permit = input.Number(1) * versions.size() + i;  // one page each
  }
  const auto last = [&](std::array<size_t, 3> order) {
    size_t stored = order[0];
    for (const size_t incoming : {order[1], order[2]}) {
      if (Decide(versions[stored], versions[incoming], false) == Verdict::kReplace) stored = incoming;
    }
    return stored;
  };
  const size_t winner = last({0, 1, 2});
  for (const std::array<size_t, 3> order :
       {std::array<size_t, 3>{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    CHECK(last(order) == winner);
  }
  for (const Version& version : versions) {
    CHECK(Decide(version, version, true) == Verdict::kIdentical);
    CHECK(versions[winner].last_updated_time >= version.last_updated_time);
  }
}

RowKey NextRowKey(fuzz::FuzzInput& input) {
  RowKey key;
  key.source = static_cast<uint32_t>(input.Number(4));
  key.endpoint = kAllEndpoints[input.Number(1) % kAllEndpoints.size()];
  key.id = "i" + input.Text();
  if (input.Number(1) % 2 == 0) key.id.erase(0, key.id.size() > 1);
  return key;
}

void Fuzz(fuzz::FuzzInput input) {
  // What protobuf writes about each string that is not UTF-8 would drown a finding.
  static const google::protobuf::LogSilencer quiet;
  for (const auto check : {CheckGarbage<RowKey>, CheckGarbage<ChangeKey>, CheckGarbage<QuarantineKey>,
                           CheckGarbage<DayCounterKey>, CheckGarbage<StampCounterKey>}) {
    check(input.Rest());
  }
  CHECK(BudgetKindOf(input.Rest()).ok() || absl::IsDataLoss(BudgetKindOf(input.Rest()).status()));
  for (const auto check :
       {CheckValue<storage::StoreIdentity>, CheckValue<storage::SourceRecord>, CheckValue<storage::JobRecord>,
        CheckValue<storage::WindowRecord>, CheckValue<storage::RowPlace>, CheckValue<storage::ChangedRow>,
        CheckValue<storage::QuarantineRecord>, CheckValue<storage::DayCounterRecord>,
        CheckValue<storage::SlotRecord>, CheckValue<storage::BudgetRecord>,
        CheckValue<storage::LoadRecord>}) {
    check(input.Rest());
  }
  CheckUpsertRule(input);
  CheckMark(input);

  const RowKey a = NextRowKey(input);
  const RowKey b = NextRowKey(input);
  CheckKeys(a, b);
  CheckRow(a, input.Rest());
  CheckPrefix(RowKey::Prefix(a.source, a.endpoint), b.Encode());
  CheckPrefix(a.id, b.id);
  const uint64_t first = input.Number(8);
  const uint64_t second = input.Number(8);
  CheckKeys(ChangeKey{a.source, first}, ChangeKey{b.source, second});
  CheckKeys(DayCounterKey{a.source, a.endpoint, static_cast<int64_t>(first)},
            DayCounterKey{b.source, b.endpoint, static_cast<int64_t>(second)});
  CheckKeys(StampCounterKey{a.source, a.endpoint, static_cast<int64_t>(first), static_cast<int64_t>(second)},
            StampCounterKey{b.source, b.endpoint, static_cast<int64_t>(second), static_cast<int64_t>(first)});
  const auto name = [](uint64_t number) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return absl::BytesToHexString(bytes);
  };
  CheckKeys(QuarantineKey{a.source, a.endpoint, name(first)},
            QuarantineKey{b.source, b.endpoint, name(second)});
  CHECK(CompareBytes(JobKey{first}.Encode(), JobKey{second}.Encode()) == Compare(first, second));
  CHECK(CompareBytes(WindowKey{first}.Encode(), WindowKey{second}.Encode()) == Compare(first, second));
}

}  // namespace
}  // namespace penstock::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  penstock::store::Fuzz({data, size});
  return 0;
}
