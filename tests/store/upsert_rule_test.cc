// SPDX-License-Identifier: Apache-2.0
#include "store/upsert_rule.h"

#include <algorithm>
#include <vector>

#include "base/instant.h"
#include "gtest/gtest.h"

namespace penstock::store {
namespace {

class UpsertRule : public ::testing::Test {
 protected:
  const Stamp kNone;
  const Stamp kEarly = ParseStamp("2026-03-16T06:00:00.000Z");
  const Stamp kLate = ParseStamp("2026-03-16T06:00:00.001Z");
  const Stamp kEarlyElsewhere = ParseStamp("2026-03-16T08:00:00+02:00");
};

struct Case {
  Stamp stored, incoming;
  bool same_content;
  uint64_t stored_permit, incoming_permit;
  Verdict verdict;
};

TEST_F(UpsertRule, IsTheTableOfTheDesign) {
  const Case cases[] = {
      // The stamp decides alone, whatever the permits and the content.
      {kEarly, kLate, false, 9, 1, Verdict::kReplace},
      {kEarly, kLate, true, 9, 1, Verdict::kReplace},
      {kLate, kEarly, false, 1, 9, Verdict::kOlder},
      // A missing stamp is older than any other.
      {kNone, kEarly, false, 9, 1, Verdict::kReplace},
      {kEarly, kNone, false, 1, 9, Verdict::kOlder},
      // Equal stamps: the content, then the permit.
      {kEarly, kEarly, true, 1, 9, Verdict::kIdentical},
      {kEarly, kEarly, true, 9, 1, Verdict::kIdentical},
      {kEarly, kEarly, false, 1, 2, Verdict::kReplace},
      {kEarly, kEarly, false, 2, 2, Verdict::kReplace},
      {kEarly, kEarly, false, 3, 2, Verdict::kOlder},
      {kNone, kNone, true, 1, 2, Verdict::kIdentical},
      {kNone, kNone, false, 1, 2, Verdict::kReplace},
      {kNone, kNone, false, 2, 1, Verdict::kOlder},
      // The same instant in another zone is the same stamp.
      {kEarly, kEarlyElsewhere, false, 3, 2, Verdict::kOlder},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Decide({c.stored, c.stored_permit}, {c.incoming, c.incoming_permit}, c.same_content), c.verdict)
        << "case " << (&c - cases);
  }
}

TEST_F(UpsertRule, OnlyEqualStampsNeedTheContent) {
  EXPECT_TRUE(NeedsContent({kEarly, 1}, {kEarlyElsewhere, 2}));
  EXPECT_TRUE(NeedsContent({kNone, 1}, {kNone, 2}));
  EXPECT_FALSE(NeedsContent({kEarly, 1}, {kLate, 2}));
  EXPECT_FALSE(NeedsContent({kLate, 1}, {kEarly, 2}));
  EXPECT_FALSE(NeedsContent({kNone, 1}, {kEarly, 2}));
}

// Whatever the order of arrival, the same version stands in the end.
TEST_F(UpsertRule, ConvergesInEveryOrderOfArrival) {
  struct Arrival {
    Version version;
    int content;
  };
  std::vector<Arrival> arrivals = {
      {{kEarly, 1}, 1}, {{kEarly, 2}, 2}, {{kLate, 3}, 3}, {{kLate, 4}, 4}, {{kNone, 5}, 5}};
  std::vector<int> order = {0, 1, 2, 3, 4};
  do {
    Arrival standing = arrivals[order[0]];
    for (size_t i = 1; i < order.size(); ++i) {
      const Arrival& next = arrivals[order[i]];
      if (Decide(standing.version, next.version, next.content == standing.content) == Verdict::kReplace)
        standing = next;
    }
    EXPECT_EQ(standing.content, 4);
  } while (std::next_permutation(order.begin(), order.end()));
}

}  // namespace
}  // namespace penstock::store
