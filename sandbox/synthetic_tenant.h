// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "sandbox/record_table.h"

namespace penstock::sandbox {

// An invented tenant of any size. Nothing about a conversation is stored but where its records begin:
// everything else follows from (seed, day, number of the conversation), so millions of records fit into
// memory, and the same conversation has the same bytes whatever the other days look like. Users also depend
// on the last day.
//
// Mix and sizes are those of the vendor's samples: per conversation about 4 interactions, 2.7 plugin calls
// and 21 plugin resources; about 180, 600, 320, 750 and (users) 1,160 bytes a record.

struct SyntheticOptions {
  uint32_t days = 30;  // full days before `now`
  uint32_t ahead = 1;  // days from now's own on, published as time goes by
  uint32_t users = 500;
  uint32_t conversations = 100;  // on each day
  uint64_t seed = 1;
};

// "days=30,users=500,seed=1[,conversations=100][,ahead=1]", any of them, in any order. INVALID_ARGUMENT names
// the word.
absl::StatusOr<SyntheticOptions> ParseSyntheticOptions(absl::string_view text);

enum class ConversationKind { kDirect, kChannel, kTicket, kNotification, kSurvey };

// What follows from (seed, day, number) before any record is written.
struct ConversationFacts {
  uint64_t dice = 0;  // of this conversation
  ConversationKind kind = ConversationKind::kDirect;
  uint32_t user = 0;
  uint32_t question = 0;
  uint32_t start_ms = 0;  // since midnight
  uint32_t interactions = 0;
  uint32_t calls = 0;
  uint32_t resources = 0;
};

class SyntheticTenant {
 public:
  SyntheticTenant(const SyntheticOptions& options, absl::Time now);

  struct Conversation {
    uint32_t day = 0;     // since the first one
    uint32_t number = 0;  // within the day
    // Rows of its first records; the next conversation's are the ends.
    uint32_t first_interaction = 0;
    uint32_t first_call = 0;
    uint32_t first_resource = 0;
  };

  // One more than there are: the last is only an end.
  const std::vector<Conversation>& conversations() const { return conversations_; }
  ConversationFacts Facts(const Conversation& conversation) const;
  // `ordinal` counts an endpoint's records within the conversation.
  uint64_t Id(Endpoint endpoint, const Conversation& conversation, uint32_t ordinal) const;
  // When interaction `ordinal` took place, in ms since the day's midnight; never leaves the day.
  static uint32_t InteractionTime(const ConversationFacts& facts, uint32_t ordinal);

  uint64_t UserId(uint32_t user) const;
  int64_t first_day() const { return first_day_; }
  uint32_t day_count() const { return day_count_; }
  const SyntheticOptions& options() const { return options_; }
  // When a day's records of an endpoint are published, as Unix milliseconds: 6 to 30 hours after the day's
  // end.
  int64_t PublishedAt(Endpoint endpoint, uint32_t day) const;

 private:
  const SyntheticOptions options_;
  const int64_t first_day_;
  const uint32_t day_count_;
  std::vector<Conversation> conversations_;
};

std::unique_ptr<RecordTable> NewSyntheticTable(std::shared_ptr<const SyntheticTenant> tenant,
                                               Endpoint endpoint);

}  // namespace penstock::sandbox
