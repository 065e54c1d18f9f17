// SPDX-License-Identifier: Apache-2.0
#include "store/commit_mark.h"

#include <openssl/sha.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock::store {
namespace {

constexpr absl::string_view kMagic = "PNSTKMK1";
constexpr size_t kIdBytes = 16;
constexpr size_t kCheckAt = 56;

void Append8(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

uint64_t Read8(absl::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes.substr(0, 8)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string Check(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), 8);
}

}  // namespace

std::string EncodeMarkSlot(const CommitMark& mark) {
  CHECK(mark.store_id.size() <= kIdBytes);
  std::string slot(kMagic);
  slot += mark.store_id;
  slot.resize(kMagic.size() + kIdBytes, '\0');
  Append8(slot, mark.epoch);
  Append8(slot, mark.commit);
  slot.resize(kCheckAt, '\0');
  slot += Check(slot);
  CHECK(slot.size() == kMarkSlotBytes);
  return slot;
}

std::optional<CommitMark> DecodeMarkSlot(absl::string_view bytes) {
  if (bytes.size() != kMarkSlotBytes || bytes.substr(0, kMagic.size()) != kMagic ||
      bytes.substr(kCheckAt) != Check(bytes.substr(0, kCheckAt))) {
    return std::nullopt;
  }
  const absl::string_view id = bytes.substr(kMagic.size(), kIdBytes);
  return CommitMark{std::string(id.substr(0, id.find('\0'))), Read8(bytes.substr(24)),
                    Read8(bytes.substr(32))};
}

std::string NewMarkFile(const CommitMark& mark) {
  std::string file = EncodeMarkSlot(mark);
  file.resize(kMarkFileBytes, '\0');
  return file;
}

absl::StatusOr<NewestMark> ReadMarkFile(absl::string_view bytes, absl::string_view path) {
  std::optional<NewestMark> newest;
  for (size_t slot = 0; slot < kMarkSlotOffsets.size(); ++slot) {
    if (bytes.size() < kMarkSlotOffsets[slot]) break;
    const auto mark = DecodeMarkSlot(bytes.substr(kMarkSlotOffsets[slot], kMarkSlotBytes));
    if (!mark) continue;
    if (!newest ||
        std::pair(mark->epoch, mark->commit) > std::pair(newest->mark.epoch, newest->mark.commit)) {
      newest = NewestMark{*mark, slot};
    }
  }
  if (newest) return *newest;
  return absl::DataLossError(
      absl::StrCat(path,
                   " is damaged in both slots, so it cannot be told whether the database "
                   "is whole; restore the state directory from a backup"));
}

}  // namespace penstock::store
