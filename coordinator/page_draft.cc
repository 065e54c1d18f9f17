// SPDX-License-Identifier: Apache-2.0
#include "coordinator/page_draft.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "google/protobuf/util/message_differencer.h"
#include "proto/convert.h"

namespace penstock::coordinator {

using google::protobuf::util::MessageDifferencer;
using storage::WindowRecord;

absl::Status CheckNext(const WindowRecord& window, const v1::PageHeader& header) {
  if (header.chain() != window.chain() || header.page() > window.next_page()) {
    return absl::FailedPreconditionError(
        absl::StrCat(WindowName(window.number()), " expects page ", window.next_page(), " of chain ",
                     window.chain(), ", not page ", header.page(), " of chain ", header.chain()));
  }
  if (header.page() < window.next_page()) return absl::AlreadyExistsError("this page is committed");
  return absl::OkStatus();
}

Draft BeginDraft(const State& state, const WindowRecord& window, const v1::PageHeader& header,
                 absl::Time now) {
  Draft draft{window, JobOf(state, window), state.sources().at(window.source()), {}, false};
  WindowRecord& next = draft.window;
  next.set_next_page(window.next_page() + 1);
  next.set_next_link(header.next_link());
  next.clear_failed_leases();
  const v1::PermitReport& permit = header.permit();
  const absl::Time server_now = permit.has_server_date() ? FromProto(permit.server_date()) : now;
  if (header.page() == 0) *next.mutable_begun() = ToProto(server_now);
  if (!draft.job.has_server_start() || server_now < FromProto(draft.job.server_start())) {
    *draft.job.mutable_server_start() = ToProto(server_now);
  }
  if (!draft.source.has_first_contact()) *draft.source.mutable_first_contact() = ToProto(server_now);
  return draft;
}

void FinishDraft(Draft& draft, const Moment& now) {
  draft.window.set_state(WindowRecord::DONE);
  draft.window.clear_worker();
  *draft.window.mutable_finished() = ToProto(now.wall);
  draft.stop = true;
}

void YieldDraft(Draft& draft) {
  draft.window.set_state(WindowRecord::PENDING);
  draft.window.clear_worker();
  draft.stop = true;
}

void PutSource(const State& state, const Draft& draft, Records& records) {
  const storage::SourceRecord& known = state.sources().at(draft.source.id());
  if (!MessageDifferencer::Equals(known, draft.source)) records.push_back(draft.source);
}

}  // namespace penstock::coordinator
