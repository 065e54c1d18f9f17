// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace penstock::store {

// The side file STATE/commit-mark: what the database must at least hold. RocksDB reopens a damaged or old
// copy without a word when the damage looks like a torn tail; a database below its mark is refused instead.
//
//   file := slot at 0, slot at 4096, nothing between them that matters      (8,192 bytes, never grows)
//   slot := "PNSTKMK1" store_id:16 epoch:8 commit:8 zero:16 check:8         (64 bytes, numbers big-endian)
//
// `check` is the first 8 bytes of the SHA-256 of what stands before it. Each write goes to the slot that does
// not hold the newest mark and is synced before the commit is acknowledged, so a torn write leaves the other
// slot. The slots lie on pages of their own because a disk writes whole pages. Rejected: keeping it inside
// the database, which is the very thing it watches.
struct CommitMark {
  std::string store_id;  // at most 16 bytes
  uint64_t epoch = 0;
  uint64_t commit = 0;  // the last acknowledged one
  bool operator==(const CommitMark&) const = default;
};

inline constexpr size_t kMarkSlotBytes = 64;
inline constexpr std::array<uint64_t, 2> kMarkSlotOffsets = {0, 4096};
inline constexpr size_t kMarkFileBytes = 8192;

std::string EncodeMarkSlot(const CommitMark& mark);
// Empty unless the bytes are exactly one whole slot.
std::optional<CommitMark> DecodeMarkSlot(absl::string_view bytes);

// A new file: the mark in the first slot, the second one empty.
std::string NewMarkFile(const CommitMark& mark);

struct NewestMark {
  CommitMark mark;
  size_t slot = 0;  // where it stands; the next one goes into the other
};
// The newest of the file's slots. DATA_LOSS when neither can be read; `path` is for the message.
absl::StatusOr<NewestMark> ReadMarkFile(absl::string_view bytes, absl::string_view path);

}  // namespace penstock::store
