// SPDX-License-Identifier: Apache-2.0
#include "worker/load_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "destinations/load_cursor.h"

namespace penstock::worker {
namespace {

constexpr char kStore[] = "store";

CoordinatorClient::Changes Changes(uint64_t first, uint64_t last) {
  CoordinatorClient::Changes changes;
  for (uint64_t number = first; number <= last; ++number) changes.changes.emplace_back().set_number(number);
  changes.through = last;
  changes.head = last;
  return changes;
}

v1::ReportLoadResponse CarryOn(bool carry_on) {
  v1::ReportLoadResponse response;
  response.set_carry_on(carry_on);
  return response;
}

template <typename Action>
Action As(const LoadAction& action) {
  EXPECT_TRUE(std::holds_alternative<Action>(action)) << "action " << action.index();
  return std::holds_alternative<Action>(action) ? std::get<Action>(action) : Action{};
}

TEST(LoadTask, GoesOnWhereTheDestinationItselfSaysItIs) {
  LoadTask task({kStore});
  As<PrepareDestination>(task.Begin());
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{kStore, 7})).after, 7u);
  const auto write = As<WriteBatch>(task.OnChanges(Changes(8, 10)));
  EXPECT_EQ(write.changes->size(), 3u);
  EXPECT_EQ(write.from.change, 7u);
  EXPECT_EQ(write.to.change, 10u);
  EXPECT_EQ(As<ReportProgress>(task.OnWritten(absl::OkStatus(), 3, 0)).loaded, 10u);
  EXPECT_EQ(As<ReadNextChanges>(task.OnReported(CarryOn(true))).after, 10u);
}

TEST(LoadTask, ADestinationThatHasEverythingIsNotTouched) {
  LoadTask task({kStore});
  task.OnPrepared(destinations::LoadCursor{kStore, 10});
  CoordinatorClient::Changes none;
  none.through = none.head = 10;
  EXPECT_EQ(As<ReportProgress>(task.OnChanges(none)).rows, 0u);
  As<LoadFinished>(task.OnReported(CarryOn(false)));
}

TEST(LoadTask, AnEmptyStoreWritesNoCursor) {
  LoadTask task({kStore});
  task.OnPrepared(destinations::LoadCursor{});
  EXPECT_EQ(As<ReportProgress>(task.OnChanges(CoordinatorClient::Changes{})).loaded, 0u);
}

TEST(LoadTask, ACursorOfAnotherStoreForcesAResyncFromTheBeginning) {
  LoadTask task({kStore});
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{"another", 99})).after, 0u);
  const auto write = As<WriteBatch>(task.OnChanges(Changes(1, 5)));
  EXPECT_EQ(write.from.store_id, "another");
  EXPECT_EQ(write.to.store_id, kStore);
  // From then on it is ours.
  task.OnWritten(absl::OkStatus(), 5, 0);
  EXPECT_EQ(As<WriteBatch>(task.OnChanges(Changes(6, 7))).from.store_id, kStore);
}

TEST(LoadTask, OtherRulesForColumnsForceAResyncThatTheCursorRemembers) {
  const std::string columns = "5d1c";
  LoadTask task({.store_id = kStore, .columns = columns});
  const std::string plain = destinations::ToText({kStore, 77, ""});
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{plain, 9})).after, 0u);
  CoordinatorClient::Changes changes = Changes(1, 5);
  changes.epoch = 77;
  const auto write = As<WriteBatch>(task.OnChanges(changes));
  EXPECT_EQ(write.from.store_id, plain);
  EXPECT_EQ(write.to.store_id, "store@77+5d1c");
  // One that was killed there goes on there.
  LoadTask next({.store_id = kStore, .columns = columns});
  const auto read = As<ReadNextChanges>(next.OnPrepared(write.to));
  EXPECT_EQ(read.after, 5u);
  EXPECT_EQ(read.epoch, 77u);
  // Without the rules everything comes back.
  LoadTask without({.store_id = kStore});
  EXPECT_EQ(As<ReadNextChanges>(without.OnPrepared(write.to)).after, 0u);
}

TEST(LoadTask, ACursorAheadOfThisStoreForcesAResync) {
  LoadTask task({kStore});
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{kStore, 99})).after, 99u);
  EXPECT_EQ(As<ReadNextChanges>(task.OnChanges(absl::OutOfRangeError("head is 5"))).after, 0u);
  const auto write = As<WriteBatch>(task.OnChanges(Changes(1, 5)));
  EXPECT_EQ(write.from.change, 99u);
  EXPECT_EQ(write.to.change, 5u);
}

TEST(LoadTask, EachFailureIsReportedAsWhatItIs) {
  const std::vector<std::pair<absl::Status, v1::LoadFailure::Kind>> cases = {
      {absl::UnavailableError("down"), v1::LoadFailure::UNREACHABLE},
      {absl::PermissionDeniedError("password"), v1::LoadFailure::REFUSED},
      {absl::FailedPreconditionError("schema"), v1::LoadFailure::REFUSED},
      {absl::ResourceExhaustedError("disk full"), v1::LoadFailure::LOCAL},
  };
  for (const auto& [status, kind] : cases) {
    LoadTask opening({kStore});
    EXPECT_EQ(As<ReportFailure>(opening.OnPrepared(status)).kind, kind) << status;
    LoadTask writing({kStore});
    writing.OnPrepared(destinations::LoadCursor{});
    writing.OnChanges(Changes(1, 1));
    EXPECT_EQ(As<ReportFailure>(writing.OnWritten(status, 0, 0)).detail, status.message());
  }
}

