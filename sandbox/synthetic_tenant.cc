// SPDX-License-Identifier: Apache-2.0
#include "sandbox/synthetic_tenant.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/instant.h"
#include "sandbox/synthetic_bits.h"
#include "sandbox/vocabulary.h"

namespace penstock::sandbox {
namespace {

// One draw per conversation. Means: 4.0, 2.7 and 21; the long tails are those of the samples.
constexpr std::array<uint8_t, 32> kInteractions = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,  2,
                                                   3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 8, 9, 10, 14};
constexpr std::array<uint8_t, 32> kCalls = {0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2,  2,
                                            2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 6, 10, 14};
constexpr std::array<uint8_t, 32> kResources = {0,  0,  0,  0,  0,  0,  1,  1,  1,  1,  2,
                                                17, 19, 20, 20, 20, 20, 20, 20, 21, 21, 23,
                                                24, 26, 28, 29, 30, 31, 35, 38, 70, 110};

uint64_t Stream(uint64_t seed, uint64_t what) { return Mix(seed * 0x9e3779b97f4a7c15 + what); }

// Most of the work happens between 8 and 18 o'clock, and a conversation has half an hour to end within its
// day.
uint32_t StartOfConversation(Dice& dice) {
  constexpr uint32_t kHour = 3'600'000;
  if (dice.Percent(80)) return 8 * kHour + dice.Below(10 * kHour);
  return dice.Below(23 * kHour + kHour / 2);
}

ConversationKind KindOf(uint32_t percent) {
  if (percent < 86) return ConversationKind::kDirect;
  if (percent < 88) return ConversationKind::kChannel;
  if (percent < 91) return ConversationKind::kTicket;
  if (percent < 97) return ConversationKind::kNotification;
  return ConversationKind::kSurvey;
}

}  // namespace

absl::StatusOr<SyntheticOptions> ParseSyntheticOptions(absl::string_view text) {
  SyntheticOptions options;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> setting =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    uint32_t* number = setting.first == "days"            ? &options.days
                       : setting.first == "users"         ? &options.users
                       : setting.first == "conversations" ? &options.conversations
                       : setting.first == "ahead"         ? &options.ahead
                                                          : nullptr;
    const bool known = setting.first == "seed"
                           ? absl::SimpleAtoi(setting.second, &options.seed)
                           : number != nullptr && absl::SimpleAtoi(setting.second, number);
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrCat("--synthetic: '", part,
                       "' is not understood; write days=30,users=500,seed=1,conversations=100,ahead=1"));
    }
  }
  const uint64_t conversations = uint64_t{options.conversations} * (uint64_t{options.days} + options.ahead);
  if (options.users == 0 || options.days == 0 || options.days > 3650 || options.ahead > 366 ||
      options.users > 1'000'000 || conversations > 20'000'000) {
    return absl::InvalidArgumentError(
        "--synthetic: days from 1 to 3650, ahead up to 366, users from 1 to 1000000, and at most 20 million "
        "conversations in all");
  }
  return options;
}

SyntheticTenant::SyntheticTenant(const SyntheticOptions& options, absl::Time now)
    : options_(options), first_day_(DayNumber(now) - options.days), day_count_(options.days + options.ahead) {
  conversations_.reserve(uint64_t{day_count_} * options.conversations + 1);
  Conversation next;
  for (next.day = 0; next.day < day_count_; ++next.day) {
    for (next.number = 0; next.number < options.conversations; ++next.number) {
      conversations_.push_back(next);
      const ConversationFacts facts = Facts(next);
      next.first_interaction += facts.interactions;
      next.first_call += facts.calls;
      next.first_resource += facts.resources;
    }
  }
  conversations_.push_back(next);
}

ConversationFacts SyntheticTenant::Facts(const Conversation& conversation) const {
  const uint64_t day = first_day_ + conversation.day;
  ConversationFacts facts;
  facts.dice = Stream(options_.seed, day << 32 | conversation.number);
  Dice dice(facts.dice);
  facts.kind = KindOf(dice.Below(100));
  facts.user = dice.Below(options_.users);
  facts.question = dice.Below(Questions().size());
  facts.start_ms = StartOfConversation(dice);
  facts.interactions = kInteractions[dice.Below(kInteractions.size())];
  facts.calls = kCalls[dice.Below(kCalls.size())];
  facts.resources = kResources[dice.Below(kResources.size())];
  return facts;
}

uint64_t SyntheticTenant::Id(Endpoint endpoint, const Conversation& conversation, uint32_t ordinal) const {
  const uint64_t day = first_day_ + conversation.day;
  // 16 bits of day, 32 of conversation, 16 of record, mixed one to one: no two records share an id.
  const uint64_t place = day << 48 | uint64_t{conversation.number} << 16 | ordinal;
  return Mix(place ^ Stream(options_.seed, static_cast<uint64_t>(endpoint)));
}

uint32_t SyntheticTenant::InteractionTime(const ConversationFacts& facts, uint32_t ordinal) {
  const uint64_t chance = Mix(facts.dice + ordinal);
  const uint32_t turn = facts.start_ms + (ordinal / 2) * 47'000;
  return turn + (ordinal % 2 == 0 ? chance % 3'000 : 4'000 + chance % 9'000);
}

uint64_t SyntheticTenant::UserId(uint32_t user) const {
  // 18 to 20 digits; half of them are beyond what a signed 64-bit number holds.
  return Mix(user ^ Stream(options_.seed, static_cast<uint64_t>(Endpoint::kUsers))) | uint64_t{1} << 59;
}

int64_t SyntheticTenant::PublishedAt(Endpoint endpoint, uint32_t day) const {
  Dice dice(Stream(options_.seed, 0xda7ab47c4 + first_day_ + day));
  const int64_t end_of_day = (first_day_ + day + 1) * kMillisPerDay;
  const int64_t batch = end_of_day + 6 * 3'600'000 + dice.Below(23 * 3'600'000);
  switch (endpoint) {
    case Endpoint::kConversations:
      return batch;
    case Endpoint::kInteractions:
      return batch + 41'000 + dice.Below(20'000);
    case Endpoint::kPluginCalls:
      return batch + 52'000 + dice.Below(20'000);
    case Endpoint::kPluginResources:
      return batch + 830'000 + dice.Below(60'000);
    case Endpoint::kUsers:
      break;
  }
  return batch - 1'800'000;
}

}  // namespace penstock::sandbox
