// SPDX-License-Identifier: Apache-2.0
#include "coordinator/monitoring.h"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "coordinator/limits.h"
#include "tests/coordinator/coordinator_fixture.h"

namespace penstock::coordinator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kStamp[] = "2026-02-25T06:00:00.000Z";

class MonitoringTest : public CoordinatorFixture {
 protected:
  std::string Text() {
    absl::StatusOr<std::vector<prometheus::MetricFamily>> families = Monitoring(*core_, "1.2.3");
    EXPECT_OK(families);
    return families.ok() ? prometheus::TextSerializer().Serialize(*families) : "";
  }
  // Of a series, which must be there.
  double Value(const std::string& series) {
    const std::string text = Text();
    const size_t at = text.find(absl::StrCat("\n", series, " "));
    double value = 0;
    EXPECT_NE(at, std::string::npos) << series;
    if (at != std::string::npos) value = std::strtod(&text[at + series.size() + 2], nullptr);
    return value;
  }
  // A finished backfill of conversations, one row in it.
  void Read() {
    Backfill({Endpoint::kConversations});
    for (const v1::FetchAssignment& lease : Lease("a")) {
      ASSERT_OK(CommitPage(lease, lease.page(), "", {Row("x", kStamp)}));
    }
    FinishAll("a");
  }
};

TEST_F(MonitoringTest, TellsTheBudgetAndWhoWaitsForIt) {
  Backfill({Endpoint::kConversations});
  const std::string before = Text();
  EXPECT_THAT(before, HasSubstr("penstock_budget_limit_requests{source=\"acme\"} 60\n"));
  EXPECT_THAT(before, HasSubstr("penstock_budget_used_requests{source=\"acme\"} 0\n"));
  const std::vector<v1::FetchAssignment> leases = Lease("a");
  ASSERT_FALSE(leases.empty());
  ASSERT_OK(AskPermit(leases.front(), "one"));
  const std::string after = Text();
  EXPECT_THAT(after, HasSubstr("penstock_budget_used_requests{source=\"acme\"} 1\n"));
  EXPECT_THAT(after, HasSubstr("# TYPE penstock_permits_granted_total counter\n"));
  EXPECT_THAT(after, HasSubstr("penstock_permits_granted_total{source=\"acme\"} 1\n"));
}

TEST_F(MonitoringTest, TellsHowMuchLaterThanItCouldBeAPermitWasGiven) {
  Backfill({Endpoint::kConversations});
  const std::vector<v1::FetchAssignment> leases = Lease("a");
  ASSERT_FALSE(leases.empty());
  for (uint32_t i = 0; i < kBurst; ++i) ASSERT_OK(AskPermit(leases.front(), absl::StrCat("at once ", i)));
  v1::AcquirePermitRequest request;
  *request.mutable_token() = leases.front().token();
  request.set_window(leases.front().window());
  request.set_request_id("waits");
  *request.mutable_patience() = ToProto(absl::Seconds(30));
  ASSERT_OK_AND_ASSIGN(const WorkerDesk::PermitCall call, WorkerDesk::OpenPermitCall(request, clock_.Now()));
  ASSERT_OK_AND_ASSIGN(const WorkerDesk::PermitLook early, workers_->LookForPermit(core_->Enter(), call));
  clock_.Advance(std::get<WorkerDesk::LookAgain>(early).at - clock_.Now().boot + absl::Milliseconds(30));
  ASSERT_OK_AND_ASSIGN(const WorkerDesk::PermitLook late, workers_->LookForPermit(core_->Enter(), call));
  ASSERT_TRUE(std::get<v1::AcquirePermitResponse>(late).has_permit());
  const std::string lateness = "penstock_permit_lateness_seconds_";
  EXPECT_EQ(Value(lateness + "bucket{le=\"0.025\"}"), kBurst);
  EXPECT_EQ(Value(lateness + "bucket{le=\"0.05\"}"), kBurst + 1);
  EXPECT_EQ(Value(lateness + "bucket{le=\"+Inf\"}"), kBurst + 1);
  EXPECT_EQ(Value(lateness + "count"), kBurst + 1);
  EXPECT_NEAR(Value(lateness + "sum"), 0.030, 1e-9);
}

TEST_F(MonitoringTest, TellsWhatBecameOfTheRecordsAndHowFarADestinationIsBehind) {
  Read();
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("penstock_records_total{source=\"acme\",endpoint=\"conversations\","
                              "outcome=\"inserted\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_rows{source=\"acme\",endpoint=\"conversations\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_destination_behind_changes{source=\"acme\",destination="
                              "\"warehouse\"} 1\n"));
  const std::string paused = "penstock_destination_paused{source=\"acme\",destination=\"warehouse\"} ";
  EXPECT_THAT(text, HasSubstr(absl::StrCat(paused, "0\n")));
  v1::PauseDestinationRequest request;
  request.set_name("warehouse");
  ASSERT_OK(admin_->PauseDestination(request));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat(paused, "1\n")));
}

TEST_F(MonitoringTest, TellsOfEverySourceHoweverManyThereAre) {
  CoreOptions options = Options();
  for (int i = 0; i < 25; ++i) {
    SourceSettings& more = options.sources.emplace_back(options.sources.front());
    more.name = absl::StrCat("more-", i);
    more.url = absl::StrCat("https://host/", i, "/records");
  }
  options.destinations.clear();
  Start(options);
  const std::string text = Text();
  for (int i = 0; i < 25; ++i) {
    EXPECT_THAT(text,
                HasSubstr(absl::StrCat("penstock_windows{source=\"more-", i, "\",state=\"parked\"} 0\n")));
  }
  EXPECT_THAT(text, HasSubstr("penstock_budget_used_requests{source=\"acme\"} 0\n"));
}

