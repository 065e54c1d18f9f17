// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_wal_check.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "proto/storage.pb.h"
#include "store/encoding.h"
#include "store/rocks_status.h"

namespace penstock::store {
namespace {

// Finds the identity that a batch writes. The default family has id 0.
class IdentityFinder final : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(uint32_t family, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    if (family == 0 && ToView(key) == key_) commit_ = Read(ToView(value));
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  bool Continue() override { return !commit_; }
  std::optional<uint64_t> commit() const { return commit_; }

 private:
  static std::optional<uint64_t> Read(absl::string_view value) {
    storage::StoreIdentity identity;
    if (!DecodeValue(value, identity).ok()) return std::nullopt;
    return identity.commit();
  }
  const std::string key_ = IdentityKey().Encode();
  std::optional<uint64_t> commit_;
};

absl::Status Incomplete(absl::string_view directory, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("the database in ", directory, " lacks acknowledged commits: ", what,
                   "; nothing was changed on disk; restore the state directory from a backup"));
}

}  // namespace

void WalCheck::ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                        const std::map<std::string, uint32_t>&) {
  oldest_needed_ = UINT64_MAX;
  for (const auto& [family, log] : log_numbers) oldest_needed_ = std::min(oldest_needed_, log);
}

WalCheck::WalProcessingOption WalCheck::LogRecordFound(unsigned long long log, const std::string& file,
                                                       const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                                       bool*) {
  IdentityFinder finder;
  const rocksdb::Status walked = batch.Iterate(&finder);
  if (!walked.ok()) return WalProcessingOption::kCorruptedRecord;
  heard_.insert(log);
  // RocksDB itself writes batches without content when it changes files.
  if (!finder.commit()) return WalProcessingOption::kContinueProcessing;
  const uint64_t commit = *finder.commit();
  // Opening the store writes the identity again under the same number.
  if (last_commit_ && commit != *last_commit_ && commit != *last_commit_ + 1 && gap_.empty()) {
    gap_ = absl::StrCat("after commit ", *last_commit_, " comes ", commit, " in ", file);
  }
  last_commit_ = commit;
  return WalProcessingOption::kContinueProcessing;
}

absl::Status WalCheck::Verdict(rocksdb::Env& env, const std::string& directory) const {
  if (!gap_.empty()) return Incomplete(directory, gap_);
  std::vector<std::string> names;
  RETURN_IF_ERROR(ToStatus(env.GetChildren(directory, &names), "listing the database"));
  std::map<uint64_t, std::string> logs;
  for (const std::string& name : names) {
    uint64_t number = 0;
    if (!absl::EndsWith(name, ".log") || !absl::SimpleAtoi(absl::StripSuffix(name, ".log"), &number))
      continue;
    uint64_t size = 0;
    RETURN_IF_ERROR(
        ToStatus(env.GetFileSize(directory + "/" + name, &size), "looking at the write-ahead log"));
    if (number >= oldest_needed_ && size > 0) logs.emplace(number, name);
  }
  if (!logs.empty()) logs.erase(std::prev(logs.end()));  // the mark watches the last one
  for (const auto& [number, name] : logs) {
    if (heard_.count(number) == 0)
      return Incomplete(directory, absl::StrCat("nothing in ", name, " can be read"));
  }
  return absl::OkStatus();
}

}  // namespace penstock::store
