// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class AdoptTest : public CliTest {
 protected:
  FoundTable& Add(Endpoint endpoint, const std::string& name, uint64_t rows) {
    FoundTable& table = found_tables.emplace_back();
    table.endpoint = endpoint;
    table.name = name;
    table.exists = true;
    table.rows = rows;
    table.unique_key = true;
    return table;
  }
  void AddDuplicates() {
    FoundTable& users = Add(Endpoint::kUsers, "MOVEWORKS_USERS", 1'204);
    users.unique_key = false;
    users.duplicate_ids = 6;
    users.surplus = 9;
    users.examples = {{"u-17", 4}, {"u-9", 3}};
    users.missing = {"EXTRA", "PENSTOCK_SEQ"};
    users.other_types = {{"LAST_UPDATED_AT", "character varying", "timestamptz"}};
  }
};

TEST_F(AdoptTest, ReportsEachTableAndChangesNothing) {
  AddDuplicates();
  found_tables.emplace_back().name = "MOVEWORKS_CONVERSATIONS";
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db"}), 1) << err.str();
  EXPECT_EQ(out.str(),
            "MOVEWORKS_USERS: 1,204 rows, no unique key\n"
            "  6 ids several times, 9 rows too many: \"u-17\" 4 times, \"u-9\" 3 times ..\n"
            "  lacks EXTRA, PENSTOCK_SEQ; the next load adds them\n"
            "  types that stay as they are: LAST_UPDATED_AT character varying (ours:\n"
            "    timestamptz)\n"
            "MOVEWORKS_CONVERSATIONS: not there; the next load makes it\n"
            "Of each id the newest row stays, and the others are removed, with\n"
            "  penstock destinations adopt sqlite:a.db --remove-duplicates\n");
  ASSERT_THAT(adopted, SizeIs(1));
  EXPECT_FALSE(adopted[0].second.remove_duplicates);
  EXPECT_FALSE(adopted[0].second.add_key);
  ExpectFits();
}

TEST_F(AdoptTest, RemovesOnlyWhenToldAndAsked) {
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db", "--remove-duplicates"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("removing duplicates cannot be undone; add --yes"));
  terminal.is_terminal = true;
  in.str("n\n");
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db", "--remove-duplicates"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("Nothing was removed."));
  EXPECT_THAT(adopted, SizeIs(0));
  FoundTable& users = Add(Endpoint::kUsers, "MOVEWORKS_USERS", 1'195);
  users.removed = 9;
  users.key_added = true;
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db", "--remove-duplicates", "--add-key", "--yes"}),
            0);
  ASSERT_THAT(adopted, SizeIs(1));
  EXPECT_TRUE(adopted[0].second.remove_duplicates);
  EXPECT_TRUE(adopted[0].second.add_key);
  EXPECT_EQ(out.str(),
            "MOVEWORKS_USERS: 1,195 rows, a unique key (added now)\n"
            "  9 rows removed: older ones of their ids\n");
}

TEST_F(AdoptTest, ATableThatCannotTakeTheRowsIsNamedAndEndsWithSeven) {
  Add(Endpoint::kUsers, "MOVEWORKS_USERS", 0).refusal = "the existing table MOVEWORKS_USERS is a view";
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db"}), 7);
  EXPECT_THAT(out.str(), HasSubstr("MOVEWORKS_USERS: REFUSED: the existing table"));
  destination_status = absl::UnavailableError("the server is down");
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db"}), 4);
}

TEST_F(AdoptTest, JsonHasAllOfIt) {
  AddDuplicates();
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db", "--output", "json"}), 1);
  EXPECT_EQ(out.str(),
            R"({"name":"sqlite:a.db","tables":[{"endpoint":"users","table":"MOVEWORKS_USERS","exists":true,)"
            R"("refusal":"","missing":["EXTRA","PENSTOCK_SEQ"],"other_types":[{"column":"LAST_UPDATED_AT",)"
            R"("type":"character varying","ours":"timestamptz"}],"unique_key":false,"rows":1204,)"
            R"("without_id":0,"duplicate_ids":6,"surplus":9,"examples":[{"id":"u-17","rows":4},)"
            R"({"id":"u-9","rows":3}],"removed":0,"key_added":false}]})"
            "\n");
}

TEST_F(AdoptTest, AKeyIsOfferedWhereItCanBeAdded) {
  Add(Endpoint::kUsers, "MOVEWORKS_USERS", 3).unique_key = false;
  EXPECT_EQ(RunBare({"destinations", "adopt", "sqlite:a.db"}), 0);
  EXPECT_THAT(out.str(), HasSubstr("--add-key\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("--remove-duplicates")));
}

}  // namespace
}  // namespace penstock::cli
