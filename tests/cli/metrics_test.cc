// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Metrics : public CliTest {};

TEST_F(Metrics, AreListedWithoutAServer) {
  EXPECT_EQ(RunBare({"metrics", "list"}), 0) << err.str();
  EXPECT_THAT(out.str(), AllOf(HasSubstr("active_users "), HasSubstr("mttr_without_escalations")));
  ExpectFits();
}

TEST_F(Metrics, ShowBothDefinitionsAndWhatCanBeSet) {
  EXPECT_EQ(RunBare({"metrics", "show", "deflections"}), 0) << err.str();
  EXPECT_THAT(out.str(), AllOf(HasSubstr("169 / 177"), HasSubstr("guide"), HasSubstr("--set clicks=yes")));
  ExpectFits();
}

TEST_F(Metrics, ShowTheSqlOfASystemForATime) {
  EXPECT_EQ(RunBare({"metrics", "show", "active_users", "--sql", "postgres", "--from", "2026-03-01", "--to",
                     "2026-03-02", "--group", "language"}),
            0)
      << err.str();
  EXPECT_THAT(out.str(),
              AllOf(StartsWith("WITH RECURSIVE\n"), HasSubstr("COUNT(DISTINCT user_id) AS numerator"),
                    HasSubstr("'2026-03-01', '2026-02-23', 'total', 1772323200000, 1772409600000"),
                    HasSubstr("\"data_api_interactions\"")));
}

TEST_F(Metrics, PrintTheirFactsAsViews) {
  EXPECT_EQ(RunBare({"metrics", "install", "--print", "postgresql://loader@db/dwh?schema=lake"}), 0)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("CREATE OR REPLACE VIEW \"lake\".\"v_free_text\" AS\n"));
  EXPECT_EQ(RunBare({"metrics", "install", "--print", "sqlit"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'sqlite'?"));
}

TEST_F(Metrics, NameTheNearestWordForAWrongOne) {
  EXPECT_EQ(RunBare({"metrics", "show", "deflection"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'deflections'?"));
  EXPECT_EQ(RunBare({"metrics", "show", "mttr", "--sql", "postgress"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'postgres'?"));
  EXPECT_EQ(RunBare({"metrics", "show", "mttr", "--sql", "sqlite", "--tz", "Europe/Berln"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'Europe/Berlin'?"));
  EXPECT_EQ(RunBare({"metrics", "show", "mttr", "--sql", "sqlite", "--group", "platfrom"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'platform'?"));
  EXPECT_EQ(RunBare({"metrics", "show", "mttr", "--sql", "sqlite", "--set", "respons=first"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'response'?"));
  EXPECT_EQ(RunBare({"metrics", "show", "mttr", "--sql", "sqlite", "--set", "response=frist"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'first'?"));
  EXPECT_EQ(RunBare({"metrics", "show", "mttr", "--sql", "sqlite", "--from", "2026-02-30"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("--from '2026-02-30' is no day; write YYYY-MM-DD"));
  EXPECT_EQ(RunBare({"metrics", "show", "time_savings", "--sql", "sqlite"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("time_savings needs hours"));
}

}  // namespace
}  // namespace penstock::cli
