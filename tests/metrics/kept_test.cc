// SPDX-License-Identifier: Apache-2.0
// Kept facts: what they answer is what the tables answer, and where they may not be used they are not.
#include "metrics/kept.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "destinations/table_profile.h"
#include "metrics/catalogue.h"
#include "tests/metrics/metrics_warehouse.h"
#include "tests/metrics/odd_tenant.h"

namespace penstock::metrics {
namespace {

class KeptFactsOf : public ::testing::TestWithParam<destinations::WarehouseKind> {
 protected:
  static Question Asked(const std::string& name) {
    Question question = {.name = name, .from = "2026-03-01", .to = "2026-03-22", .by = "week"};
    const absl::StatusOr<const Metric*> metric = FindMetric(name);
    question.segments =
        std::make_shared<const Segments>(Segments{.of_user = {{"u1", "Sales"}, {"u2", "HR"}}});
    if (!(*metric)->needs.empty()) question.parameters[(*metric)->needs] = "Grant Software Access=0.5";
    return question;
  }

  // The answer, every cell and sentence of it.
  std::string Answered(const Question& question) {
    const auto request = MakeRequest(question);
    EXPECT_TRUE(request.ok()) << request.status();
    const Answer answer = warehouse_.Run(*request);
    std::string text;
    const auto number = [](const auto& value) { return value.has_value() ? absl::StrCat(*value) : "-"; };
    for (const Cell& cell : answer.cells) {
      absl::StrAppend(&text, cell.period, " ", absl::StrJoin(cell.groups, "/"), " ", number(cell.value), " ",
                      cell.numerator, " ", number(cell.denominator), " ", cell.provisional, " ",
                      number(cell.unattributed));
      for (const auto& beside : cell.beside) absl::StrAppend(&text, " ", number(beside));
      text += "\n";
    }
    return absl::StrCat(text, absl::StrJoin(answer.warnings, "\n"));
  }
  bool AskedKept() const {
    return std::any_of(warehouse_.asked().begin(), warehouse_.asked().end(), [](const std::string& sql) {
      return absl::StrContains(absl::AsciiStrToUpper(sql), destinations::kFactTablePrefix);
    });
  }

  // Every metric, by both definitions, in a zone, and by what it can be grouped by.
  template <typename Visit>
  static void ForEveryQuestion(const std::string& zone, const std::string& from, Visit visit) {
    for (const Metric& metric : AllMetrics()) {
      std::vector<std::string> groups = DimensionsOf(metric);
      groups.insert(groups.begin(), "");
      for (const std::string& group : groups) {
        if (group == metric.breakdown.name && !group.empty()) continue;
        for (const bool guide : {false, true}) {
          Question question = Asked(metric.name);
          question.zone = zone;
          question.from = from;
          question.group = group;
          question.guide = guide;
          visit(metric, question);
        }
      }
    }
  }

