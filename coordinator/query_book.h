// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/query.pb.h"
#include "proto/worker_service.pb.h"

namespace penstock::coordinator {

// An answer in the pieces in which it came.
using QueryPieces = std::vector<v1::QueryAnswer>;

// A question that somebody waits for. All times are on the boot clock.
struct OpenQuery {
  uint64_t number = 0;  // in order of arrival
  v1::Query query;
  std::string requested_by;
  absl::Duration asked;
  absl::Duration end;    // nobody waits any longer
  std::string worker;    // that has it; empty: none has
  v1::LeaseToken token;  // of that worker
  absl::Duration heard;  // when the worker last said something of it
  uint32_t lost = 0;     // so many workers were not heard of again
  std::optional<absl::StatusOr<QueryPieces>> answer;
};

// The queries that are open. Not durable: whoever asks waits, and asks again after a restart. Whom a query is given to
// and when it is given up is decided here; who waits and sleeps is query_desk.h's.
class QueryBook {
 public:
  OpenQuery& Open(v1::Query query, std::string requested_by, absl::Duration now, absl::Duration end);
  // Null: it was closed.
  OpenQuery* Find(uint64_t number);
  // Null: another worker has it, or nobody waits for it any more.
  OpenQuery* FindTaken(const v1::LeaseToken& token);
  void Close(uint64_t number) { open_.erase(number); }

  // The first that nobody has, of those whose destination `reaches`; null: none.
  template <typename Predicate>
  OpenQuery* FirstFree(Predicate reaches) {
    for (auto& [number, query] : open_) {
      if (query.worker.empty() && !query.answer.has_value() && reaches(query.query.destination()))
        return &query;
    }
    return nullptr;
  }
  void Give(OpenQuery& query, const std::string& worker, const v1::LeaseToken& token, absl::Duration now);
  // Nobody has it any more.
  void TakeBack(OpenQuery& query);

  // Takes back what silent workers have, and gives up a query that several of them died over.
  void EndSilence(absl::Duration now);
  // Takes back what a worker has besides these: it never heard of it.
  void KeepOnly(const std::string& worker, const std::vector<v1::LeaseToken>& held);

  size_t size() const { return open_.size(); }
  // Of those that nobody has, how many came before.
  size_t Ahead(uint64_t number) const;
  // "deflections on pg", of each that the worker has.
  std::vector<std::string> OfWorker(const std::string& worker) const;

 private:
  std::map<uint64_t, OpenQuery> open_;
  uint64_t last_ = 0;
};

// For people and logs, without what was asked for exactly: "deflections on pg", "views on pg".
std::string QueryName(const v1::Query& query);

}  // namespace penstock::coordinator
