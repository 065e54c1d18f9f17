// SPDX-License-Identifier: Apache-2.0
// `metrics run` and `metrics install`: whom they ask, and how the answer is shown.
#include <fstream>
#include <iterator>

#include "tests/cli/cli_fixture.h"

namespace penstock::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Column = v1::QueryColumn;

class MetricsRun : public CliTest {
 protected:
  // The header of an answer by week in Berlin, with these columns behind the period.
  void Answer(const std::vector<std::pair<std::string, Column::Kind>>& columns) {
    v1::QueryHeader& header = *admin.answer_pieces.emplace_back().mutable_header();
    *header.mutable_from() = Time("2026-02-28T23:00:00Z");
    *header.mutable_to() = Time("2026-03-15T23:00:00Z");
    *header.mutable_read() = Time("2026-03-31T06:02:11Z");
    header.set_time_zone("Europe/Berlin");
    header.set_by("week");
    const auto add = [&](const std::string& name, Column::Kind kind) {
      header.add_columns()->set_name(name);
      header.mutable_columns()->rbegin()->set_kind(kind);
    };
    add("period", Column::PERIOD);
    for (const auto& [name, kind] : columns) {
      if (kind == Column::GROUP) add(name, kind);
    }
    add("value", Column::VALUE);
    add("numerator", Column::NUMERATOR);
    add("denominator", Column::DENOMINATOR);
    add("provisional", Column::PROVISIONAL);
    add("unattributed", Column::UNATTRIBUTED);
    for (const auto& [name, kind] : columns) {
      if (kind == Column::BESIDE) add(name, kind);
    }
  }
  // In a message of its own: readers must not count on more.
  void Row(const std::vector<std::string>& names, double numerator, std::optional<double> denominator,
           const std::vector<int64_t>& beside = {}, bool provisional = false, int64_t unattributed = 0) {
    v1::QueryRow& row = *admin.answer_pieces.emplace_back().add_rows();
    for (const std::string& name : names) row.add_values()->set_text(name);
    v1::QueryValue& value = *row.add_values();
    if (!denominator.has_value()) value.set_number(numerator);
    if (denominator.value_or(0) != 0) value.set_number(numerator / *denominator);
    row.add_values()->set_number(numerator);
    v1::QueryValue& over = *row.add_values();
    if (denominator.has_value()) over.set_number(*denominator);
    row.add_values()->set_flag(provisional);
    row.add_values()->set_integer(unattributed);
    for (int64_t number : beside) row.add_values()->set_integer(number);
  }
  void Deflections() {
    Answer({{"ticket", Column::BESIDE}, {"agent", Column::BESIDE}, {"negative", Column::BESIDE}});
    Row({"2026-02-23"}, 0, 0, {0, 0, 0});
    Row({"2026-03-02"}, 1'169, 1'177, {7, 0, 1});
    Row({"2026-03-09"}, 44, 88, {40, 12, 4}, /*provisional=*/true, 3);
    Row({"total"}, 1'213, 1'265, {47, 12, 5}, /*provisional=*/true, 3);
  }
  static std::string ReadFile(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void Routes() {
    Answer({{"route", Column::GROUP}});
    Row({"2026-03-09", "DM"}, 1'290, std::nullopt);
    Row({"2026-03-09", "Notification"}, 14, std::nullopt);
    Row({"total", "DM"}, 1'290, std::nullopt);
    Row({"total", "Notification"}, 14, std::nullopt);
  }
};

TEST_F(MetricsRun, ShowsANumberForEachPeriodOnEightyColumns) {
  Deflections();
  EXPECT_EQ(Run({"metrics", "run", "deflections", "--destination", "sqlite:w.db"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "Deflections (corrected): 2026-03-01 to 2026-03-16, by week, Europe/Berlin\n"
            "\n"
            "PERIOD         VALUE             OF  UNATTRIBUTED  TICKET  AGENT  NEGATIVE\n"
            "2026-02-23         -          0 / 0             0       0      0         0\n"
            "2026-03-02    99.3 %  1,169 / 1,177             0       7      0         1\n"
            "2026-03-09 p  50.0 %        44 / 88             3      40     12         4\n"
            "total p       95.9 %  1,213 / 1,265             3      47     12         5\n"
            "\n"
            "p provisional: the source may still bring rows of it\n"
            "What it counts:\n"
            "  penstock metrics show deflections\n");
  ExpectFits();
}

TEST_F(MetricsRun, DrawsBarsOnATerminalWhereThereIsRoom) {
  Routes();
  terminal.is_terminal = true;
  EXPECT_EQ(Run({"metrics", "run", "conversations_by_route", "--destination", "sqlite:w.db"}), 0);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("2026-03-09  DM            1,290  ##############################\n"),
                               HasSubstr("total       DM            1,290\n")));
  ExpectFits();
}

TEST_F(MetricsRun, LeavesOutWhatDoesNotFitAndSaysSo) {
  std::vector<std::pair<std::string, Column::Kind>> columns = {{"plugin", Column::GROUP}};
  for (int i = 0; i < 8; ++i) columns.emplace_back(absl::StrCat("counted_beside_", i), Column::BESIDE);
  Answer(columns);
  Row({"total", "A plugin whose name is longer than anybody would think"}, 3, 7, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(Run({"metrics", "run", "plugin_success_rate", "--destination", "sqlite:w.db"}), 0);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("3 / 7"), HasSubstr("No room for"), HasSubstr("counted beside 7")));
  ExpectFits();
}

TEST_F(MetricsRun, PutsBothDefinitionsSideBySide) {
  Routes();
  EXPECT_EQ(Run({"metrics", "run", "conversations_by_route", "--definition", "both", "--destination",
                 "sqlite:w.db"}),
            0)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("PERIOD      ROUTE         CORRECTED  GUIDE\n"
                                   "2026-03-09  DM                1,290  1,290\n"));
  ASSERT_THAT(asked, SizeIs(2));
  EXPECT_FALSE(asked[0].second.metric().guide());
  EXPECT_TRUE(asked[1].second.metric().guide());
}

TEST_F(MetricsRun, IsExactForScripts) {
  Deflections();
  EXPECT_EQ(Run({"metrics", "run", "deflections", "--destination", "sqlite:w.db", "--output", "json"}), 0);
  EXPECT_THAT(
      out.str(),
      AllOf(HasSubstr(
                R"([{"metric":"deflections","title":"Deflections","definition":"corrected","unit":"share",)"
                R"("from":"2026-02-28T23:00:00.000Z","to":"2026-03-15T23:00:00.000Z",)"
                R"("time_zone":"Europe/Berlin","by":"week","read":"2026-03-31T06:02:11.000Z",)"
                R"("warnings":[],"rows":[{"period":"2026-02-23","value":null,"numerator":0,)"),
            HasSubstr(
                R"("value":0.9932030586236194,"numerator":1169,"denominator":1177,"provisional":false,)")));
  EXPECT_EQ(Run({"metrics", "run", "deflections", "--destination", "sqlite:w.db", "--csv"}), 0);
  EXPECT_THAT(
      out.str(),
      HasSubstr("metric,definition,period,value,numerator,denominator,provisional,unattributed,ticket,agent,"
                "negative\r\ndeflections,corrected,2026-02-23,,0,0,false,0,0,0,0\r\n"));
  EXPECT_EQ(Run({"metrics", "run", "deflections", "--csv", "--output", "json"}), 2);
}

TEST_F(MetricsRun, HandsTheQuestionOnAsItWasTyped) {
  Routes();
  EXPECT_EQ(Run({"metrics", "run", "deflections", "--destination", "sqlite:w.db", "--from", "2026-03-01",
                 "--to", "2026-03-16", "--by", "week", "--group", "platform", "--where", "route=DM,Ticket",
                 "--tz", "Europe/Berlin", "--set", "clicks=no"}),
            0)
      << err.str();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].first, "sqlite:w.db");
  const v1::MetricQuestion& question = asked[0].second.metric();
  EXPECT_EQ(question.from(), "2026-03-01");
  EXPECT_EQ(question.to(), "2026-03-16");
  EXPECT_EQ(question.time_zone(), "Europe/Berlin");
  EXPECT_THAT(question.where(), ElementsAre("route=DM,Ticket"));
  EXPECT_EQ(question.parameters().at("clicks"), "no");
}

