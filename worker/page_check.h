// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "proto/worker_service.pb.h"
#include "worker/page_decoder.h"

namespace penstock::worker {

// What a chain's first URL asked for.
struct Asked {
  v1::WindowAxis axis = v1::CREATED_TIME;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;  // excluded
  v1::PageOrder order = v1::ID_DESC;
};

// A server may accept $filter or $orderby and ignore it: each window would then bring everything, or pages
// would not join.
//
// One odd record is not a server's habit, and it must be stored (FAULTS 5.30). So a server is said to ignore
// what it was asked only when more than one and more than kOutsideShareMax of the records that have a
// readable stamp lie outside the bounds, or when more than kDisorderShareMax of the neighbours stand the
// wrong way round. Ids are taken for ordered by bytes, without case or as numbers, whichever fits best: how
// the server compares them is not documented. Order is judged only where a next link follows: alone, a page
// is complete in any order.
struct PageVerdict {
  bool filter_ignored = false;
  bool order_ignored = false;
  std::string why;  // a sentence; empty: the page is what was asked for
};
PageVerdict CheckPage(const Asked& asked, const DecodedPage& page);

}  // namespace penstock::worker
