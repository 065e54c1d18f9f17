// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sandbox/synthetic_tenant.h"

namespace penstock::sandbox {

// Writes records of the synthetic tenant as the API spells them: keys in alphabetical order, no blanks, null
// where the samples have null. Pure and quick (well under a microsecond), because records are written anew on
// every page.

struct RecordPlace {
  const SyntheticTenant& tenant;
  const SyntheticTenant::Conversation& conversation;
  uint32_t ordinal;    // within the conversation
  int64_t created_ms;  // Unix time
  int64_t stamp_ms;    // last_updated_time
};

// When the record `ordinal` of a conversation was created, in ms since midnight.
uint32_t CreatedTime(Endpoint endpoint, const ConversationFacts& facts, uint32_t ordinal);

void AppendConversation(const RecordPlace& place, std::string* out);
void AppendInteraction(const RecordPlace& place, std::string* out);
void AppendPluginCall(const RecordPlace& place, std::string* out);
void AppendPluginResource(const RecordPlace& place, std::string* out);
void AppendUser(const SyntheticTenant& tenant, uint32_t user, int64_t stamp_ms, std::string* out);

}  // namespace penstock::sandbox
