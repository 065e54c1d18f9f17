// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "base/config.h"
#include "tests/fakes/status_matchers.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

absl::StatusOr<Config> WithColumns(const std::string& columns) {
  return ParseConfig(absl::StrCat("version: 1\nsources:\n  acme: {url: https://host/records}\ndestinations:\n"
                                  "  lite: {type: sqlite, path: w.db,\n         columns: ",
                                  columns, "}\n"),
                     "p.yaml");
}

TEST(ConfigColumns, NameWhatIsDroppedAndWhatIsHashed) {
  ASSERT_OK_AND_ASSIGN(const Config config,
                       WithColumns("{drop: [users.EMAIL_ADDR, plugin-calls.PLUGIN_NAME], hash: "
                                   "[users.LAST_NAME], hash_key_file: /k}"));
  const ColumnsConfig& columns = config.destinations.at("lite").columns;
  ASSERT_EQ(columns.drop.size(), 2u);
  EXPECT_EQ(columns.drop[0].endpoint, Endpoint::kUsers);
  EXPECT_EQ(columns.drop[0].column, "EMAIL_ADDR");
  EXPECT_EQ(columns.drop[0].place, "p.yaml:6: key 'drop'");
  EXPECT_EQ(columns.drop[1].endpoint, Endpoint::kPluginCalls);
  ASSERT_EQ(columns.hash.size(), 1u);
  EXPECT_EQ(columns.hash[0].column, "LAST_NAME");
  EXPECT_EQ(columns.hash_key_file, "/k");
}

TEST(ConfigColumns, WithoutThemEverythingIsLoaded) {
  ASSERT_OK_AND_ASSIGN(const Config config, WithColumns("{}"));
  EXPECT_TRUE(config.destinations.at("lite").columns.drop.empty());
  EXPECT_TRUE(config.destinations.at("lite").columns.hash.empty());
}

TEST(ConfigColumns, WhatIsWrongIsSaidWithItsLineAndTheChoices) {
  const std::pair<std::string, std::string> cases[] = {
      {"{drip: [users.EMAIL_ADDR]}", "key 'drip' is not known in 'columns'; did you mean 'drop'?"},
      {"{drop: users.EMAIL_ADDR}", "key 'drop' needs a list of words"},
      {"{drop: [[users.EMAIL_ADDR]]}", "key 'drop' needs a list of words"},
      {"{drop: [EMAIL_ADDR]}", "names 'EMAIL_ADDR'; write ENDPOINT.COLUMN, for example users.EMAIL_ADDR"},
      {"{drop: [user.EMAIL_ADDR]}", "did you mean 'users'?"},
      {"{hash: [users.LAST_NAME]}", "'columns' needs the key 'hash_key_file'"},
      {"{drop: [users.LAST_NAME], hash_key_file: /k}", "key 'hash_key_file' does nothing without hash"},
  };
  for (const auto& [columns, message] : cases) {
    const absl::StatusOr<Config> config = WithColumns(columns);
    EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
    EXPECT_THAT(std::string(config.status().message()), StartsWith("p.yaml:6: "));
  }
}

}  // namespace
}  // namespace penstock
