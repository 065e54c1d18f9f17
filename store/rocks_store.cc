// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status_macros.h"
#include "store/directory_lock.h"
#include "store/encoding.h"
#include "store/rocks_mark_file.h"
#include "store/rocks_open.h"
#include "store/rocks_seams.h"
#include "store/rocks_status.h"
#include "store/rocks_store_impl.h"

namespace penstock::store {
namespace {

// Past every token of an earlier start, even when the store was restored from an old copy: then the clock is
// ahead.
uint64_t NextEpoch(const Inspection& found, const Clock& clock) {
  uint64_t stored = found.identity.epoch();
  if (found.mark) stored = std::max(stored, found.mark->epoch);
  const int64_t now = absl::ToUnixSeconds(clock.Now().wall);
  return std::max(stored + 1, static_cast<uint64_t>(std::max<int64_t>(now, 0)));
}

absl::StatusOr<Sources> LoadSources(const Database& database) {
  Sources sources;
  const rocksdb::ReadOptions options = IteratorOptions();
  const std::string prefix = SourceKey::Prefix();
  std::unique_ptr<rocksdb::Iterator> it(
      database.db().NewIterator(options, database.family(Family::kDefault)));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    storage::SourceRecord source;
    RETURN_IF_ERROR(DecodeValue(ToView(it->value()), source));
    sources[source.id()] = source;
  }
  RETURN_IF_ERROR(ToStatus(it->status(), "reading the sources"));
  return sources;
}

absl::StatusOr<std::unique_ptr<Store>> OpenReader(rocksdb::Env& env, const RocksStoreOptions& options) {
  if (!env.FileExists(DatabasePath(options) + "/CURRENT").ok() && !env.FileExists(MarkPath(options)).ok()) {
    return absl::NotFoundError(absl::StrCat("there is no store in ", options.directory,
                                            "; start one with: penstock run --state ", options.directory));
  }
  ASSIGN_OR_RETURN(Inspection found, InspectStore(env, options));
  if (found.create) {
    return absl::NotFoundError(absl::StrCat("the store in ", options.directory,
                                            " was never finished; start it with: "
                                            "penstock run --state ",
                                            options.directory));
  }
  RocksParts parts;
  parts.env = &env;
  parts.options = options;
  parts.database = std::move(found.reader);
  parts.identity = found.identity;
  ASSIGN_OR_RETURN(parts.sources, LoadSources(*parts.database));
  return std::make_unique<RocksStore>(std::move(parts));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStoreOn(rocksdb::Env& env, const RocksStoreOptions& options,
                                                        const Clock& clock, Random& random) {
  if (options.read_only) return OpenReader(env, options);
  RETURN_IF_ERROR(PrepareStateDirectory(options.directory));
  ASSIGN_OR_RETURN(DirectoryLock lock, DirectoryLock::Take(options.directory));
  RocksParts parts;
  parts.env = &env;
  parts.options = options;
  parts.lock = std::make_unique<DirectoryLock>(std::move(lock));
  parts.errors = std::make_shared<DiskErrors>();
  ASSIGN_OR_RETURN(Inspection found, InspectStore(env, options));
  found.reader.reset();
  Database::OpenOptions how;
  how.create = found.create;
  ASSIGN_OR_RETURN(parts.database, Database::Open(env, DatabasePath(options), options, how, parts.errors));

  parts.identity = found.identity;
  if (found.create) parts.identity.set_store_id(NewId(random));
  parts.identity.set_epoch(NextEpoch(found, clock));
  RETURN_IF_ERROR(WriteIdentity(*parts.database, parts.identity));
  const CommitMark mark{parts.identity.store_id(), parts.identity.epoch(), parts.identity.commit()};
  if (!found.mark) RETURN_IF_ERROR(MarkFile::Create(env, MarkPath(options), mark));
  ASSIGN_OR_RETURN(parts.mark, MarkFile::Open(env, MarkPath(options)));
  if (found.mark) RETURN_IF_ERROR(parts.mark->Write(mark));
  ASSIGN_OR_RETURN(parts.sources, LoadSources(*parts.database));
  return std::make_unique<RocksStore>(std::move(parts));
}

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const RocksStoreOptions& options, const Clock& clock,
                                                      Random& random) {
  return OpenRocksStoreOn(*rocksdb::Env::Default(), options, clock, random);
}

}  // namespace penstock::store
