// SPDX-License-Identifier: Apache-2.0
#include "worker/typed_rows.h"

#include "proto/convert.h"
#include "tests/fakes/status_matchers.h"

namespace penstock::worker {
namespace {

v1::Change Change(uint64_t number, const std::string& id, const std::string& raw) {
  v1::Change change;
  change.set_number(number);
  change.set_endpoint(v1::USERS);
  change.mutable_row()->set_id(id);
  change.mutable_row()->set_raw(raw);
  return change;
}

TEST(TypedRows, AreTheRowsAndApartFromThemWordOfErasedOnes) {
  v1::Change erased = Change(2, "ann", "");
  erased.set_erased(true);
  v1::Change stand_in = Change(3, "5f0c", "");
  stand_in.mutable_row()->set_stand_in(true);
  ASSERT_OK_AND_ASSIGN(
      const TypedRows typed,
      MakeTypedRows({Change(1, "bob", R"({"id":"bob","access_to_bot":"perhaps"})"), erased, stand_in},
                    TableNames::kGuide, ColumnRules()));
  ASSERT_EQ(typed.rows.size(), 1u) << "what stands for an erased row is shown to nobody";
  EXPECT_EQ(std::get<std::string>(typed.rows[0].values[0]), "bob");
  EXPECT_EQ(typed.irregular, 1u);
  ASSERT_EQ(typed.erased.size(), 1u);
  EXPECT_TRUE(typed.erased[0].erased);
  EXPECT_EQ(typed.erased[0].endpoint, Endpoint::kUsers);
  EXPECT_EQ(std::get<std::string>(typed.erased[0].values[0]), "ann");
  EXPECT_EQ(typed.erased[0].change, 2u);
  EXPECT_FALSE(IsRow(erased) || IsRow(stand_in));
}

TEST(TypedRows, ARecordThatIsNoJsonIsAnError) {
  EXPECT_THAT(MakeTypedRows({Change(1, "bob", "")}, TableNames::kGuide, ColumnRules()),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

}  // namespace
}  // namespace penstock::worker
