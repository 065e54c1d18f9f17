// SPDX-License-Identifier: Apache-2.0
// Parts that stop and come back in the middle of the work, and destinations that do.
#include <sqlite3.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Restart : public ClusterTest {
 protected:
  Restart() {
    serve.page_size = 20;
    serve.first_byte = absl::Milliseconds(15);  // so that there is a middle
  }

  uint64_t Begin() {
    StartSandbox();
    StartCoordinator();
    const uint64_t job = Backfill();
    StartWorker();
    return job;
  }
  void AwaitRows(uint64_t rows) {
    AwaitThat(absl::StrCat(rows, " rows"), [&](const auto& status) { return status.rows() >= rows; });
  }
  void AwaitTheEnd(uint64_t job) {
    EXPECT_EQ(AwaitJob(job).parked_windows(), 0u);
    AwaitLoaded();
    ExpectExact();
  }
};

TEST_F(Restart, TheCoordinatorRestartsAndItsWorkerGoesOn) {
  const uint64_t job = Begin();
  for (uint64_t rows : {300u, 900u}) {
    AwaitRows(rows);
    ASSERT_EQ(Job(job).state(), v1::JOB_RUNNING);
    StopCoordinator();
    StartCoordinator();
  }
  AwaitTheEnd(job);
  EXPECT_EQ(Windows(v1::WINDOW_PARKED).size(), 0u);
}

TEST_F(Restart, AWorkerDrainsAndAnotherOneGoesOn) {
  const uint64_t job = Begin();
  AwaitRows(300);
  DrainWorker(0);
  EXPECT_EQ(Windows(v1::WINDOW_LEASED).size(), 0u) << "a drained worker gave everything back";
  const v1::Job paused = Job(job);
  ASSERT_EQ(paused.state(), v1::JOB_RUNNING);
  StartWorker();
  AwaitTheEnd(job);
}

TEST_F(Restart, TwoWorkersShareTheWork) {
  const uint64_t job = Begin();
  StartWorker();
  AwaitTheEnd(job);
}

TEST_F(Restart, AWorkerThatIsCutOffLosesItsWindowsToAnotherOne) {
  const uint64_t job = Begin();
  AwaitRows(300);
  // Longer than any lease: to the coordinator nobody has been heard of meanwhile.
  clock.Skip(absl::Seconds(30));
  AwaitTheEnd(job);
}

TEST_F(Restart, EverythingStopsAndComesBack) {
  const uint64_t job = Begin();
  AwaitRows(500);
  DrainWorker(0);
  StopCoordinator();
  StopSandbox();
  StartCoordinator();
  StartSandbox();
  StartWorker();
  AwaitTheEnd(job);
}

TEST_F(Restart, APausedJobStandsStillAndAResumedOneEnds) {
  const uint64_t job = Begin();
  AwaitRows(300);
  Control(job, v1::ControlJobRequest::PAUSE);
  AwaitThat("nothing is under way", [&](const auto&) { return Windows(v1::WINDOW_LEASED).empty(); });
  const uint64_t requests = sandbox().report().requests();
  EXPECT_EQ(Job(job).state(), v1::JOB_PAUSED);
  EXPECT_EQ(sandbox().report().requests(), requests);
  Control(job, v1::ControlJobRequest::RESUME);
  AwaitTheEnd(job);
}

class DestinationTrouble : public ClusterTest {};

TEST_F(DestinationTrouble, FetchingGoesOnAndTheLoadCatchesUpWhenTheFolderIsThere) {
  config.destinations["warehouse"].path = File("not_yet/warehouse.db");
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitJob(job);
  AwaitThat("the load failed", [](const auto& status) { return !status.destinations(0).failure().empty(); });
  EXPECT_THAT(Status().destinations(0).failure(), HasSubstr("not_yet"));
  EXPECT_EQ(Status().destinations(0).loaded(), 0u);

  std::filesystem::create_directory(File("not_yet"));
  clock.Skip(absl::Seconds(10));  // past the wait before the next try, within every lease
  AwaitLoaded();
  EXPECT_EQ(Status().destinations(0).failure(), "");
  ExpectExact();
}

TEST_F(DestinationTrouble, ALockedFileDelaysTheLoadAndNothingElse) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(warehouse().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE own(x); BEGIN EXCLUSIVE", nullptr, nullptr, nullptr),
            SQLITE_OK);
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitJob(job);
  EXPECT_EQ(Status().destinations(0).loaded(), 0u);
  EXPECT_EQ(sqlite3_close(other), SQLITE_OK);
  AwaitLoaded();
  ExpectExact();
}

}  // namespace
}  // namespace penstock
