// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/endpoint.h"

namespace penstock::metrics {

// How a value reads.
enum class Unit {
  kCount,
  kShare,         // numerator / denominator, as a percentage
  kMean,          // numerator / denominator, as it is
  kMilliseconds,  // the same, of milliseconds
  kHours,
};

enum class Chart { kLine, kBars, kNumber };

struct NamedSql {
  std::string name;
  std::string sql;
};

// One way of computing a metric: SQL over one relation of facts (facts.h), whose rows are what is counted. Portable:
// nothing in it names a warehouse. Parameters stand in braces (placeholders.h).
struct Definition {
  std::string text = {};   // in words, for people
  std::string facts = {};  // the relation; its column created_ms is the time axis
  std::string rows =
      {};  // the relation of single rows behind `facts`, where those stand for several; empty: the same
  std::string where = {};  // which of its rows count; empty: all
  // First the rows of a cell (a period, of a group) become one row for each `per`, and are ranked by these.
  std::string per = {};
  std::vector<NamedSql> per_values = {};
  std::vector<NamedSql> ranks = {};
  std::string value = {};             // an aggregate: the numerator
  std::string over = {};              // the denominator; empty: the value is a count
  std::vector<NamedSql> beside = {};  // further aggregates, in columns of their own
  std::string unattributed = {};  // the relation of signals that R6 finds no row for; empty: R6 takes no part
  std::string breakdown = {};     // in place of the metric's own
};

// What a metric can be grouped by and filtered on, by what its counted rows know.
enum class Subject {
  kInteraction,   // route, domain, platform, language
  kConversation,  // route, domain, language
  kCall,          // route, domain, plugin, language
  kUser,          // language
};

struct Metric {
  std::string name = {};
  std::string title = {};
  std::string section = {};  // of the vendor's guide
  Unit unit = Unit::kCount;
  Chart chart = Chart::kLine;
  Subject subject = Subject::kInteraction;
  // By what the metric itself is broken down, of its facts ("route", "verdict"); empty: it is one number.
  NamedSql breakdown = {};
  // Their names (parameters.h), with "=items" where this metric has another default.
  std::vector<std::string> parameters = {};
  std::string by = {};               // the default period; empty: only the total
  std::vector<Endpoint> reads = {};  // whose days must be settled
  Definition corrected = {};
  Definition guide = {};
  std::string differs = {};  // why the two differ, one sentence; empty: they do not
  std::string sample = {};   // what each gives on the published samples
  std::vector<std::string> notes = {};
  // Calls without feedback may be shared out by plugin (`missing`), which takes a division for each (answer.h).
  bool shared_out = false;
  bool own_period = false;  // the facts have their period already
  std::string needs = {};   // a parameter that has no default
};

}  // namespace penstock::metrics
