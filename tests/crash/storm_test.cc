// SPDX-License-Identifier: Apache-2.0
// A coordinator, workers that fetch from a sandbox and a loader are killed and stopped at random instants,
// over and over, while a worker in this process commits made-up pages and remembers what was acknowledged. After
// each death of the coordinator the whole store is compared with that. PENSTOCK_CRASH_SECONDS=300 is the long
// form (./dev crash); PENSTOCK_CRASH_SEED changes the instants.
#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "tests/crash/storm_fixture.h"

namespace penstock {
namespace {

TEST_F(Storm, NothingAcknowledgedIsLostOrDoubledOrForgotten) {
  SCOPED_TRACE(absl::StrCat("PENSTOCK_CRASH_SEED=", seed()));
  StartEverything();
  Rage();
  if (!HasFailure()) {
    LetEverythingEnd();
    CompareStore();
    CompareWarehouses();
    ExpectNoSecretAnywhere();
    EXPECT_THAT(Violations(), ::testing::IsEmpty());
  }
  PrintTable();
  if (IsLongForm()) {
    EXPECT_GE(KillsPerSecond(), 200 / 300.0);
    EXPECT_LE(RecoveryTime(0.99), absl::Seconds(2));
  }
  // On a busy machine too; a worker that does not hear of the restart takes longer.
  EXPECT_LT(RecoveryTime(1), absl::Seconds(5));
}

}  // namespace
}  // namespace penstock
