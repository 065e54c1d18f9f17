// SPDX-License-Identifier: Apache-2.0
// A source that fails in every way that passes: the end is the same as if nothing had happened.

#include "absl/strings/str_cat.h"
#include "tests/cluster/cluster_fixture.h"

namespace penstock {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Trouble {
  std::string name;
  std::vector<std::string> faults;
};

class PassingTrouble : public ClusterTest, public ::testing::WithParamInterface<Trouble> {};

TEST_P(PassingTrouble, ChangesNothingInTheEnd) {
  serve.faults = GetParam().faults;
  const v1::Job job = RunToTheEnd();
  EXPECT_EQ(job.parked_windows(), 0u);
  EXPECT_EQ(sandbox().report().faults.empty(), false) << "the trouble never struck";
  ExpectExact();
}

INSTANTIATE_TEST_SUITE_P(
    Faults, PassingTrouble,
    ::testing::Values(
        Trouble{"ServerErrors", {"500=6", "503=1"}}, Trouble{"HtmlFromAProxy", {"502-html=3", "html=3"}},
        Trouble{"CutBodies", {"cut=6"}}, Trouble{"Resets", {"reset=6"}},
        Trouble{"EmptyBodiesAndErrorsWith200", {"empty-body=3", "error-200=3"}},
        Trouble{"ExpiredLinks", {"expired-link=1@plugin-resources", "expired-link=2@interactions"}},
        Trouble{"MissingValue", {"no-value=4"}}, Trouble{"RepeatedRecords", {"dup"}},
        Trouble{"EmptyPagesBetween",
                {"empty-page=1@users", "empty-page=1@conversations", "empty-page=1@plugin-calls"}},
        Trouble{"OddEnvelopes", {"link-first", "count-string", "no-context", "gzip=0.5"}},
        Trouble{"RelativeLinks", {"relative-link"}},
        Trouble{"OldLinkSpellings", {"link-case=odata.nextLink"}},
        Trouble{"EmptyLastLinks", {"link-null=0.5", "link-empty=0.5"}}),
    [](const auto& info) { return info.param.name; });

class SourceTrouble : public ClusterTest {};

TEST_F(SourceTrouble, ARefusalWithRetryAfterPausesTheSourceForThatLong) {
  serve.faults = {"429=1"};
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("the source pauses", [](const auto& status) { return status.budget().has_paused_until(); });
  const v1::Budget budget = Status().budget();
  EXPECT_EQ(budget.refusals(), 1u);
  EXPECT_LT(budget.current_limit(), budget.limit());
  AwaitJob(job);
  AwaitLoaded();
  ExpectExact();
}

TEST_F(SourceTrouble, ARefusalWithoutRetryAfterPausesTheSourceForAMinute) {
  serve.faults = {"429-bare=1"};
  StartSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("the source pauses", [](const auto& status) { return status.budget().has_paused_until(); });
  const absl::Time until = absl::FromUnixSeconds(Status().budget().paused_until().seconds());
  EXPECT_GT(until - clock.Now().wall, absl::Seconds(55));
  EXPECT_EQ(Job(job).state(), v1::JOB_RUNNING);
  clock.Skip(absl::Seconds(63));
  AwaitJob(job);
  AwaitLoaded();
  ExpectExact();
}

TEST_F(SourceTrouble, ASourceThatComesUpLaterIsWaitedFor) {
  StartSandbox();
  StopSandbox();
  StartCoordinator();
  const uint64_t job = Backfill();
  StartWorker();
  AwaitThat("the trouble shows", [](const auto& status) { return !status.trouble().empty(); });
  EXPECT_FALSE(Status().local_trouble());
  StartSandbox();
  EXPECT_EQ(AwaitJob(job).parked_windows(), 0u);
  AwaitLoaded();
  ExpectExact();
}

TEST_F(SourceTrouble, AServerThatUnderstandsNoOptionIsReadWhole) {
  serve.faults = {"no-filter", "no-orderby", "no-count"};
  EXPECT_EQ(RunToTheEnd().parked_windows(), 0u);
  ExpectExact();
}

TEST_F(SourceTrouble, AServerThatIgnoresFilterAndOrderIsReadWhole) {
  serve.faults = {"ignore-filter", "ignore-orderby"};
  EXPECT_EQ(RunToTheEnd().parked_windows(), 0u);
  ExpectExact();
}

TEST_F(SourceTrouble, AFailureThatLastsIsShownAndNeverTakenForTheEnd) {
  serve.faults = {"value-object@plugin-calls"};
  const v1::Job job = [&] {
    StartSandbox();
    StartCoordinator();
    const uint64_t number = Backfill();
    StartWorker();
    // Eight attempts with growing waits are a minute: the answer is not asked for that often here.
    AwaitThat("only plugin-calls is left", [&](const v1::SourceStatus& status) {
      return Job(number).done_windows() + 2 >= Job(number).windows() && !status.trouble().empty();
    });
    return Job(number);
  }();
  EXPECT_EQ(job.state(), v1::JOB_RUNNING) << "never ends as 'no more data'";
  EXPECT_THAT(Status().trouble(), HasSubstr("plugin-calls"));
  ASSERT_OK(sandbox().SetFaults({}));
  AwaitJob(job.number());
  AwaitLoaded();
  ExpectExact();
}

}  // namespace
}  // namespace penstock