  MetricsWarehouse warehouse_{GetParam()};
};

TEST_P(KeptFactsOf, AnswerEveryMetricAsTheTablesDo) {
  warehouse_.Load(OddTenant(11, 400));
  std::map<std::string, std::string> answers;
  const auto key = [](const Question& asked) {
    return absl::StrCat(asked.name, " ", asked.group, " ", asked.guide);
  };
  ForEveryQuestion("Asia/Kathmandu", "2026-03-01", [&](const Metric&, const Question& question) {
    answers[key(question)] = Answered(question);
    EXPECT_FALSE(AskedKept());
  });
  // Twice: new tables take the place of the old ones.
  warehouse_.Keep();
  warehouse_.Keep();
  int of_kept = 0;
  ForEveryQuestion("Asia/Kathmandu", "2026-03-01", [&](const Metric& metric, const Question& question) {
    EXPECT_EQ(Answered(question), answers[key(question)]) << key(question);
    const bool roster = metric.reads == std::vector<Endpoint>{Endpoint::kUsers};
    EXPECT_EQ(AskedKept(), !roster) << key(question);
    of_kept += AskedKept() ? 1 : 0;
  });
  EXPECT_GT(of_kept, 200);
}

TEST_P(KeptFactsOf, AreLeftAloneWhereATimeCutsAQuarterOfAnHour) {
  warehouse_.Load(OddTenant(12, 240));
  const std::string from = "2026-03-01T10:07:00Z";
  std::map<std::string, std::string> answers;
  const auto key = [](const Question& asked) { return absl::StrCat(asked.name, " ", asked.guide); };
  ForEveryQuestion("UTC", from, [&](const Metric&, const Question& question) {
    if (question.group.empty()) answers[key(question)] = Answered(question);
  });
  warehouse_.Keep();
  ForEveryQuestion("UTC", from, [&](const Metric& metric, const Question& question) {
    if (!question.group.empty()) return;
    std::string answer = Answered(question);
    if (!AskedKept()) answer = answer.substr(0, answers[key(question)].size());
    EXPECT_EQ(answer, answers[key(question)]) << key(question);
    if (question.name == "active_users") {
      EXPECT_FALSE(AskedKept());
    }
    if (question.name == "deflections") {
      EXPECT_TRUE(AskedKept());
    }
  });
}

TEST_P(KeptFactsOf, OfEarlierRowsAreNotUsedAndTheAnswerSaysSo) {
  warehouse_.Load(OddTenant(13, 120));
  warehouse_.Keep();
  const std::string before = Answered(Asked("deflections"));
  EXPECT_TRUE(AskedKept());
  warehouse_.Load(OddTenant(14, 240));
  const std::string after = Answered(Asked("deflections"));
  EXPECT_FALSE(AskedKept());
  EXPECT_NE(after, before);
  EXPECT_TRUE(absl::StrContains(after, "the kept facts are of an earlier load")) << after;
  // The roster is asked as it is, whatever is kept.
  EXPECT_FALSE(absl::StrContains(Answered(Asked("new_users")), "kept")) << after;
  warehouse_.Keep();
  EXPECT_FALSE(absl::StrContains(Answered(Asked("deflections")), "kept"));
  EXPECT_TRUE(AskedKept());
}

TEST_P(KeptFactsOf, AreNotUsedForOtherSettings) {
  warehouse_.Load(OddTenant(15, 240));
  Question question = Asked("deflections");
  question.parameters["link_days"] = "1";
  const std::string of_tables = Answered(question);
  warehouse_.Keep();
  EXPECT_EQ(Answered(question),
            absl::StrCat(of_tables, "\ncomputed from the tables: facts are kept for other settings"));
  EXPECT_FALSE(AskedKept());
}

TEST_P(KeptFactsOf, AreGoneWithWhateverIsErased) {
  warehouse_.Load(OddTenant(16, 120));
  warehouse_.Keep();
  warehouse_.Erase(Endpoint::kUsers, {"u1"});
  EXPECT_FALSE(absl::StrContains(Answered(Asked("deflections")), "kept"));
  EXPECT_FALSE(AskedKept());
  // And can be kept again.
  warehouse_.Keep();
  Answered(Asked("deflections"));
  EXPECT_TRUE(AskedKept());
}

TEST_P(KeptFactsOf, HoldNothingOfWhatPeopleWrote) {
  warehouse_.Load(OddTenant(17, 240));
  warehouse_.Keep();
  for (const std::string& relation : KeptRelations()) {
    const auto rows = warehouse_.destination().Query(
        {.statements = {absl::StrCat("SELECT content FROM ",
                                     warehouse_.dialect().Bookkeeping(KeptTable(relation)))}},
        [](size_t, const destinations::TextRow&) { return absl::OkStatus(); });
    EXPECT_TRUE(absl::IsNotFound(rows)) << relation << ": " << rows;
  }
}

INSTANTIATE_TEST_SUITE_P(AllSystems, KeptFactsOf, ::testing::ValuesIn(QuickKinds()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace penstock::metrics
