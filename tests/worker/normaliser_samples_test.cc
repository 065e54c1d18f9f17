// SPDX-License-Identifier: Apache-2.0
#include <simdjson.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/fakes/status_matchers.h"
#include "worker/normaliser.h"

namespace penstock::worker {

using destinations::GuideTable;

struct SampleFile {
  Endpoint endpoint;
  size_t rows;
};

// The responses that the vendor publishes are no part of this project: PENSTOCK_SAMPLES names a folder with
// conversations.json, interactions.json, plugin-calls.json, plugin-resources.json and users.json.
class PublishedSamples : public ::testing::TestWithParam<SampleFile> {
 protected:
  static std::vector<v1::Change> Load(const std::string& file) {
    std::vector<v1::Change> changes;
    const simdjson::padded_string json = simdjson::padded_string::load(file);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document = parser.iterate(json);
    for (simdjson::ondemand::object record : document["value"]) {
      v1::Change& change = changes.emplace_back();
      change.set_number(changes.size());
      change.mutable_row()->set_raw(std::string(std::string_view(record.raw_json())));
      record.reset();
      change.mutable_row()->set_id(std::string(std::string_view(record["id"])));
    }
    return changes;
  }
};

TEST_P(PublishedSamples, FitTheirTablesWithNothingLeftOver) {
  const char* folder = std::getenv("PENSTOCK_SAMPLES");
  if (folder == nullptr)
    GTEST_SKIP() << "set PENSTOCK_SAMPLES to the folder of the published sample responses";
  const Endpoint endpoint = GetParam().endpoint;
  const absl::string_view name = Name(endpoint);
  const std::vector<v1::Change> changes = Load(absl::StrCat(folder, "/", name, ".json"));
  EXPECT_EQ(changes.size(), GetParam().rows);
  const size_t key_only = 1;
  for (const v1::Change& change : changes) {
    ASSERT_OK_AND_ASSIGN(const Normalised result, Normalise(change, GuideTable(endpoint)));
    EXPECT_EQ(result.irregular, 0u) << change.row().raw();
    EXPECT_EQ(result.row.extra, "") << change.row().raw();
    size_t filled = 0;
    for (const destinations::Value& value : result.row.values) filled += value.index() != 0;
    EXPECT_GT(filled, key_only + 2) << change.row().raw();
  }
}

INSTANTIATE_TEST_SUITE_P(AllEndpoints, PublishedSamples,
                         ::testing::Values(SampleFile{Endpoint::kConversations, 143},
                                           SampleFile{Endpoint::kInteractions, 597},
                                           SampleFile{Endpoint::kPluginCalls, 384},
                                           SampleFile{Endpoint::kPluginResources, 3064},
                                           SampleFile{Endpoint::kUsers, 20}));

}  // namespace penstock::worker