TEST_F(MetricsRun, AsksAWorkerOfARunningCoordinator) {
  FakeAdminService running("127.0.0.1:0");
  Routes();
  running.answer_pieces = admin.answer_pieces;
  EXPECT_EQ(RunBare({"--coordinator", absl::StrCat("127.0.0.1:", running.port), "metrics", "run",
                     "conversations_by_route", "--destination", "pg", "--timeout", "90s"}),
            0)
      << err.str();
  EXPECT_THAT(out.str(), HasSubstr("Notification"));
  EXPECT_THAT(asked, IsEmpty());
  ASSERT_THAT(running.requests, SizeIs(1));
  EXPECT_THAT(running.requests[0],
              AllOf(HasSubstr("destination: \"pg\""), HasSubstr("metric: \"conversations_by_route\""),
                    HasSubstr("timeout { seconds: 90 }")));
  EXPECT_EQ(running.without_deadline, 0);
}

TEST_F(MetricsRun, TellsADestinationThatIsAwayFromACoordinatorThatIs) {
  FakeAdminService running("127.0.0.1:0");
  const std::vector<std::string> words = {"--coordinator", absl::StrCat("127.0.0.1:", running.port),
                                          "metrics", "run", "deflections"};
  running.failure = grpc::Status(grpc::UNAVAILABLE, "pg: refused; start the server", "of the query");
  EXPECT_EQ(RunBare(words), 4);
  EXPECT_EQ(err.str(), "penstock: pg: refused; start the server\n");
  running.failure = grpc::Status(grpc::PERMISSION_DENIED, "pg: role 'r' may not", "of the query");
  EXPECT_EQ(RunBare(words), 7) << "the destination refuses";
  running.failure = grpc::Status(grpc::RESOURCE_EXHAUSTED, "the answer is too large", "of the query");
  EXPECT_EQ(RunBare(words), 2);
  running.failure = grpc::Status(grpc::UNAVAILABLE, "socket closed");
  EXPECT_EQ(RunBare(words), 4);
  EXPECT_THAT(err.str(), HasSubstr("is it running?"));
}

