// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_open.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/encoding.h"
#include "store/rocks_mark_file.h"
#include "store/rocks_options.h"
#include "store/rocks_status.h"
#include "store/rocks_wal_check.h"

namespace penstock::store {
namespace {

constexpr absl::string_view kRestore =
    "; nothing was changed on disk; restore the state directory from a backup";

// Whether there is a database, looking at CURRENT. DATA_LOSS when its files are there without it.
absl::StatusOr<bool> DatabaseExists(rocksdb::Env& env, const std::string& directory) {
  const rocksdb::Status current = env.FileExists(directory + "/CURRENT");
  if (current.ok()) return true;
  if (!current.IsNotFound()) return ToStatus(current, "looking for the database");
  std::vector<std::string> names;
  if (!env.FileExists(directory).ok()) return false;
  RETURN_IF_ERROR(ToStatus(env.GetChildren(directory, &names), "listing the database"));
  for (const std::string& name : names) {
    if (name.rfind("MANIFEST-", 0) == 0 || name.find(".sst") != std::string::npos) {
      return absl::DataLossError(absl::StrCat(directory, "/CURRENT is missing beside ", name, kRestore));
    }
  }
  return false;
}

// The families on disk. UNIMPLEMENTED for one that this version does not know.
absl::StatusOr<bool> AllFamiliesExist(rocksdb::Env& env, const std::string& directory) {
  std::vector<std::string> names;
  const rocksdb::Status listed =
      rocksdb::DB::ListColumnFamilies(DatabaseOptions(&env, /*read_only=*/true, nullptr), directory, &names);
  if (!listed.ok()) {
    return absl::DataLossError(
        absl::StrCat("the database in ", directory, " is damaged: ", listed.ToString(), kRestore));
  }
  std::set<std::string> missing;
  for (Family family : kAllFamilies) missing.emplace(Name(family));
  for (const std::string& name : names) {
    const bool known = missing.erase(name) > 0;
    if (!known) {
      return absl::UnimplementedError(absl::StrCat("the store in ", directory,
                                                   " was written by a newer version (it has '", name,
                                                   "'); run that version of Penstock"));
    }
  }
  return missing.empty();
}

absl::Status CompareWithMark(const storage::StoreIdentity& identity, const CommitMark& mark,
                             const std::string& directory) {
  if (identity.store_id() != mark.store_id) {
    return absl::DataLossError(absl::StrCat(directory, "/commit-mark belongs to store ", mark.store_id,
                                            ", the database is ", identity.store_id(), kRestore));
  }
  if (identity.commit() < mark.commit) {
    return absl::DataLossError(absl::StrCat(
        "the database in ", directory, " ends at commit ", identity.commit(), ", but commit-mark says that ",
        mark.commit, " were acknowledged: it is an old copy or lost its end", kRestore));
  }
  return absl::OkStatus();
}

}  // namespace

std::string DatabasePath(const RocksStoreOptions& options) { return options.directory + "/db"; }
std::string MarkPath(const RocksStoreOptions& options) { return options.directory + "/commit-mark"; }

absl::Status WriteIdentity(const Database& database, const storage::StoreIdentity& identity) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  return ToStatus(database.db().Put(synced, database.family(Family::kDefault), IdentityKey().Encode(),
                                    EncodeValue(identity)),
                  "writing the identity");
}

absl::StatusOr<Inspection> InspectStore(rocksdb::Env& env, const RocksStoreOptions& options) {
  const std::string directory = DatabasePath(options);
  Inspection found;
  // The mark first: a writer that runs beside a reader only moves the database further ahead of it.
  ASSIGN_OR_RETURN(found.mark, MarkFile::Load(env, MarkPath(options)));
  ASSIGN_OR_RETURN(const bool exists, DatabaseExists(env, directory));
  bool whole = false;
  if (exists) {
    ASSIGN_OR_RETURN(whole, AllFamiliesExist(env, directory));
  }
  if (!whole) {
    if (found.mark) {
      return absl::DataLossError(absl::StrCat(directory, " lacks the database that ", MarkPath(options),
                                              " speaks of (", found.mark->commit, " commits)", kRestore));
    }
    found.create = true;
    return found;
  }
  WalCheck wal_check;
  Database::OpenOptions how;
  how.read_only = true;
  how.wal_filter = &wal_check;
  ASSIGN_OR_RETURN(found.reader, Database::Open(env, directory, options, how));
  const absl::Status read =
      found.reader->Get(rocksdb::ReadOptions(), Family::kDefault, IdentityKey().Encode(), found.identity);
  if (absl::IsNotFound(read)) {
    if (found.mark) return absl::DataLossError(absl::StrCat(directory, " has lost its identity", kRestore));
    found.reader.reset();
    found.create = true;
    return found;
  }
  RETURN_IF_ERROR(read);
  RETURN_IF_ERROR(wal_check.Verdict(env, directory));
  if (found.mark) RETURN_IF_ERROR(CompareWithMark(found.identity, *found.mark, options.directory));
  if (!found.mark && found.identity.commit() > 0) {
    return absl::DataLossError(absl::StrCat(MarkPath(options),
                                            " is missing, so it cannot be told whether all of the ",
                                            found.identity.commit(), " commits are there", kRestore));
  }
  return found;
}

}  // namespace penstock::store
