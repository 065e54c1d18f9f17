// SPDX-License-Identifier: Apache-2.0
// `metrics powerbi`: which files it writes, which it leaves alone, and what it says.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class MetricsPowerbi : public CliTest {
 protected:
  int Powerbi(const std::string& destination, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"metrics", "powerbi", "--destination", destination, "--out", folder()};
    words.insert(words.end(), more.begin(), more.end());
    return RunBare(words);
  }
  std::string folder() const { return absl::StrCat(state, "/bi"); }
  std::string File(const std::string& name) const {
    std::ifstream file(absl::StrCat(folder(), "/", name));
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string pg_ = "postgresql://loader@db:5433/dwh?schema=lake";
};

TEST_F(MetricsPowerbi, WritesAConnectionAndAProjectAndNamesWhatIsNoMeasure) {
  EXPECT_EQ(Powerbi(pg_), 0) << err.str();
  EXPECT_THAT(File("penstock.pbids"), HasSubstr("\"server\": \"db:5433\""));
  EXPECT_THAT(File("penstock.pbip"), HasSubstr("penstock.Report"));
  EXPECT_THAT(File("penstock.SemanticModel/definition/expressions.tmdl"),
              AllOf(HasSubstr("expression Schema = \"lake\" meta ["), Not(HasSubstr("loader"))));
  EXPECT_THAT(File("penstock.SemanticModel/definition/tables/Message outcome.tmdl"),
              HasSubstr("\t\tmode: import\n"));
  EXPECT_THAT(out.str(), AllOf(HasSubstr("29 of 33 metrics as"), HasSubstr("user_retention: it counts per"),
                               HasSubstr("penstock metrics install"), HasSubstr("--tz Europe/Berlin")));
  ExpectFits();
}

TEST_F(MetricsPowerbi, ReplacesAModelOnlyWhenToldAndAReportNever) {
  ASSERT_EQ(Powerbi(pg_), 0) << err.str();
  std::ofstream(absl::StrCat(folder(), "/penstock.pbip")) << "changed";
  const std::string stale = absl::StrCat(folder(), "/penstock.SemanticModel/definition/tables/Old.tmdl");
  std::ofstream{stale} << "table Old\n";
  EXPECT_EQ(Powerbi(pg_, {"--mode", "directquery"}), 2);
  EXPECT_THAT(err.str(),
              HasSubstr("is there already, perhaps changed by hand; choose another --out, or add --yes"));
  EXPECT_TRUE(fs::exists(stale));
  EXPECT_EQ(Powerbi(pg_, {"--mode", "directquery", "--yes"}), 0) << err.str();
  EXPECT_FALSE(fs::exists(stale));
  EXPECT_EQ(File("penstock.pbip"), "changed");
  EXPECT_THAT(File("penstock.SemanticModel/definition/tables/Message outcome.tmdl"),
              HasSubstr("mode: directQuery"));
}

TEST_F(MetricsPowerbi, RefusesAFileOfThisMachineAndSaysWhatToDo) {
  EXPECT_EQ(Powerbi("sqlite:warehouse.db"), 2);
  EXPECT_THAT(err.str(),
              AllOf(HasSubstr("Power BI has no connector for"), HasSubstr("PostgreSQL or Snowflake")));
  EXPECT_FALSE(fs::exists(folder()));
  EXPECT_EQ(Powerbi(pg_, {"--mode", "directqury"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'directquery'?"));
  EXPECT_EQ(Powerbi("postgresql://loader@%2Frun%2Fpostgresql/dwh"), 2);
  EXPECT_THAT(err.str(), HasSubstr("add --server HOST"));
}

TEST_F(MetricsPowerbi, WritesSqlServersConnectionAndSaysThatTheModelIsMissing) {
  EXPECT_EQ(Powerbi("sqlserver:Driver=FreeTDS;Server=sql.example;Database=dwh;UID=loader"), 0) << err.str();
  EXPECT_THAT(File("penstock.pbids"), HasSubstr("\"protocol\": \"tds\""));
  EXPECT_FALSE(fs::exists(absl::StrCat(folder(), "/penstock.pbip")));
  EXPECT_THAT(out.str(), HasSubstr("There is no semantic model with it"));
  ExpectFits();
}

TEST_F(MetricsPowerbi, TellsAScriptWhatItWrote) {
  EXPECT_EQ(Powerbi(pg_, {"--output", "json"}), 0) << err.str();
  EXPECT_THAT(out.str(),
              AllOf(StartsWith("{\"pbids\":\""), HasSubstr("penstock.pbip\",\"left_out\":[{\"metric\":"),
                    HasSubstr("\"why\":\"it needs hours, which have no default\"}]}")));
}

}  // namespace
}  // namespace penstock::cli
