// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/endpoint.h"
#include "base/random.h"

namespace penstock::simulation {

// The truth: every row of the source in every version it ever had.
//
// Fault model: rows appear; rows get a new batch stamp (and content) at any time, also just after the page
// that served them; rows of earlier days are published late, with the stamp of their publication; a day is
// held back (invisible) and published later with a new stamp; rows are forgotten. A stamp never goes back,
// and a row is visible under its newest version only.
class Tenant {
 public:
  struct Version {
    absl::Time stamp;
    absl::Duration since;  // virtual time
    std::string raw;
  };
  struct Row {
    std::string id;
    absl::Time created;
    std::vector<Version> versions;
    absl::Duration visible_since;
    absl::Duration forgotten = absl::InfiniteDuration();
    bool held_back = false;

    bool visible() const { return !held_back && forgotten == absl::InfiniteDuration(); }
    const Version& newest() const { return versions.back(); }
    // Index of the version that was the newest at that moment; it existed then.
    size_t VersionAt(absl::Duration when) const;
  };
  // In the order in which the API pages: by id, or by created_time and id; the last one first.
  using Key = std::pair<int64_t, std::string>;  // (created in ms, or 0; id)
  using Rows = std::map<std::string, Row>;

  void Add(Endpoint endpoint, absl::Time created, absl::Time stamp, absl::Duration now);
  // A new version of a row.
  void Restamp(Endpoint endpoint, const std::string& id, absl::Time stamp, absl::Duration now);
  // A random row's day: all its rows become invisible, or visible again with a new stamp.
  void HoldBack(Endpoint endpoint, Random& dice);
  void Release(absl::Time stamp, absl::Duration now);
  // The earliest rows of all endpoints go.
  void ForgetBefore(absl::Time created, absl::Duration now);

  const Rows& rows(Endpoint endpoint) const { return rows_[Index(endpoint)]; }
  const Row* Find(Endpoint endpoint, const std::string& id) const;
  // A random id; empty when there is none.
  std::string Pick(Endpoint endpoint, Random& dice) const;
  // Visible rows after `after` in descending order of (created, id) or of id, until `visit` returns false.
  // Null: from the beginning.
  void Descend(Endpoint endpoint, bool by_created, const Key* after,
               const std::function<bool(const Row&)>& visit) const;

  // What went out, byte for byte; a record without an id too.
  void Served(Endpoint endpoint, const std::string& raw) { served_.insert(Hash(endpoint, raw)); }
  bool WasServed(Endpoint endpoint, const std::string& raw) const {
    return served_.contains(Hash(endpoint, raw));
  }

 private:
  static size_t Index(Endpoint endpoint) { return static_cast<size_t>(endpoint); }
  static uint64_t Hash(Endpoint endpoint, const std::string& raw) {
    return std::hash<std::string>()(raw) * 31 + Index(endpoint);
  }
  static std::string Raw(const Row& row, absl::Time stamp, size_t version);

  std::array<Rows, 6> rows_;
  std::array<std::map<Key, const Row*>, 6> by_created_;
  std::array<std::vector<std::string>, 6> ids_;
  std::unordered_set<uint64_t> served_;
};

}  // namespace penstock::simulation