TEST(LoadTask, AStoreThatCannotBeReadIsAFailureAndNoQuietEnd) {
  LoadTask task({kStore});
  task.OnPrepared(destinations::LoadCursor{});
  EXPECT_EQ(As<ReportFailure>(task.OnChanges(absl::DataLossError("row 7"))).kind, v1::LoadFailure::LOCAL);
}

TEST(LoadTask, ALeaseTakenBackEndsItQuietly) {
  LoadTask task({kStore});
  task.OnPrepared(destinations::LoadCursor{});
  As<LoadFinished>(task.OnChanges(absl::AbortedError("lease")));
  As<LoadFinished>(task.OnReported(absl::AbortedError("lease")));
}

TEST(LoadTask, AResyncBeginsAtTheFirstChangeAndTakesTheCursorBack) {
  LoadTask task({.store_id = kStore, .resync = true});
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{kStore, 99})).after, 0u);
  const auto write = As<WriteBatch>(task.OnChanges(Changes(1, 5)));
  EXPECT_EQ(write.from.change, 99u);
  EXPECT_EQ(write.to.change, 5u);
  task.OnWritten(absl::OkStatus(), 5, 0);
  EXPECT_EQ(As<ReadNextChanges>(task.OnReported(CarryOn(true))).after, 5u);
}

TEST(LoadTask, TheCursorSaysUnderWhichEpochItsChangeWasNumbered) {
  LoadTask task({kStore});
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{})).epoch, 0u);
  CoordinatorClient::Changes changes = Changes(1, 5);
  changes.epoch = 1700;
  EXPECT_EQ(As<WriteBatch>(task.OnChanges(changes)).to.store_id, "store@1700");
  task.OnWritten(absl::OkStatus(), 5, 0);
  EXPECT_EQ(As<ReadNextChanges>(task.OnReported(CarryOn(true))).epoch, 1700u);

  LoadTask next({kStore});
  const auto read = As<ReadNextChanges>(next.OnPrepared(destinations::LoadCursor{"store@1700", 5}));
  EXPECT_EQ(read.after, 5u);
  EXPECT_EQ(read.epoch, 1700u);
  CoordinatorClient::Changes none;
  none.through = none.head = 5;
  none.epoch = 1700;
  EXPECT_EQ(As<ReportProgress>(next.OnChanges(none)).loaded, 5u) << "nothing is written";
}

TEST(LoadTask, ACursorOfAnotherLifeOfTheStoreForcesAResync) {
  LoadTask task({kStore});
  EXPECT_EQ(As<ReadNextChanges>(task.OnPrepared(destinations::LoadCursor{"store@1700", 5})).after, 5u);
  const auto again = As<ReadNextChanges>(task.OnChanges(absl::OutOfRangeError("an older copy was put back")));
  EXPECT_EQ(again.after, 0u);
  EXPECT_EQ(again.epoch, 0u);
}

TEST(LoadTask, TheCoverageIsPutOnceWhatItSpeaksOfIsThere) {
  LoadTask task({.store_id = kStore, .coverage_of = 8});
  task.OnPrepared(destinations::LoadCursor{});
  task.OnChanges(Changes(1, 5));
  EXPECT_FALSE(As<ReportProgress>(task.OnWritten(absl::OkStatus(), 5, 0)).coverage) << "not yet";
  task.OnReported(CarryOn(true));
  task.OnChanges(Changes(6, 9));
  EXPECT_EQ(As<PutCoverage>(task.OnWritten(absl::OkStatus(), 4, 0)).at.change, 9u);
  const auto progress = As<ReportProgress>(task.OnCoverage(absl::OkStatus()));
  EXPECT_EQ(progress.loaded, 9u);
  EXPECT_EQ(progress.rows, 4u);
  EXPECT_TRUE(progress.coverage);
  task.OnReported(CarryOn(true));
  task.OnChanges(Changes(10, 11));
  As<ReportProgress>(task.OnWritten(absl::OkStatus(), 2, 0));
}

TEST(LoadTask, ACoverageThatCannotBePutIsAFailureUnlessTheSystemKeepsNone) {
  for (const absl::Status& status :
       {absl::UnimplementedError("keeps none"), absl::UnavailableError("down")}) {
    LoadTask task({.store_id = kStore, .coverage_of = 0});
    task.OnPrepared(destinations::LoadCursor{});
    As<PutCoverage>(task.OnChanges(CoordinatorClient::Changes{}));
    const LoadAction next = task.OnCoverage(status);
    EXPECT_EQ(std::holds_alternative<ReportProgress>(next), absl::IsUnimplemented(status)) << status;
  }
}

}  // namespace
}  // namespace penstock::worker
