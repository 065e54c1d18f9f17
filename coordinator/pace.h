// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// How long a source takes to answer, measured, and what follows from it. Not durable: a few pages teach it
// again.
//
// Little's law: to keep `limit` requests a minute on the way, as many chains must run at once as requests are
// answered in the time that one page takes. A slot comes back 60 s after the first byte of its last answer, so
// the rate is limit / (60 s + time to first byte); a page takes the time to the first byte and the time of the
// body.
class Pace {
 public:
  // An answered request. Refusals say nothing, and counts nothing of how long a page's body takes.
  void LearnPage(const v1::PermitReport& report);
  void LearnCount(const v1::PermitReport& report);

  absl::Duration first_byte() const { return first_byte_.value_or(absl::Seconds(1)); }
  absl::Duration page_time() const { return first_byte() + body_.value_or(absl::ZeroDuration()); }

  // At most kChainsMax.
  uint32_t ChainsWanted(uint32_t limit) const;
  // From one request to the next, when the budget is used as far as `hands` chains at once can.
  absl::Duration PerRequest(uint32_t limit, uint32_t hands) const;

 private:
  std::optional<absl::Duration> first_byte_;
  std::optional<absl::Duration> body_;
};

}  // namespace penstock::coordinator
