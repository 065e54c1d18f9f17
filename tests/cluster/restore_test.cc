// SPDX-License-Identifier: Apache-2.0
// The state directory is lost in the middle of the work, and restored from a backup that was made under way.
#include "coordinator/restore.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"
#include "tests/cluster/expected_cells.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;

class Restore : public ClusterTest {
 protected:
  Restore() {
    serve.page_size = 20;
    source().budget = {900, 900};  // so that there is a middle
    config.backup = BackupConfig{.dir = File("backups")};
  }
  // Until so many more are there than now.
  void AwaitMoreRows(uint64_t rows) {
    const uint64_t wanted = Status().rows() + rows;
    AwaitThat(absl::StrCat(wanted, " rows"), [&](const auto& status) { return status.rows() >= wanted; });
  }
  // Rows in the warehouse.
  uint64_t Loaded(Endpoint endpoint) {
    return SqliteCells(warehouse(), destinations::GuideTable(endpoint)).size();
  }
  // As after the loss of the volume: a new state directory under the old path, and time to spare.
  coordinator::Restored LoseAndRestore() {
    StopCoordinator();
    std::filesystem::rename(config.state, config.state + ".lost");
    absl::StatusOr<coordinator::Restored> restored =
        coordinator::RestoreState({config.backup->dir, std::nullopt, config.state}, clock, SystemRandom());
    EXPECT_OK(restored);
    source().budget = {6'000, 6'000};
    StartCoordinator();
    return restored.value_or(coordinator::Restored());
  }
};

TEST_F(Restore, GoesOnToWhatAnUninterruptedRunBrings) {
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  const size_t lost_worker = StartWorker();
  AwaitMoreRows(200);
  const v1::BackupRun run = BackUp();
  ASSERT_EQ(run.state(), v1::BackupRun::DONE) << run.failure();
  const uint64_t held = Status().last_change();
  AwaitMoreRows(300);
  AwaitThat("rows are loaded that no backup has",
            [&](const auto& status) { return status.destinations(0).loaded() > held; });
  ASSERT_EQ(Job(job).state(), v1::JOB_RUNNING);
  const uint64_t rows = Status().rows();

  const coordinator::Restored restored = LoseAndRestore();
  EXPECT_GT(restored.windows, 0u);
  EXPECT_LT(Status().rows(), rows);
  // The worker of the lost store is told so, and ends.
  EXPECT_THAT(EndOfWorker(lost_worker),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the worker works for store ")));
  // Nothing is asked before the requests of the lost store's permits have left every window of the limit.
  const uint64_t requests = sandbox().report().requests();
  EXPECT_EQ(Status().budget().used(), Status().budget().limit());
  StartWorker();
  AwaitThat("a request waits", [](const auto& status) { return status.budget().waiting() > 0; });
  EXPECT_EQ(sandbox().report().requests(), requests);
  clock.Skip(absl::Seconds(68));

  EXPECT_EQ(AwaitJob(job).parked_windows(), 0u);
  AwaitLoaded();
  ExpectExact();
}

TEST_F(Restore, ADestinationThatHeldEverythingStillDoes) {
  source().budget = {6'000, 6'000};
  StartSandbox();
  StartCoordinator();
  const size_t lost_worker = StartWorker();
  AwaitJob(Backfill({Endpoint::kUsers}));
  ASSERT_EQ(BackUp().state(), v1::BackupRun::DONE);
  const uint64_t job = Backfill();
  AwaitJob(job);
  AwaitLoaded();
  ExpectExact();

  LoseAndRestore();
  EXPECT_FALSE(EndOfWorker(lost_worker).ok());
  // The second job came after the backup: nobody knows of it. The warehouse holds its rows all the same.
  for (Endpoint endpoint : kAllEndpoints)
    EXPECT_EQ(Truth(endpoint).size(), Loaded(endpoint)) << Name(endpoint);
  clock.Skip(absl::Seconds(68));
  StartWorker();
  AwaitLoaded();
  for (Endpoint endpoint : kAllEndpoints)
    EXPECT_EQ(Truth(endpoint).size(), Loaded(endpoint)) << Name(endpoint);
  AwaitJob(Backfill());
  AwaitLoaded();
  ExpectExact();
}

}  // namespace
}  // namespace penstock