TEST_F(MetricsRun, WithoutACoordinatorAsksADestinationOfTheConfiguration) {
  Routes();
  const std::string file = state + "/penstock.yaml";
  std::ofstream(file) << "version: 1\n"
                         "sources: {acme: {url: 'https://api.example.com/records'}}\n"
                         "destinations: {lake: {type: sqlite, path: lake.db, source: acme}}\n";
  EXPECT_EQ(RunBare({"--config", file, "metrics", "run", "conversations_by_route"}), 0) << err.str();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].first, "lake");
  EXPECT_EQ(asked[0].second.destination(), "lake");
  EXPECT_EQ(RunBare({"--config", file, "metrics", "run", "conversations_by_route", "--destination", "lak"}),
            2);
}

TEST_F(MetricsRun, WithNobodyToAskSaysWhatToAdd) {
  EXPECT_EQ(RunBare({"metrics", "run", "deflections"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("add --destination sqlite:FILE"));
}

TEST_F(MetricsRun, WrongWordsAreToldBeforeAnybodyIsAsked) {
  const auto complaint = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"metrics", "run"});
    words.insert(words.end(), {"--destination", "sqlite:w.db"});
    EXPECT_EQ(RunBare(words), 2);
    return err.str();
  };
  EXPECT_THAT(complaint({"deflection"}), HasSubstr("did you mean 'deflections'?"));
  EXPECT_THAT(complaint({"deflections", "--by", "weak"}), HasSubstr("did you mean 'week'?"));
  EXPECT_THAT(complaint({"deflections", "--tz", "Europe/Berln"}), HasSubstr("did you mean 'Europe/Berlin'?"));
  EXPECT_THAT(complaint({"deflections", "--from", "2026-02-30"}), HasSubstr("is no day"));
  EXPECT_THAT(complaint({"deflections", "--definition", "guied"}), HasSubstr("did you mean 'guide'?"));
  EXPECT_THAT(complaint({"deflections", "--timeout", "1h"}), HasSubstr("from 1s to 15m"));
  EXPECT_THAT(asked, IsEmpty());
}

TEST_F(MetricsRun, WhatTheWorkersConfigurationMayHaveIsLeftToIt) {
  destination_status = absl::InvalidArgumentError("time_savings needs hours");
  EXPECT_EQ(RunBare({"metrics", "run", "time_savings", "--destination", "sqlite:w.db"}), 2);
  EXPECT_THAT(asked, SizeIs(1));
}

