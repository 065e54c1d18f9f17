// SPDX-License-Identifier: Apache-2.0
#include "destinations/registry.h"

#include "tests/destinations/sqlite/sqlite_warehouse.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::destinations {

using ::testing::HasSubstr;

TEST(Registry, OpensASqliteFileThatNeedNotBeThereYet) {
  const TemporaryFolder folder;
  DestinationConfig config;
  config.path = folder / "warehouse.db";
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Destination> destination, OpenDestination(config));
  EXPECT_EQ(destination->Describe(), "sqlite:" + config.path);
  ASSERT_OK(destination->Check());
  ASSERT_OK(destination->EnsureTables());
}

TEST(Registry, ADestinationWithoutAFileIsRefusedByName) {
  DestinationConfig config;
  config.name = "lake";
  EXPECT_THAT(OpenDestination(config), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'lake'")));
}

}  // namespace penstock::destinations
