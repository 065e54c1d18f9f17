// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "absl/status/statusor.h"
#include "coordinator/core.h"
#include "proto/admin_service.pb.h"

namespace penstock::coordinator {

// Hands questions from people's tools to workers, and answers back (proto/query.proto). Thread-safe.
class QueryDesk {
 public:
  explicit QueryDesk(Core& core) : core_(core) {}

  // Blocks until there is an answer, which `send` gets in pieces; false: the caller has gone. `gone` is asked now and
  // then meanwhile.
  absl::Status RunQuery(const v1::RunQueryRequest& request, const std::function<bool()>& gone,
                        const std::function<bool(const v1::QueryAnswer&)>& send);
  // Blocks up to the request's patience.
  absl::StatusOr<v1::TakeQueryResponse> TakeQuery(const v1::TakeQueryRequest& request);
  // `read` gives the stream's messages, false after the last.
  absl::StatusOr<v1::ReportQueryResponse> ReportQuery(
      const std::function<bool(v1::ReportQueryRequest*)>& read);

  // The parts of these, none of which waits. Nothing can be said before this moment, or before something changes:
  struct LookAgain {
    absl::Duration at;
  };
  // Its number.
  absl::StatusOr<uint64_t> Ask(const Core::Turn& turn, const v1::RunQueryRequest& request);
  // The query stays open until it is closed.
  using AnswerLook = std::variant<QueryPieces, LookAgain>;
  absl::StatusOr<AnswerLook> LookForAnswer(const Core::Turn& turn, uint64_t number);
  void Close(const Core::Turn& turn, uint64_t number);
  using QueryLook = std::variant<v1::TakeQueryResponse, LookAgain>;
  absl::StatusOr<QueryLook> LookForQuery(const Core::Turn& turn, const v1::TakeQueryRequest& request,
                                         absl::Duration end);

 private:
  // NOT_FOUND names the destinations.
  absl::StatusOr<std::string> FindDestination(const std::string& name) const;
  // Whether a worker is here that takes queries of it, now or when it is free.
  bool AnyWorker(const Core::Turn& turn, const std::string& destination);
  // False: nobody waits for it from this worker.
  bool Heard(const v1::LeaseToken& token);
  bool Settle(const v1::LeaseToken& token, absl::StatusOr<QueryPieces> answer);
  bool GiveBack(const v1::LeaseToken& token);

  Core& core_;
};

}  // namespace penstock::coordinator
