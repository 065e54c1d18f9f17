// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "proto/worker_service.pb.h"
#include "worker/page_decoder.h"

namespace penstock::worker {

enum class PageOrder { kIdDescending, kCreatedTimeDescending };

// What a chain's first URL asked for.
struct Asked {
  v1::WindowAxis axis = v1::CREATED_TIME;
  std::optional<absl::Time> from;
  std::optional<absl::Time> to;  // excluded
  PageOrder order = PageOrder::kIdDescending;
};

// A server may accept $filter or $orderby and ignore it: each window would then bring everything, or pages
// would not join. Why `page` is not what was asked for, as a sentence; empty: it is.
//
// One odd record is not a server's habit, and it must be stored (FAULTS 5.30). So a page is refused only when
// more than kOutsideShareMax of its records that have a readable stamp lie outside the bounds, or when more
// than kDisorderShareMax of its neighbours stand the wrong way round. Ids are taken for ordered by bytes,
// without case or as numbers, whichever fits best: how the server compares them is not documented. Order is
// judged only where a next link follows: alone, a page is complete in any order.
std::string WhyNotAsked(const Asked& asked, const DecodedPage& page);

}  // namespace penstock::worker
