// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "base/endpoint.h"
#include "tests/fakes/served_records.h"
#include "worker/coordinator_client.h"

namespace penstock {

// What a store must hold, kept outside of it by whoever commits to it. Each row is in one of three states:
//
//   before    a version was acknowledged and nothing newer sent: the store has exactly this one
//   pending   a newer version was sent and not answered: the store has this one or that one
//   after     the newer one was acknowledged
//
// What a reader once saw counts as acknowledged: it was durable when it became visible. Ids begin with their
// endpoint's name and '/', stamps grow with each version, and a row has one writer. Thread-safe.
class ExpectedRows {
 public:
  // Just before the page leaves; again for each repetition.
  void Sent(const worker::PageToCommit& page);
  void Acknowledged(const worker::PageToCommit& page, const v1::CommitPageResponse& response);
  // The coordinator said that nothing was written.
  void Refused(const worker::PageToCommit& page);

  // `all` is the whole change sequence, read while no page was on its way. Notes what is lost, there twice,
  // never sent, half applied, or under a change number that another version had.
  void Compare(const worker::CoordinatorClient::Changes& all);

  Records AcknowledgedOf(Endpoint endpoint) const;
  struct Totals {
    uint64_t pages = 0;     // acknowledged
    uint64_t versions = 0;  // acknowledged; each took one change number
    uint64_t rows = 0;      // with at least one of them
    uint64_t bytes = 0;     // of the pages' records
  };
  Totals totals() const;
  // In words, the first few.
  std::vector<std::string> violations() const;
  void Violation(const std::string& what);

 private:
  struct Row {
    absl::Time stamp = absl::InfinitePast();  // of the acknowledged version; infinite: none yet
    std::string raw;
    std::map<absl::Time, std::string> pending;
  };
  // Window, chain, page and token.
  using PageKey = std::tuple<uint64_t, uint32_t, uint32_t, uint64_t, uint64_t>;
  struct SentPage {
    int attempts = 0;
    std::vector<std::pair<std::string, absl::Time>> fresh;  // ids and stamps that were new when first sent
    uint64_t doubtful = 0;  // versions that a page without an answer had brought before
  };

  static PageKey KeyOf(const worker::PageToCommit& page);
  static void Settle(Row& row, absl::Time stamp);
  void CompareRow(const v1::Change& change);
  void CompareHead(uint64_t head);
  void ComparePages(const absl::flat_hash_map<std::string, absl::Time>& seen);
  void Note(const std::string& what);

  mutable std::mutex mutex_;
  std::map<std::string, Row> rows_;  // by id
  // Versions that a second page brought while the first had no answer: they tell nothing about either.
  std::set<std::pair<std::string, absl::Time>> repeated_;
  std::map<PageKey, SentPage> unanswered_;  // some for good: their lease ended before an answer came
  Totals totals_;
  absl::flat_hash_map<uint64_t, size_t> numbers_;  // change number -> hash of the version seen under it
  std::vector<std::string> violations_;
};

}  // namespace penstock
