// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/endpoint.h"
#include "google/protobuf/message_lite.h"
#include "proto/storage.pb.h"

namespace penstock::store {

// The whole keyspace. Families part what lives long from what is overwritten every second.
//
//   family      key                                             value
//   ----------  ----------------------------------------------  ---------------------------------
//   default     'i'                                             StoreIdentity    this store, last commit
//               's' <source:4>                                  SourceRecord
//               'x' <source:4> <hash:32>                        SuppressionRecord
//               'e' <source:4> <number:8>                       ErasureRecord
//   jobs        <job:8>                                         JobRecord
//   windows     <window:8>                                      WindowRecord
//   rows        <source:4> <endpoint:1> <id:1..1024>            RowPlace         which change holds the row
//   changes     <source:4> <number:8>                           ChangedRow       the row, or word that it is erased
//   loads       <source:4> <destination:*>                      LoadRecord
//   quarantine  <source:4> <endpoint:1> <name:8>                QuarantineRecord
//   budget      <source:4> 'b'                                  BudgetRecord
//               <source:4> 's' <ring:4> <index:4>               SlotRecord
//   counters    <source:4> <endpoint:1> <day:8>                 DayCounterRecord rows by day of created_time
//               <source:4> <128 + endpoint:1> <day:8> <day:8>   DayCounterRecord by day of last_updated_time,
//                                                                                then of created_time
//
// Numbers are big-endian, so byte order is number order; <day> has its sign bit flipped for the same reason.
// <id> and <destination> are arbitrary bytes and always come last, so nothing needs escaping.
//
// Why a row's bytes lie under its change number and not under its id: ids are random, change numbers only
// grow. Under the number every new row lands at the end, files never need merging, a load reads the sequence
// from front to back, and rows that came in one page are neighbours when that page is read again. The price
// is one more lookup by id.
//
// A value is one format byte and a protobuf message of storage.proto.

enum class Family { kDefault, kJobs, kWindows, kRows, kChanges, kLoads, kQuarantine, kBudget, kCounters };
inline constexpr std::array<Family, 9> kAllFamilies = {
    Family::kDefault, Family::kJobs,       Family::kWindows, Family::kRows,    Family::kChanges,
    Family::kLoads,   Family::kQuarantine, Family::kBudget,  Family::kCounters};
absl::string_view Name(Family family);

inline constexpr size_t kMaxIdBytes = 1024;

// Keys are types: each knows its family, encodes itself, and can be read back. Decode gives DATA_LOSS for
// bytes that are not such a key.

struct IdentityKey {
  static constexpr Family kFamily = Family::kDefault;
  std::string Encode() const;
};

struct SourceKey {
  static constexpr Family kFamily = Family::kDefault;
  uint32_t source = 0;
  std::string Encode() const;
  static std::string Prefix();
};

struct SuppressionKey {
  static constexpr Family kFamily = Family::kDefault;
  uint32_t source = 0;
  std::string hash;  // 64 lower-case hex digits
  std::string Encode() const;
  static std::string Prefix();
};

struct ErasureKey {
  static constexpr Family kFamily = Family::kDefault;
  uint32_t source = 0;
  uint64_t number = 0;
  std::string Encode() const;
  static std::string Prefix();
};

struct JobKey {
  static constexpr Family kFamily = Family::kJobs;
  uint64_t job = 0;
  std::string Encode() const;
};

struct WindowKey {
  static constexpr Family kFamily = Family::kWindows;
  uint64_t window = 0;
  std::string Encode() const;
};

struct RowKey {
  static constexpr Family kFamily = Family::kRows;
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  std::string id;
  std::string Encode() const;
  static absl::StatusOr<RowKey> Decode(absl::string_view key);
  static std::string Prefix(uint32_t source, Endpoint endpoint);
  bool operator==(const RowKey&) const = default;
};

struct ChangeKey {
  static constexpr Family kFamily = Family::kChanges;
  uint32_t source = 0;
  uint64_t number = 0;
  std::string Encode() const;
  static absl::StatusOr<ChangeKey> Decode(absl::string_view key);
  static std::string Prefix(uint32_t source);
  bool operator==(const ChangeKey&) const = default;
};

struct LoadKey {
  static constexpr Family kFamily = Family::kLoads;
  uint32_t source = 0;
  std::string destination;
  std::string Encode() const;
};

struct QuarantineKey {
  static constexpr Family kFamily = Family::kQuarantine;
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  std::string name;  // 16 lower-case hex digits
  std::string Encode() const;
  static absl::StatusOr<QuarantineKey> Decode(absl::string_view key);
  static std::string Prefix(uint32_t source);
  bool operator==(const QuarantineKey&) const = default;
};

struct BudgetKey {
  static constexpr Family kFamily = Family::kBudget;
  uint32_t source = 0;
  std::string Encode() const;
};

struct SlotKey {
  static constexpr Family kFamily = Family::kBudget;
  uint32_t source = 0;
  int32_t ring = 0;
  uint32_t index = 0;
  std::string Encode() const;
};
// Which of the two kinds a key of the budget family is.
enum class BudgetKind { kBudget, kSlot };
absl::StatusOr<BudgetKind> BudgetKindOf(absl::string_view key);

struct DayCounterKey {
  static constexpr Family kFamily = Family::kCounters;
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  int64_t day = 0;
  std::string Encode() const;
  static absl::StatusOr<DayCounterKey> Decode(absl::string_view key);
  static std::string Prefix(uint32_t source, Endpoint endpoint);
  bool operator==(const DayCounterKey&) const = default;
};

struct StampCounterKey {
  static constexpr Family kFamily = Family::kCounters;
  uint32_t source = 0;
  Endpoint endpoint = Endpoint::kConversations;
  int64_t stamp_day = 0;
  int64_t created_day = 0;
  std::string Encode() const;
  static absl::StatusOr<StampCounterKey> Decode(absl::string_view key);
  static std::string Prefix(uint32_t source, Endpoint endpoint);
  bool operator==(const StampCounterKey&) const = default;
};

// The first key after all that begin with `prefix`. Empty when there is none (all bytes 0xFF).
std::string PrefixEnd(std::string prefix);

// The format that this version writes. It reads this one and all before it.
inline constexpr uint8_t kValueFormat = 1;

// Format byte, then the message. Appends nothing else, so the same message gives the same bytes within one
// version.
std::string EncodeValue(const google::protobuf::MessageLite& message);
// The same into a buffer that is used again and again.
void EncodeValueInto(const google::protobuf::MessageLite& message, std::string& value);
// Errors: UNIMPLEMENTED for a newer format; DATA_LOSS for anything that is not such a value.
absl::Status DecodeValue(absl::string_view value, google::protobuf::MessageLite& message);

}  // namespace penstock::store