TEST_F(MetricsRun, ShowsTheCountedRowsAndWhatTellsWhy) {
  v1::QueryHeader& header = *admin.answer_pieces.emplace_back().mutable_header();
  for (const std::string name : {"period", "id", "created", "conversation_id", "ticket", "content"}) {
    header.add_columns()->set_name(name);
  }
  header.mutable_columns(0)->set_kind(Column::PERIOD);
  header.set_more(true);
  v1::QueryRow& row = *admin.answer_pieces[0].add_rows();
  for (const std::string text : {"2026-03-09", "i-1", "2026-03-09T10:00:00.000Z", "c-1"}) {
    row.add_values()->set_text(text);
  }
  row.add_values()->set_number(1);
  row.add_values()->set_text("my laptop,\nit \"burns\"");
  EXPECT_EQ(RunBare({"metrics", "rows", "deflections", "--limit", "1", "--destination", "sqlite:w.db"}), 0)
      << err.str();
  EXPECT_EQ(out.str(),
            "2026-03-09 i-1 2026-03-09T10:00:00.000Z\n"
            "  conversation id c-1, ticket 1, content my laptop, it \"burns\"\n"
            "These are the newest 1; there are more: --limit N, up to 10000.\n"
            "What counts, and why:\n"
            "  penstock metrics show deflections\n");
  EXPECT_EQ(asked[0].second.rows().limit(), 1u);
  EXPECT_EQ(RunBare({"metrics", "rows", "deflections", "--destination", "sqlite:w.db", "--csv"}), 0);
  EXPECT_EQ(out.str(),
            "period,id,created,conversation_id,ticket,content\r\n"
            "2026-03-09,i-1,2026-03-09T10:00:00.000Z,c-1,1,\"my laptop,\nit \"\"burns\"\"\"\r\n");
  EXPECT_EQ(RunBare({"metrics", "rows", "deflections", "--destination", "sqlite:w.db", "--output", "json"}),
            0);
  EXPECT_THAT(out.str(), HasSubstr(R"("ticket":1,"content":"my laptop,\nit \"burns\""})"));
  EXPECT_EQ(
      RunBare({"metrics", "rows", "deflections", "--definition", "both", "--destination", "sqlite:w.db"}), 2);
}

TEST_F(MetricsRun, InstallsTheViewsOrPrintsThem) {
  admin.answer_pieces.emplace_back().mutable_header()->add_columns()->set_name("view");
  admin.answer_pieces[0].add_rows()->add_values()->set_text("V_FREE_TEXT");
  EXPECT_EQ(RunBare({"metrics", "install", "--destination", "sqlite:w.db"}), 0) << err.str();
  EXPECT_EQ(out.str(), "1 view: V_FREE_TEXT.\n");
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].second.install().time_zone(), "") << "the worker knows the company's";
  EXPECT_EQ(RunBare({"metrics", "install", "--destination", "sqlite:w.db", "--tz", "Europe/Berlin"}), 0);
  EXPECT_EQ(asked[1].second.install().time_zone(), "Europe/Berlin");
  EXPECT_EQ(RunBare({"metrics", "install", "--destination", "sqlite:w.db", "--tz", "Europe/Berln"}), 2);
  EXPECT_THAT(err.str(), HasSubstr("did you mean 'Europe/Berlin'?"));
  EXPECT_EQ(RunBare({"metrics", "install", "--destination", "sqlite:w.db", "--output", "json"}), 0);
  EXPECT_EQ(out.str(), "{\"views\":[\"V_FREE_TEXT\"]}\n");
}

TEST_F(MetricsRun, KeepsFactsAsTablesWhenAsked) {
  admin.answer_pieces.emplace_back().mutable_header()->add_columns()->set_name("view");
  admin.answer_pieces[0].add_rows()->add_values()->set_text("V_FREE_TEXT");
  admin.answer_pieces[0].add_rows()->add_values()->set_text("PENSTOCK_FACT_FREE_TEXT");
  EXPECT_EQ(RunBare({"metrics", "install", "--kept", "--destination", "sqlite:w.db"}), 0) << err.str();
  EXPECT_EQ(out.str(),
            "1 view: V_FREE_TEXT.\n1 table: PENSTOCK_FACT_FREE_TEXT.\n"
            "They are used as long as nothing is loaded; make them again after a load.\n");
  EXPECT_TRUE(asked[0].second.install().kept());
  EXPECT_EQ(RunBare({"metrics", "install", "--kept", "--destination", "sqlite:w.db", "--output", "json"}), 0);
  EXPECT_EQ(out.str(), "{\"views\":[\"V_FREE_TEXT\"],\"tables\":[\"PENSTOCK_FACT_FREE_TEXT\"]}\n");
  EXPECT_EQ(RunBare({"metrics", "install", "--kept", "--print", "postgres"}), 2);
}

