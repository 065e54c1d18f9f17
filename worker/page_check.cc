// SPDX-License-Identifier: Apache-2.0
#include "worker/page_check.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/instant.h"
#include "proto/convert.h"
#include "worker/limits.h"

namespace penstock::worker {
namespace {

std::optional<absl::Time> StampOf(const v1::Row& row, v1::WindowAxis axis) {
  return axis == v1::CREATED_TIME ? OptionalTime(row.has_created_time(), row.created_time())
                                  : OptionalTime(row.has_last_updated_time(), row.last_updated_time());
}

std::string WhyOutside(const Asked& asked, const std::vector<v1::Row>& rows) {
  // The wire knows whole milliseconds, so the bounds that were sent are up to one wider (paginator.h).
  const absl::Time from = asked.from.value_or(absl::InfinitePast()) - absl::Milliseconds(1);
  const absl::Time to = asked.to.value_or(absl::InfiniteFuture()) + absl::Milliseconds(1);
  size_t dated = 0;
  size_t outside = 0;
  absl::Time example;
  for (const v1::Row& row : rows) {
    const std::optional<absl::Time> stamp = StampOf(row, asked.axis);
    if (!stamp.has_value()) continue;
    ++dated;
    if (*stamp >= from && *stamp < to) continue;
    ++outside;
    example = *stamp;
  }
  // On a small page one odd record is a large share.
  if (outside <= 1 || outside <= dated * kOutsideShareMax) return "";
  return absl::StrCat("the source ignores $filter: ", outside, " of ", dated,
                      " records lie outside the window, one at ", FormatStamp(example));
}

// Neighbours of which `rises` says that the second should stand before the first.
size_t CountRises(const std::vector<v1::Row>& rows,
                  const std::function<bool(const v1::Row&, const v1::Row&)>& rises) {
  size_t count = 0;
  for (size_t i = 1; i < rows.size(); ++i) count += rises(rows[i - 1], rows[i]);
  return count;
}

size_t CountDisorder(v1::PageOrder order, const std::vector<v1::Row>& rows) {
  if (order == v1::NO_ORDER) return 0;
  if (order == v1::CREATED_TIME_DESC) {
    return CountRises(rows, [](const v1::Row& a, const v1::Row& b) {
      return a.has_created_time() && b.has_created_time() &&
             FromProto(a.created_time()) < FromProto(b.created_time());
    });
  }
  const size_t bytes = CountRises(rows, [](const v1::Row& a, const v1::Row& b) { return a.id() < b.id(); });
  if (bytes == 0) return 0;  // nearly always
  const size_t folded = CountRises(rows, [](const v1::Row& a, const v1::Row& b) {
    return absl::AsciiStrToLower(a.id()) < absl::AsciiStrToLower(b.id());
  });
  const size_t numbers = CountRises(rows, [](const v1::Row& a, const v1::Row& b) {
    return a.id().size() != b.id().size() ? a.id().size() < b.id().size() : a.id() < b.id();
  });
  return std::min({bytes, folded, numbers});
}

std::string WhyDisordered(const Asked& asked, const DecodedPage& page) {
  if (page.next_link.empty() || page.rows.size() < 2) return "";
  const size_t neighbours = page.rows.size() - 1;
  const size_t disorder = CountDisorder(asked.order, page.rows);
  if (disorder <= neighbours * kDisorderShareMax) return "";
  return absl::StrCat("the source ignores $orderby: ", disorder, " of ", neighbours,
                      " records stand before one that should come first");
}

}  // namespace

PageVerdict CheckPage(const Asked& asked, const DecodedPage& page) {
  PageVerdict verdict;
  verdict.why = WhyOutside(asked, page.rows);
  verdict.filter_ignored = !verdict.why.empty();
  std::string disorder = WhyDisordered(asked, page);
  verdict.order_ignored = !disorder.empty();
  if (verdict.why.empty()) verdict.why = std::move(disorder);
  return verdict;
}

}  // namespace penstock::worker
