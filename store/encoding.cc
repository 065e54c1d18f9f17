// SPDX-License-Identifier: Apache-2.0
#include "store/encoding.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "proto/convert.h"

namespace penstock::store {
namespace {

constexpr char kIdentityTag = 'i';
constexpr char kSourceTag = 's';
constexpr char kSuppressionTag = 'x';
constexpr char kErasureTag = 'e';
constexpr char kBudgetTag = 'b';
constexpr char kSlotTag = 's';
constexpr int kStampCounterBit = 0x80;  // of the endpoint's byte
constexpr uint64_t kSignBit = uint64_t{1} << 63;

void Append4(std::string& key, uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(number >> shift);
}
void Append8(std::string& key, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(number >> shift);
}
void Append(std::string& key, Endpoint endpoint) { key += static_cast<char>(endpoint); }

uint64_t ReadNumber(absl::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

absl::Status NotAKey(absl::string_view what, absl::string_view key) {
  return absl::DataLossError(absl::StrCat("'", absl::CHexEscape(key.substr(0, 64)), "' is not the key of a ",
                                          what, "; the database is damaged: restore a backup"));
}

// Reads <source:4> <endpoint:1> and takes them off.
bool TakeSourceAndEndpoint(absl::string_view& key, uint32_t& source, Endpoint& endpoint) {
  if (key.size() < 5 || !IsEndpoint(static_cast<unsigned char>(key[4]))) return false;
  source = static_cast<uint32_t>(ReadNumber(key.substr(0, 4)));
  endpoint = static_cast<Endpoint>(key[4]);
  key.remove_prefix(5);
  return true;
}

std::string SourceAndEndpoint(uint32_t source, Endpoint endpoint) {
  std::string key;
  Append4(key, source);
  Append(key, endpoint);
  return key;
}

}  // namespace

absl::string_view Name(Family family) {
  switch (family) {
    case Family::kDefault:
      return "default";
    case Family::kJobs:
      return "jobs";
    case Family::kWindows:
      return "windows";
    case Family::kRows:
      return "rows";
    case Family::kChanges:
      return "changes";
    case Family::kLoads:
      return "loads";
    case Family::kQuarantine:
      return "quarantine";
    case Family::kBudget:
      return "budget";
    case Family::kCounters:
      return "counters";
  }
  CHECK(false);
}

std::string IdentityKey::Encode() const { return std::string(1, kIdentityTag); }

std::string SourceKey::Prefix() { return std::string(1, kSourceTag); }
std::string SourceKey::Encode() const {
  std::string key = Prefix();
  Append4(key, source);
  return key;
}

std::string SuppressionKey::Prefix() { return std::string(1, kSuppressionTag); }
std::string SuppressionKey::Encode() const {
  CHECK(hash.size() == 64);
  std::string key = Prefix();
  Append4(key, source);
  return key + absl::HexStringToBytes(hash);
}

std::string ErasureKey::Prefix() { return std::string(1, kErasureTag); }
std::string ErasureKey::Encode() const {
  std::string key = Prefix();
  Append4(key, source);
  Append8(key, number);
  return key;
}

std::string JobKey::Encode() const {
  std::string key;
  Append8(key, job);
  return key;
}

std::string WindowKey::Encode() const {
  std::string key;
  Append8(key, window);
  return key;
}

std::string RowKey::Prefix(uint32_t source, Endpoint endpoint) { return SourceAndEndpoint(source, endpoint); }
std::string RowKey::Encode() const { return Prefix(source, endpoint) + id; }
absl::StatusOr<RowKey> RowKey::Decode(absl::string_view key) {
  RowKey row;
  absl::string_view rest = key;
  if (!TakeSourceAndEndpoint(rest, row.source, row.endpoint) || rest.empty() || rest.size() > kMaxIdBytes) {
    return NotAKey("row", key);
  }
  row.id = std::string(rest);
  return row;
}

std::string ChangeKey::Prefix(uint32_t source) {
  std::string key;
  Append4(key, source);
  return key;
}
std::string ChangeKey::Encode() const {
  std::string key = Prefix(source);
  Append8(key, number);
  return key;
}
absl::StatusOr<ChangeKey> ChangeKey::Decode(absl::string_view key) {
  if (key.size() != 12) return NotAKey("change", key);
  return ChangeKey{static_cast<uint32_t>(ReadNumber(key.substr(0, 4))), ReadNumber(key.substr(4))};
}

std::string LoadKey::Encode() const {
  std::string key;
  Append4(key, source);
  return key + destination;
}

std::string QuarantineKey::Prefix(uint32_t source) {
  std::string key;
  Append4(key, source);
  return key;
}
std::string QuarantineKey::Encode() const {
  CHECK(name.size() == 16);
  return SourceAndEndpoint(source, endpoint) + absl::HexStringToBytes(name);
}
absl::StatusOr<QuarantineKey> QuarantineKey::Decode(absl::string_view key) {
  QuarantineKey quarantine;
  absl::string_view rest = key;
  if (!TakeSourceAndEndpoint(rest, quarantine.source, quarantine.endpoint) || rest.size() != 8) {
    return NotAKey("quarantined record", key);
  }
  quarantine.name = absl::BytesToHexString(rest);
  return quarantine;
}

std::string BudgetKey::Encode() const {
  std::string key;
  Append4(key, source);
  return key + kBudgetTag;
}

std::string SlotKey::Encode() const {
  std::string key;
  Append4(key, source);
  key += kSlotTag;
  Append4(key, static_cast<uint32_t>(ring));
  Append4(key, index);
  return key;
}

absl::StatusOr<BudgetKind> BudgetKindOf(absl::string_view key) {
  if (key.size() == 5 && key[4] == kBudgetTag) return BudgetKind::kBudget;
  if (key.size() == 13 && key[4] == kSlotTag) return BudgetKind::kSlot;
  return NotAKey("budget or slot", key);
}

std::string DayCounterKey::Prefix(uint32_t source, Endpoint endpoint) {
  return SourceAndEndpoint(source, endpoint);
}
std::string DayCounterKey::Encode() const {
  std::string key = Prefix(source, endpoint);
  Append8(key, static_cast<uint64_t>(day) ^ kSignBit);
  return key;
}
absl::StatusOr<DayCounterKey> DayCounterKey::Decode(absl::string_view key) {
  DayCounterKey counter;
  absl::string_view rest = key;
  if (!TakeSourceAndEndpoint(rest, counter.source, counter.endpoint) || rest.size() != 8) {
    return NotAKey("day counter", key);
  }
  counter.day = static_cast<int64_t>(ReadNumber(rest) ^ kSignBit);
  return counter;
}

std::string StampCounterKey::Prefix(uint32_t source, Endpoint endpoint) {
  std::string key;
  Append4(key, source);
  key += static_cast<char>(kStampCounterBit | static_cast<int>(endpoint));
  return key;
}
std::string StampCounterKey::Encode() const {
  std::string key = Prefix(source, endpoint);
  Append8(key, static_cast<uint64_t>(stamp_day) ^ kSignBit);
  Append8(key, static_cast<uint64_t>(created_day) ^ kSignBit);
  return key;
}
absl::StatusOr<StampCounterKey> StampCounterKey::Decode(absl::string_view key) {
  if (key.size() != 21) return NotAKey("stamp counter", key);
  const int tagged = static_cast<unsigned char>(key[4]);
  if ((tagged & kStampCounterBit) == 0 || !IsEndpoint(tagged ^ kStampCounterBit))
    return NotAKey("stamp counter", key);
  StampCounterKey counter;
  counter.source = static_cast<uint32_t>(ReadNumber(key.substr(0, 4)));
  counter.endpoint = static_cast<Endpoint>(tagged ^ kStampCounterBit);
  counter.stamp_day = static_cast<int64_t>(ReadNumber(key.substr(5, 8)) ^ kSignBit);
  counter.created_day = static_cast<int64_t>(ReadNumber(key.substr(13)) ^ kSignBit);
  return counter;
}

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::string EncodeValue(const google::protobuf::MessageLite& message) {
  std::string value;
  EncodeValueInto(message, value);
  return value;
}

void EncodeValueInto(const google::protobuf::MessageLite& message, std::string& value) {
  const size_t size = message.ByteSizeLong();
  value.resize(1 + size);
  value[0] = static_cast<char>(kValueFormat);
  google::protobuf::io::ArrayOutputStream array(value.data() + 1, static_cast<int>(size));
  google::protobuf::io::CodedOutputStream coded(&array);
  coded.SetSerializationDeterministic(
      true);  // otherwise a map's entries come in an order of their own each time
  message.SerializeWithCachedSizes(&coded);
  coded.Trim();
  CHECK(!coded.HadError() && static_cast<size_t>(coded.ByteCount()) == size);
}

absl::Status DecodeValue(absl::string_view value, google::protobuf::MessageLite& message) {
  if (!value.empty() && static_cast<unsigned char>(value[0]) > kValueFormat) {
    return absl::UnimplementedError(
        absl::StrCat("a stored value has format ", static_cast<int>(static_cast<unsigned char>(value[0])),
                     ", this version reads up to ", static_cast<int>(kValueFormat),
                     "; run the version of Penstock that wrote it"));
  }
  if (value.empty() || value[0] == 0 ||
      !message.ParseFromArray(value.data() + 1, static_cast<int>(value.size() - 1))) {
    return absl::DataLossError(absl::StrCat("a stored ", message.GetTypeName(),
                                            " cannot be read; the database is damaged: restore a backup"));
  }
  return absl::OkStatus();
}

}  // namespace penstock::store
