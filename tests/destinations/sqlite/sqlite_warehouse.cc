// SPDX-License-Identifier: Apache-2.0
#include "tests/destinations/sqlite/sqlite_warehouse.h"

#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "destinations/sqlite/sqlite_destination.h"

namespace penstock::destinations {
namespace {

struct Close {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};

std::unique_ptr<sqlite3, Close> OpenFile(const std::string& file) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK) << file;
  // A destination that closes the file folds its WAL in, and holds everybody off for that moment.
  sqlite3_busy_timeout(db, 5000);
  return std::unique_ptr<sqlite3, Close>(db);
}

class SqliteWarehouse final : public Warehouse {
 public:
  std::unique_ptr<Destination> Open(const Clock& clock) override {
    return std::make_unique<sqlite::SqliteDestination>(file_, clock, absl::ZeroDuration());
  }
  void Execute(const std::string& sql) override { ExecuteSql(file_, sql); }
  std::vector<std::vector<std::string>> Query(const std::string& sql) override {
    return QuerySql(file_, sql);
  }
  void RefuseKey(const std::string& table, const std::string& key_column, const std::string& key) override {
    Execute(absl::StrCat("CREATE TRIGGER refuse_", key, " BEFORE INSERT ON ", table, " WHEN NEW.", key_column,
                         " = '", key, "' BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"));
  }
  void AcceptKey(const std::string&, const std::string& key) override {
    Execute(absl::StrCat("DROP TRIGGER refuse_", key));
  }
  std::string TextType() const override { return "VARCHAR(16777216)"; }
  bool KeepsNul() const override { return true; }

 private:
  TemporaryFolder folder_;
  const std::string file_ = folder_ / "warehouse.db";
};

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(absl::StrCat(::testing::TempDir(), "/penstock-XXXXXX")) {
  CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

void ExecuteSql(const std::string& file, const std::string& sql) {
  const auto db = OpenFile(file);
  EXPECT_EQ(sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(db.get());
}

std::vector<std::vector<std::string>> QuerySql(const std::string& file, const std::string& sql) {
  const auto db = OpenFile(file);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db.get(), sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sql << ": " << sqlite3_errmsg(db.get());
  std::vector<std::vector<std::string>> rows;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    std::vector<std::string>& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const char* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      row.push_back(text == nullptr ? "<null>" : std::string(text, sqlite3_column_bytes(statement, i)));
    }
  }
  EXPECT_EQ(code, SQLITE_DONE) << sqlite3_errmsg(db.get());
  sqlite3_finalize(statement);
  return rows;
}

std::unique_ptr<Warehouse> MakeSqliteWarehouse() { return std::make_unique<SqliteWarehouse>(); }

}  // namespace penstock::destinations
