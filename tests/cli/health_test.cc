// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;

class Health : public CliTest {};

TEST_F(Health, ACoordinatorThatAnswersIsHealthy) {
  FakeAdminService holder("unix:" + state + "/penstock.sock");
  EXPECT_EQ(Run({"health"}), 0) << err.str();
  EXPECT_EQ(out.str(), state + " is served.\n");
  EXPECT_EQ(Run({"health", "--output", "json"}), 0);
  EXPECT_EQ(out.str(), "{\"serves\":true}\n");
}

TEST_F(Health, AStoreThatNobodyServesIsNotAndIsNotOpened) {
  open_failure = absl::InternalError("must not be opened");
  EXPECT_EQ(Run({"health"}), 4);
  EXPECT_THAT(err.str(), HasSubstr("no process serves " + state));
}

TEST_F(Health, OneThatRefusesItsWorkIsNot) {
  FakeAdminService holder("unix:" + state + "/penstock.sock");
  holder.failure = grpc::Status(grpc::INTERNAL, "the disk failed");
  EXPECT_EQ(Run({"health"}), 6);
  EXPECT_THAT(err.str(), HasSubstr("the disk failed"));
}

}  // namespace
}  // namespace penstock::cli
