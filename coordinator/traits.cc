// SPDX-License-Identifier: Apache-2.0
#include "coordinator/traits.h"

#include <algorithm>

#include "coordinator/limits.h"

namespace penstock::coordinator {

using storage::EndpointTraits;
using storage::WindowRecord;

EndpointTraits TraitsOf(const storage::SourceRecord& source, int endpoint) {
  auto it = source.traits().find(endpoint);
  return it == source.traits().end() ? EndpointTraits() : it->second;
}

uint64_t PageRecords(const EndpointTraits& traits) {
  return traits.page_records() > 0 ? traits.page_records() : kPageRecordsDefault;
}

v1::PageOrder OrderFor(const EndpointTraits& traits, const WindowRecord& window) {
  if (traits.order() == EndpointTraits::NONE) return v1::NO_ORDER;
  const bool by_created =
      window.axis() == v1::CREATED_TIME && traits.order() == EndpointTraits::BY_CREATED_TIME;
  return by_created ? v1::CREATED_TIME_DESC : v1::ID_DESC;
}

std::optional<EndpointTraits> WithoutRefused(const EndpointTraits& traits, const WindowRecord& window) {
  EndpointTraits less = traits;
  if (window.order() == v1::CREATED_TIME_DESC && !traits.order_kept()) {
    less.set_order(EndpointTraits::BY_ID);
  } else if (window.asks_count()) {
    less.set_no_count(true);
  } else if (window.order() == v1::ID_DESC && !traits.order_kept()) {
    less.set_order(EndpointTraits::NONE);
  } else if ((window.has_from() || window.has_to()) && !traits.no_filter() && !traits.filter_taken()) {
    less.set_no_filter(true);
  } else {
    return std::nullopt;
  }
  return less;
}

EndpointTraits Learned(const EndpointTraits& traits, const WindowRecord& window, const v1::PageHeader& header,
                       uint32_t dated, bool in_order) {
  EndpointTraits next = traits;
  const uint32_t records = header.row_count() + header.quarantined_count();
  if (window.has_from() || window.has_to()) {
    if (header.filter_ignored()) {
      next.set_no_filter(true);
    } else if (records > 0) {
      next.set_filter_taken(true);
    }
  }
  if (window.order() == v1::CREATED_TIME_DESC && !in_order) {
    next.set_order(EndpointTraits::BY_ID);
    next.clear_order_kept();
  } else if (window.order() == v1::CREATED_TIME_DESC && dated > 1) {
    next.set_order_kept(true);
  } else if (window.order() == v1::ID_DESC && header.order_ignored()) {
    next.set_order(EndpointTraits::NONE);
  } else if (window.order() == v1::ID_DESC && traits.order() == EndpointTraits::BY_ID) {
    next.set_order_kept(true);
  }
  if (records > next.page_records() && !header.next_link().empty()) next.set_page_records(records);
  return next;
}

void ForgetRefusals(EndpointTraits& traits) {
  const uint32_t page_records = traits.page_records();
  traits.Clear();
  traits.set_page_records(page_records);
}

}  // namespace penstock::coordinator