TEST_F(MetricsRun, ATextOfTheSourceCannotMoveTheCursor) {
  Answer({{"topic", Column::GROUP}});
  Row({"total", "\x1b[2Jvpn"}, 1, std::nullopt);
  EXPECT_EQ(RunBare({"metrics", "run", "conversation_topics", "--destination", "sqlite:w.db"}), 0);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("[2Jvpn"), Not(HasSubstr("\x1b"))));
}

TEST_F(MetricsRun, WritesOnePageWithAChartAndATableForEveryMetric) {
  Answer({{"topic", Column::GROUP}});
  Row({"2026-03-09", "vpn"}, 1, std::nullopt);
  Row({"total", "<script>alert('vpn')</script>"}, 5, std::nullopt, {}, /*provisional=*/true);
  const std::string file = state + "/report.html";
  EXPECT_EQ(RunBare({"metrics", "report", "--html", file, "--destination", "sqlite:w.db"}), 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("33 metrics in"));
  const std::string page = ReadFile(file);
  const auto count = [&](const std::string& what) {
    return std::vector<std::string>(absl::StrSplit(page, what)).size() - 1;
  };
  EXPECT_EQ(count("<section"), 33u);
  EXPECT_EQ(count("<svg"), 33u);
  EXPECT_EQ(count("<table>"), 33u);
  EXPECT_THAT(page, AllOf(HasSubstr("prefers-color-scheme:dark"), HasSubstr("@media print"),
                          HasSubstr("&lt;script&gt;alert(&#39;vpn&#39;)&lt;/script&gt;"),
                          HasSubstr("2026-03-01 to 2026-03-16, by week, Europe/Berlin")));
  for (const std::string network : {"<script", "http:", "https:", "src=", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(network)));
  }
}

TEST_F(MetricsRun, AReportHasWhatPeopleWroteOnlyWhenItIsWanted) {
  Answer({{"topic", Column::GROUP}});
  Row({"total", "vpn"}, 5, std::nullopt);
  const auto rows_asked = [&] {
    size_t count = 0;
    for (const auto& [destination, query] : asked) count += query.has_rows();
    return count;
  };
  const std::string file = state + "/report.html";
  EXPECT_EQ(RunBare({"metrics", "report", "--html", file, "--destination", "sqlite:w.db"}), 0) << err.str();
  EXPECT_EQ(rows_asked(), 0u);
  EXPECT_EQ(RunBare({"metrics", "report", "--html", file, "--destination", "sqlite:w.db", "--include-text"}),
            0);
  EXPECT_EQ(rows_asked(), 3u);
  EXPECT_THAT(ReadFile(file), HasSubstr("What people wrote"));
}

TEST_F(MetricsRun, AReportSaysHowFarItIsWhereSomebodyLooks) {
  terminal.is_terminal = true;
  EXPECT_EQ(RunBare({"metrics", "report", "--html", state + "/report.html", "--destination", "sqlite:w.db"}),
            0);
  EXPECT_THAT(out.str(), AllOf(StartsWith("\r1 of 33 metrics "), HasSubstr("\r33 of 33 metrics")));
}

TEST_F(MetricsRun, AReportSaysWhyAMetricIsNotInIt) {
  destination_status = absl::InvalidArgumentError("time_savings needs hours");
  const std::string file = state + "/report.html";
  EXPECT_EQ(RunBare({"metrics", "report", "--html", file, "--destination", "sqlite:w.db"}), 0) << err.str();
  EXPECT_THAT(ReadFile(file), HasSubstr("Not computed: time_savings needs hours"));
  destination_status = absl::UnavailableError("w.db is away");
  EXPECT_EQ(RunBare({"metrics", "report", "--html", file, "--destination", "sqlite:w.db"}), 4);
  destination_status = absl::OkStatus();
  EXPECT_EQ(RunBare({"metrics", "report", "--html", state + "/no/r.html", "--destination", "sqlite:w.db"}),
            6);
}

}  // namespace
}  // namespace penstock::cli