TEST_F(MonitoringTest, AsksForNoWorkersWhenThereIsNothingToRead) {
  const std::string wanted = "penstock_fetch_capacity_wanted{source=\"acme\"} ";
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat(wanted, "0\n")));
  Backfill({Endpoint::kConversations});
  EXPECT_THAT(Text(), Not(HasSubstr(absl::StrCat(wanted, "0\n"))));
  FinishAll("a");
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat(wanted, "0\n")));
}

TEST_F(MonitoringTest, AWorkerThatIsGoneIsNotCounted) {
  Lease("a");
  EXPECT_THAT(Text(), HasSubstr("penstock_workers 1\n"));
  clock_.Advance(kHandsFor + absl::Seconds(1));
  EXPECT_THAT(Text(), HasSubstr("penstock_workers 0\n"));
}

TEST_F(MonitoringTest, ParkedWindowsAndBlockedEndpointsShow) {
  Backfill({Endpoint::kConversations, Endpoint::kInteractions});
  const std::vector<v1::FetchAssignment> leases = Lease("a");
  ASSERT_EQ(leases.size(), 2u);
  ASSERT_OK(Release(leases[0], v1::ReleaseWindowRequest::PARKED));
  ASSERT_OK(Release(leases[1], v1::ReleaseWindowRequest::ENDPOINT_REFUSED));
  const std::string text = Text();
  EXPECT_THAT(text, Not(HasSubstr("penstock_windows{source=\"acme\",state=\"parked\"} 0\n")));
  EXPECT_THAT(text, HasSubstr("penstock_source_blocked_endpoints{source=\"acme\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("penstock_source_blocked{source=\"acme\"} 0\n"));
}

TEST_F(MonitoringTest, AnAlarmShowsWhileItStands) {
  const std::string no_batch = "penstock_alarms{source=\"acme\",alarm=\"no-batch\"} ";
  Read();
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat(no_batch, "0\n")));
  clock_.Advance(absl::Hours(24 * 8));
  EXPECT_THAT(Text(), HasSubstr(absl::StrCat(no_batch, "1\n")));
}

TEST_F(MonitoringTest, SaysHowLongUntilTheSourceForgetsWhatIsNotSettled) {
  const auto days = [this](const std::string& endpoint) {
    return Value(absl::StrCat("penstock_forgotten_in_seconds{source=\"acme\",endpoint=\"", endpoint, "\"}")) /
           absl::ToDoubleSeconds(absl::Hours(24));
  };
  Read();
  // The days that may still change are young; of interactions nothing was read.
  EXPECT_NEAR(days("conversations"), 28, 1);
  EXPECT_EQ(days("interactions"), 0);
  clock_.Advance(absl::Hours(24 * 8));
  EXPECT_NEAR(days("conversations"), 20, 1);
  // The backfill's own day was read in part.
  EXPECT_EQ(Value("penstock_coverage{source=\"acme\",endpoint=\"conversations\",state=\"missing\"}"), 9);
}

TEST_F(MonitoringTest, TellsTheAgeAndTheSizeOfBackups) {
  EXPECT_THAT(Text(), Not(HasSubstr("penstock_backup")));
  CoreOptions options = Options();
  options.backup.directory = "/backup";
  Start(options);
  EXPECT_THAT(Text(), Not(HasSubstr("penstock_backup")));  // not read yet
  BackupBook& book = core_->backups();
  book.listed = true;
  EXPECT_THAT(Text(), HasSubstr("penstock_backup_age_seconds +Inf\n"));
  store::Backup backup;
  backup.store_id = core_->store().store_id();
  backup.taken = clock_.Now().wall - absl::Hours(1);
  book.backups.push_back(backup);
  book.bytes = 4096;
  EXPECT_EQ(Value("penstock_backup_age_seconds"), 3600);
  EXPECT_EQ(Value("penstock_backup_bytes"), 4096);
  EXPECT_EQ(Value("penstock_backups"), 1);
  EXPECT_EQ(Value("penstock_backup_failed"), 0);
  book.run.set_state(v1::BackupRun::FAILED);
  EXPECT_EQ(Value("penstock_backup_failed"), 1);
}

// The judge of names and units is Prometheus's own tool, of Debian's package prometheus.
TEST_F(MonitoringTest, PrometheusFindsNothingToCriticiseInIt) {
  CoreOptions options = Options();
  options.backup.directory = "/backup";
  Start(options);
  core_->backups().listed = true;
  Read();
  const std::string file = absl::StrCat(::testing::TempDir(), "monitoring_test.", getpid());
  std::ofstream(file) << Text();
  FILE* tool = popen(absl::StrCat("promtool check metrics <", file, " 2>&1").c_str(), "r");
  ASSERT_NE(tool, nullptr);
  std::string criticism;
  for (int c = fgetc(tool); c != EOF; c = fgetc(tool)) criticism.push_back(static_cast<char>(c));
  EXPECT_EQ(pclose(tool), 0) << "is the Debian package prometheus installed?";
  EXPECT_EQ(criticism, "");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace penstock::coordinator
