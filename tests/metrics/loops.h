// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/metrics/plain_records.h"

namespace penstock::metrics {

// The choices that METRICS leaves to people, with its defaults written down once more.
struct Settings {
  int64_t link_days = 7;  // of notifications and surveys, `reply_days`
  int64_t reply_days = 30;
  bool nearest = true;
  bool clicks = true;
  std::set<std::string> labels = {"handoff", "mw_form"};
  std::set<std::string> ticket_forms = {"file it ticket"};  // after R4
  std::set<std::string> agent_forms = {"live agent chat request"};
  std::set<std::string> guide_ticket_forms = {"File IT Ticket"};  // letter by letter
  std::set<std::string> guide_agent_forms = {"Live Agent chat request"};
  std::set<std::string> number_labels = {"file_ticket"};
  std::string unit = "day";
  std::string response = "each";
  std::string missing = "exclude";
  std::set<std::string> plugins = {};  // folded; empty: all
  std::map<std::string, double> hours = {{"grant software access", 0.5}};
  std::map<std::string, int> ratings = {};           // folded
  std::map<std::string, std::string> segments = {};  // by user id
};

struct Numbers {
  double numerator = 0;
  std::optional<double> denominator;
  std::vector<double> beside;
};
// By the groups of R8.
using NumbersByGroup = std::map<std::vector<std::string>, Numbers>;

// Every metric once more, in straight loops over records: no SQL, and nothing of the product's. `from` and `to` bound
// one period.
class Loops {
 public:
  Loops(const PlainRecords& records, Settings settings, absl::TimeZone zone, int64_t from, int64_t to,
        std::string group);

  NumbersByGroup Compute(const std::string& metric, bool guide) const;
  // Signals that belong to no row; -1: R6 takes no part.
  int64_t Unattributed(const std::string& metric, bool guide) const;

 private:
  // What R6 calls a signal.
  struct Signal {
    const PlainInteraction* row;
    bool ticket = false, agent = false;
    std::string verdict = {};
    const PlainInteraction* message = nullptr;  // the row it belongs to, of messages
    const PlainInteraction* asked = nullptr;    // and of interactions with a call that matches
  };
  using Wanted = std::function<bool(const PlainInteraction&)>;

  bool In(Ms time) const { return time.has_value() && *time >= from_ && *time < to_; }
  std::vector<std::string> Group(const Text& conversation, const Text& user, const Text& platform,
                                 const Text& plugin) const;
  std::vector<std::string> GroupOf(const PlainInteraction& row) const;
  std::vector<std::string> GroupOf(const PlainConversation& row) const;
  std::vector<std::string> GroupOf(const PlainCall& row) const;

  const PlainInteraction* Find(const Text& id) const;
  bool IsUser(const PlainInteraction& row) const;
  bool IsMessage(const PlainInteraction& row) const;
  bool IsForm(const PlainInteraction& row) const;
  bool ItTicket(const PlainInteraction& form) const;
  bool Request(const PlainInteraction& form) const;
  bool Agent(const PlainInteraction& form) const;
  bool GuideTicket(const PlainInteraction& form) const;
  bool GuideAgent(const PlainInteraction& form) const;
  std::vector<Signal> FindSignals() const;
  const PlainInteraction* Root(const Signal& signal, const Wanted& wanted) const;
  bool Matches(const PlainCall& call) const;

  NumbersByGroup UserMetric(const std::string& metric, bool guide) const;
  NumbersByGroup ConversationMetric(const std::string& metric, bool guide) const;
  NumbersByGroup ActionMetric(const std::string& metric, bool guide) const;
  NumbersByGroup CallMetric(const std::string& metric, bool guide) const;
  NumbersByGroup SurveyMetric(const std::string& metric, bool guide) const;
  NumbersByGroup MessageMetric(const std::string& metric, bool guide) const;

  const PlainRecords& all_;
  const Settings set_;
  const absl::TimeZone zone_;
  const int64_t from_;
  const int64_t to_;
  const std::string group_;
  std::vector<Signal> signals_;
};

// R4 by hand.
std::string Small(const Text& text);
std::string Big(const Text& text);
std::string TypeWord(const PlainInteraction& row);
std::string RouteName(const Text& route);
std::string PlainFormName(const Text& text);
std::string VerdictOf(const PlainInteraction& row);
// Whether `row` is later than `other` by R7.
bool Later(const PlainInteraction& row, const PlainInteraction& other);
std::string OrNobody(const std::string& text);

inline constexpr int64_t kMsOfDay = 86'400'000;

}  // namespace penstock::metrics
