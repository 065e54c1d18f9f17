// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "proto/storage.pb.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// What an endpoint is known to understand; of a source that never answered: the best is assumed. Pure.

storage::EndpointTraits TraitsOf(const storage::SourceRecord& source, int endpoint);
uint64_t PageRecords(const storage::EndpointTraits& traits);

// How a new chain of the window is asked for.
v1::PageOrder OrderFor(const storage::EndpointTraits& traits, const storage::WindowRecord& window);

// The server refuses the first request of the window's chain (400): the traits without the option that is most
// likely at fault, the first of these: an order of created_time that it never kept; $count, which nothing
// depends on; an order, and then a filter, that it never accepted. Empty: the refusal has another reason.
std::optional<storage::EndpointTraits> WithoutRefused(const storage::EndpointTraits& traits,
                                                      const storage::WindowRecord& window);

// A page of the window came: what it proves. `window` is the one after the page; `in_order`: it and the pages
// before it keep the order of created_time to the letter, which is what cuts rely on.
storage::EndpointTraits Learned(const storage::EndpointTraits& traits, const storage::WindowRecord& window,
                                const v1::PageHeader& header, uint32_t dated, bool in_order);

// A person asks for the endpoint again: what was refused gets another try.
void ForgetRefusals(storage::EndpointTraits& traits);

}  // namespace penstock::coordinator
