// SPDX-License-Identifier: Apache-2.0
#include "sandbox/folder_table.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "sandbox/service.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/status_matchers.h"
#include "tests/sandbox/page_reader.h"

namespace penstock::sandbox {
namespace {

using ::testing::HasSubstr;

std::string Record(const RecordTable& table, uint32_t row) {
  std::string text;
  table.Append(row, &text);
  return text;
}

TEST(FolderTable, KeepsTheBytesOfEveryRecord) {
  const std::string first =
      "{ \"id\" : \"a\",\n  \"n\": 12345678901234567890.10, \"s\":\"\\u00e9\\/\", \"e\":[ ] }";
  ASSERT_OK_AND_ASSIGN(
      const auto table,
      ReadRecords(absl::StrCat("{\"value\": [", first, " , {\"x\":null}\n]}"), Endpoint::kUsers, "f"));
  ASSERT_EQ(table->size(), 2u);
  EXPECT_EQ(Record(*table, 0), first);
  EXPECT_EQ(Record(*table, 1), "{\"x\":null}");
}

TEST(FolderTable, ReadsABareArrayAndNothing) {
  ASSERT_OK_AND_ASSIGN(const auto one, ReadRecords(R"([{"id":"a"}])", Endpoint::kUsers, "f"));
  EXPECT_EQ(one->size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto none, ReadRecords(R"({"value":[]})", Endpoint::kUsers, "f"));
  EXPECT_EQ(none->size(), 0u);
}

TEST(FolderTable, PropertiesNobodyAnnouncedCanBeAskedFor) {
  ASSERT_OK_AND_ASSIGN(
      const auto table,
      ReadRecords(R"([{"id":"a","org":"x","size":7},{"id":"b","blob":{}}])", Endpoint::kConversations, "f"));
  ASSERT_NE(table->column("org"), nullptr);
  EXPECT_EQ(table->column("org")->Key(1), Column::kNull);
  ASSERT_NE(table->column("size"), nullptr);
  EXPECT_EQ(table->column("size")->Key(0), table->column("size")->LowerBound("7"));
  EXPECT_EQ(table->column("blob"), nullptr) << "objects are not compared";
  EXPECT_EQ(table->column("nonsense"), nullptr);
}

TEST(FolderTable, AFileOfAnotherShapeIsNamed) {
  for (const char* text : {"", "{", "{\"value\":{}}", "[1]", "{\"rows\":[]}", "[{\"id\":]"}) {
    EXPECT_THAT(ReadRecords(text, Endpoint::kUsers, "some/users.json"),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("some/users.json")))
        << text;
  }
}

TEST(FolderTable, AMissingFileIsAnEmptyEndpointAndAMissingFolderAnError) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/folder_", NewId(SystemRandom()));
  EXPECT_THAT(ReadFolder(folder, Endpoint::kUsers),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(folder)));
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/users.json") << UsersJson(3);
  ASSERT_OK_AND_ASSIGN(const auto users, ReadFolder(folder, Endpoint::kUsers));
  EXPECT_EQ(users->size(), 3u);
  ASSERT_OK_AND_ASSIGN(const auto calls, ReadFolder(folder, Endpoint::kPluginCalls));
  EXPECT_EQ(calls->size(), 0u);
  std::filesystem::remove_all(folder);
}

// The responses that the vendor publishes are not part of this tree: PENSTOCK_SAMPLES names the folder with
// them.
TEST(FolderTable, ThePublishedSamplesAreServedTokenForToken) {
  const char* folder = std::getenv("PENSTOCK_SAMPLES");
  if (folder == nullptr || !std::filesystem::is_directory(folder)) {
    GTEST_SKIP() << "set PENSTOCK_SAMPLES to a folder with conversations.json and its neighbours";
  }
  FakeClock clock;
  SandboxOptions options;
  options.data_folder = folder;
  options.per_minute = 0;
  ASSERT_OK_AND_ASSIGN(const auto service, Service::Open(options, clock.Now()));
  for (Endpoint endpoint : kAllEndpoints) {
    std::ifstream file(absl::StrCat(folder, "/", Name(endpoint), ".json"));
    std::ostringstream text;
    text << file.rdbuf();
    std::vector<std::string> served;
    std::string link = absl::StrCat("/export/v1/records/", Name(endpoint));
    while (!link.empty()) {
      const ReadPage page = Parse(service->Handle(Get(link), clock.Now()).body);
      ASSERT_TRUE(page.has_value);
      served.insert(served.end(), page.records.begin(), page.records.end());
      link = page.next;
    }
    EXPECT_EQ(served, Parse(text.str()).records) << Name(endpoint);
  }
}

}  // namespace
}  // namespace penstock::sandbox
