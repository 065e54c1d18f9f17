// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/planted/worker.h"

#include "proto/convert.h"

namespace penstock::simulation::planted {

void SpoilPage(World& world, worker::PageToCommit& page) {
  if (world.bug == Bug::kRowDropped && page.rows.size() > 1 && world.dice.Next() % 10 == 0) {
    page.rows.pop_back();
    page.header.set_row_count(page.header.row_count() - 1);
  }
  if (world.bug == Bug::kBytesRespelled) {
    for (v1::Row& row : page.rows) row.mutable_raw()->insert(1, " ");
  }
  if (world.bug == Bug::kQuarantineDropped) {
    page.quarantined.clear();
    page.header.set_quarantined_count(0);
  }
}

void SpoilReport(World& world, v1::PermitReport& report) {
  if (world.bug == Bug::kUnansweredAsNeverSent && report.fate() == v1::UNANSWERED) {
    report.set_fate(v1::NEVER_SENT);
  }
  if (world.bug == Bug::kSlotFreedEarly && report.fate() == v1::ANSWERED) {
    *report.mutable_first_byte_ago() = ToProto(FromProto(report.first_byte_ago()) + absl::Seconds(5));
  }
}

void SpoilCursor(World& world, const std::string& store_id,
                 absl::StatusOr<destinations::LoadCursor>& cursor) {
  if (world.bug == Bug::kForeignCursorHonoured && cursor.ok()) cursor->store_id = store_id;
}

void SpoilOutcome(World& world, absl::Status& status) {
  if (world.bug == Bug::kLostCommitTakenForDone && absl::IsUnavailable(status)) status = absl::OkStatus();
}

}  // namespace penstock::simulation::planted
