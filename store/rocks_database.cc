// SPDX-License-Identifier: Apache-2.0
#include "store/rocks_database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/rocks_options.h"
#include "store/rocks_status.h"

namespace penstock::store {

absl::StatusOr<std::unique_ptr<Database>> Database::Open(rocksdb::Env& env, const std::string& directory,
                                                         const RocksStoreOptions& options, OpenOptions how,
                                                         std::shared_ptr<rocksdb::EventListener> listener) {
  rocksdb::DBOptions db_options = DatabaseOptions(&env, how.read_only, how.wal_filter);
  db_options.create_if_missing = how.create;
  db_options.create_missing_column_families = how.create;
  if (listener != nullptr) db_options.listeners.push_back(std::move(listener));
  std::unique_ptr<Database> database(new Database);
  rocksdb::DB* db = nullptr;
  const auto descriptors = FamilyDescriptors(options);
  const rocksdb::Status opened =
      how.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, directory, descriptors, &database->handles_, &db)
          : rocksdb::DB::Open(db_options, directory, descriptors, &database->handles_, &db);
  // A copy with a file missing or cut says so as a failed read.
  if (opened.IsPathNotFound() || (opened.IsInvalidArgument() && !how.create)) {
    return absl::DataLossError(absl::StrCat(
        "the database in ", directory, " is not whole: ", opened.ToString(), "; restore it from a backup"));
  }
  RETURN_IF_ERROR(ToStatus(opened, absl::StrCat("opening ", directory)));
  database->db_.reset(db);
  return database;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_)
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
}

absl::Status Database::Get(const rocksdb::ReadOptions& options, Family family, absl::string_view key,
                           google::protobuf::MessageLite& message) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status got = db_->Get(options, this->family(family), ToSlice(key), &value);
  if (got.IsNotFound()) return absl::NotFoundError("not stored");
  RETURN_IF_ERROR(ToStatus(got, absl::StrCat("reading ", Name(family))));
  return DecodeValue(ToView(value), message);
}

}  // namespace penstock::store
