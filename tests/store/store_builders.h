// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "base/status_macros.h"
#include "gtest/gtest.h"
#include "proto/convert.h"
#include "store/store.h"

namespace penstock::store {

// A row as a worker would send it. An empty stamp stays unset. `extra` makes content differ under one stamp.
inline v1::Row MakeRow(const std::string& id, const std::string& updated, const std::string& extra = "",
                       const std::string& created = "2026-03-18T10:00:00.000Z") {
  v1::Row row;
  row.set_id(id);
  row.set_raw(absl::StrCat(R"({"id":")", id, R"(","last_updated_time":")", updated, R"(","created_time":")",
                           created, R"(","extra":")", extra, R"("})"));
  if (const auto time = ParseStamp(created)) *row.mutable_created_time() = ToProto(*time);
  if (const auto time = ParseStamp(updated)) *row.mutable_last_updated_time() = ToProto(*time);
  return row;
}

inline v1::QuarantinedRecord MakeQuarantined(const std::string& raw) {
  v1::QuarantinedRecord record;
  record.set_raw(raw);
  record.set_reason("it has no id");
  return record;
}

inline PageWrite MakePage(uint64_t permit, std::vector<v1::Row> rows, uint32_t source = 1,
                          Endpoint endpoint = Endpoint::kConversations) {
  PageWrite page;
  page.source = source;
  page.endpoint = endpoint;
  page.window = 1001;
  page.permit = permit;
  page.now = absl::FromUnixSeconds(1'773'000'000);
  page.rows = std::move(rows);
  return page;
}

inline storage::SourceRecord MakeSource(uint32_t id) {
  storage::SourceRecord source;
  source.set_id(id);
  source.set_name(absl::StrCat("source-", id));
  source.set_url(absl::StrCat("https://", id, ".example/export/v1/records"));
  return source;
}

inline Batch MakeBatch(std::vector<Record> records, std::optional<PageWrite> page = std::nullopt) {
  Batch batch;
  batch.records = std::move(records);
  batch.page = std::move(page);
  return batch;
}
inline Batch MakeBatch(PageWrite page) { return MakeBatch({}, std::move(page)); }

// A directory of one test, removed at its end. Does not exist at the beginning.
class TestDirectory {
 public:
  TestDirectory() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::string name = absl::StrCat(test->test_suite_name(), ".", test->name(), ".", ::getpid());
    for (char& c : name) c = c == '/' ? '_' : c;
    path_ = (std::filesystem::path(::testing::TempDir()) / name).string();
    std::filesystem::remove_all(path_);
  }
  ~TestDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace penstock::store
