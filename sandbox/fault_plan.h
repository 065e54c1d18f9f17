// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/endpoint.h"

namespace penstock::sandbox {

// Everything that can go wrong on purpose. kFaults (fault_plan.cc) has each one's name and meaning, in this
// order.
enum class Fault {
  // Instead of an answer.
  k429,
  k429Bare,
  k429Date,
  k429Garbage,
  k500,
  k502Html,
  k503,
  k401Once,
  k403,
  kGone,
  kRedirect,
  kExpiredLink,
  kHtml,
  kEmptyBody,
  kError200,
  kNoCount,
  kNoFilter,
  kNoOrder,
  // On the way back.
  kReset,
  kCut,
  kSlowDrip,
  kGzip,
  kBomb,
  // In the envelope.
  kNoValue,
  kNoContext,
  kValueObject,
  kEmptyPage,
  kLinkFirst,
  kCountString,
  kForeignLink,
  kLoopLink,
  kRelativeLink,
  kLinkCase,
  kTwoLinks,
  kLinkNull,
  kLinkEmpty,
  // In the records.
  kNoId,
  kExtraField,
  kOddText,
  kDuplicate,
  kIgnoreFilter,
  kIgnoreOrder,
  kHeldBack,
  kCount_,
};

enum class FaultArgument { kHowOften, kUrl, kKey, kDay };

struct FaultInfo {
  absl::string_view name;
  FaultArgument argument;
  absl::string_view help;
};
// In the order of the enum.
const std::array<FaultInfo, static_cast<size_t>(Fault::kCount_)>& AllFaults();

// Which faults strike which requests: a list of NAME[=ARGUMENT][@ENDPOINT]. For most names ARGUMENT says how
// often: a number with a point is a share (0.05: every twentieth on average), one without is a count (3: the
// first three); without it, always. Chance comes from the seed and the number of earlier chances, so a run
// can be repeated. Not thread-safe.
class FaultPlan {
 public:
  // INVALID_ARGUMENT names the word and, for an unknown name, lists all of them.
  static absl::StatusOr<FaultPlan> Parse(const std::vector<std::string>& words, uint64_t seed);

  // To be asked once per occasion at which the fault could strike, and only then: each time uses up a chance.
  // Empty: no. Otherwise the argument that is not "how often" (a URL, a key, a day), or "".
  std::optional<std::string> Strikes(Fault fault, Endpoint endpoint);
  // Days (numbers of UTC days) that are held back on this endpoint.
  std::vector<int64_t> HeldBack(Endpoint endpoint) const;
  // How often each fault has struck, by name.
  const std::map<std::string, uint64_t>& struck() const { return struck_; }

 private:
  struct Rule {
    Fault fault = Fault::kCount_;
    std::optional<Endpoint> endpoint;  // empty: all
    double share = 1.0;
    std::optional<uint64_t> count;
    std::string value;
    int64_t day = 0;
    uint64_t chances = 0;
  };
  static absl::StatusOr<Rule> ParseRule(absl::string_view word);
  static absl::Status ReadArgument(const FaultInfo& info, absl::string_view argument, Rule& rule);

  uint64_t seed_ = 1;
  std::vector<Rule> rules_;
  std::map<std::string, uint64_t> struck_;
};

}  // namespace penstock::sandbox
