// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "sandbox/collection.h"
#include "sandbox/doorkeeper.h"
#include "sandbox/fault_plan.h"
#include "sandbox/http_message.h"
#include "sandbox/limiter.h"
#include "sandbox/options.h"
#include "sandbox/page_writer.h"
#include "sandbox/query.h"
#include "sandbox/report.h"
#include "sandbox/skip_token.h"

namespace penstock::sandbox {

// The simulated Data API, request in, answer out. The times come in with each request. Thread-safe.
//
//   GET  /export/{v1|v1beta2}/records/{endpoint}[?OData]      a page
//   GET  /export/{v1|v1beta2}/records/{endpoint}/$count       a number
//   POST /oauth/v1/token                                      a token
//   GET  /sandbox/report                                      the report so far
//   POST /sandbox/faults?set=NAME&set=..                      from now on these faults and no others
//
// What begins with /sandbox needs no key and does not count. Everything else, tokens included, is an arrival
// and has to get past the limiter first, then the doorkeeper, then the faults.
class Service {
 public:
  // INVALID_ARGUMENT: data or faults that cannot be read.
  static absl::StatusOr<std::unique_ptr<Service>> Open(const SandboxOptions& options, const Moment& now);

  HttpReply Handle(const HttpRequest& request, const Moment& now);

  // Replaces all faults. Days that are held back no longer are published with `now` as their stamp.
  absl::Status SetFaults(const std::vector<std::string>& faults, const Moment& now);
  // What the tenant takes for the present from now on; empty: the moment of each request.
  void SetNow(std::optional<absl::Time> now);
  Report Snapshot() const;

 private:
  struct Target {
    Endpoint endpoint = Endpoint::kUsers;
    std::string base;  // http://HOST/export/v1/records
    bool count = false;
  };
  explicit Service(const SandboxOptions& options);

  absl::Time TenantTime(const Moment& now) const;
  Visibility VisibilityAt(Endpoint endpoint, const Moment& now) const;
  std::optional<Target> FindTarget(const HttpRequest& request) const;
  bool Strikes(Fault fault, Endpoint endpoint);
  std::string StruckWith(Fault fault, Endpoint endpoint);

  HttpReply IssueToken(const HttpRequest& request, const Moment& now);
  HttpReply SwitchFaults(const HttpRequest& request, const Moment& now);
  // The reasons not to answer at all, in the order in which a real gateway would find them.
  std::optional<HttpReply> TurnAway(const HttpRequest& request, const Moment& now);
  std::optional<HttpReply> Sabotage(const HttpRequest& request, const Target& target, const Moment& now);

  HttpReply AnswerData(const HttpRequest& request, const Target& target, const Moment& now);
  absl::StatusOr<HttpReply> AnswerCount(const Query& query, const Target& target, const Moment& now);
  absl::StatusOr<HttpReply> AnswerPage(Query query, const Target& target, const Moment& now);
  absl::Status Damage(const Target& target, Query& query);
  std::string Records(const Collection::Page& page, const Query& query, const Target& target);
  void AddLinks(const Target& target, const SkipToken& next, const SkipToken& here, Envelope& envelope);
  void AddLastLink(const Target& target, Envelope& envelope);
  void Travel(const HttpRequest& request, const std::optional<Target>& target, HttpReply& reply);

  const SandboxOptions options_;
  std::array<std::unique_ptr<Collection>, 6> collections_;  // by the endpoint's number

  mutable std::mutex mutex_;
  std::optional<absl::Time> tenant_time_;
  SlidingLimiter limiter_;
  Doorkeeper doorkeeper_;
  FaultPlan faults_;
  Report report_;
  uint64_t arrivals_ = 0;
};

}  // namespace penstock::sandbox
