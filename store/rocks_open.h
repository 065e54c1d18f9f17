// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/random.h"
#include "rocksdb/env.h"
#include "store/commit_mark.h"
#include "store/rocks_database.h"
#include "store/rocks_store.h"

namespace penstock::store {

// The checks before a store is opened. Nothing on disk changes until all have passed: RocksDB's own recovery
// rewrites files, and would so remove the evidence of what it lost.
//
//   commit-mark   database           verdict
//   -----------   ----------------   ------------------------------------------------------------------
//   absent        absent             new store (NOT_FOUND for a reader)
//   absent        no commit yet      its creation was interrupted: goes on
//   absent        commits            DATA_LOSS: it cannot be told whether they are all there
//   present       absent             DATA_LOSS
//   present       below the mark     DATA_LOSS
//   present       of another store   DATA_LOSS
//   present       at or above it     opens; above: the last commit was synced and its acknowledgement was not
struct Inspection {
  bool create = false;              // there is no store yet, or only the beginning of one
  storage::StoreIdentity identity;  // of the database; empty when `create`
  std::optional<CommitMark> mark;
  std::unique_ptr<Database> reader;  // open for reading; null when `create`
};

absl::StatusOr<Inspection> InspectStore(rocksdb::Env& env, const RocksStoreOptions& options);

// Durable when it returns.
absl::Status WriteIdentity(const Database& database, const storage::StoreIdentity& identity);

std::string DatabasePath(const RocksStoreOptions& options);
std::string MarkPath(const RocksStoreOptions& options);

}  // namespace penstock::store
