// SPDX-License-Identifier: Apache-2.0
#include "sandbox/service.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "sandbox/folder_table.h"
#include "sandbox/synthetic_bits.h"

namespace penstock::sandbox {
namespace {

absl::StatusOr<std::unique_ptr<RecordTable>> OpenTable(const SandboxOptions& options, Endpoint endpoint,
                                                       const std::shared_ptr<const SyntheticTenant>& tenant) {
  if (tenant != nullptr) return NewSyntheticTable(tenant, endpoint);
  if (!options.data_folder.empty()) return ReadFolder(options.data_folder, endpoint);
  const auto found = options.records.find(endpoint);
  return ReadRecords(found == options.records.end() ? "[]" : found->second, endpoint,
                     std::string(Name(endpoint)));
}

}  // namespace

Service::Service(const SandboxOptions& options)
    : options_(options), tenant_time_(options.now), limiter_(options.per_minute), doorkeeper_(options.door) {
  report_.limit_per_minute = options.per_minute;
}

absl::StatusOr<std::unique_ptr<Service>> Service::Open(const SandboxOptions& options, const Moment& now) {
  if (options.page_size == 0) return absl::InvalidArgumentError("--page-size must be at least 1");
  std::unique_ptr<Service> service(new Service(options));
  ASSIGN_OR_RETURN(service->faults_, FaultPlan::Parse(options.faults, options.fault_seed));
  std::shared_ptr<const SyntheticTenant> tenant;
  if (options.synthetic) {
    tenant = std::make_shared<SyntheticTenant>(*options.synthetic, options.now.value_or(now.wall));
  }
  for (Endpoint endpoint : kAllEndpoints) {
    ASSIGN_OR_RETURN(std::unique_ptr<RecordTable> table, OpenTable(options, endpoint, tenant));
    service->collections_[static_cast<size_t>(endpoint)] =
        std::make_unique<Collection>(endpoint, std::move(table));
    service->report_.endpoints[endpoint] = {};
  }
  return service;
}

absl::Time Service::TenantTime(const Moment& now) const {
  std::lock_guard lock(mutex_);
  return tenant_time_.value_or(now.wall);
}

Visibility Service::VisibilityAt(Endpoint endpoint, const Moment& now) const {
  Visibility visibility;
  if (options_.synthetic) {
    visibility.now = TenantTime(now);
    if (options_.retention < absl::InfiniteDuration()) {
      // On the minute, so that what was worked out for one page serves the next ones.
      const absl::Time minute =
          absl::FromUnixSeconds(absl::ToUnixSeconds(*visibility.now - options_.retention) / 60 * 60);
      visibility.oldest = minute;
    }
  }
  std::lock_guard lock(mutex_);
  visibility.held_back = faults_.HeldBack(endpoint);
  return visibility;
}

std::optional<Service::Target> Service::FindTarget(const HttpRequest& request) const {
  // "", export, VERSION, records, ENDPOINT[, $count]
  const std::vector<std::string> parts = absl::StrSplit(request.path, '/');
  const bool counting = parts.size() == 6 && parts[5] == "$count";
  if ((parts.size() != 5 && !counting) || !parts[0].empty() || parts[1] != "export" ||
      parts[3] != "records" || (parts[2] != "v1" && parts[2] != "v1beta2")) {
    return std::nullopt;
  }
  const auto endpoint = ParseEndpoint(parts[4]);
  if (!endpoint.ok()) return std::nullopt;
  return Target{*endpoint, absl::StrCat("http://", request.host, "/export/", parts[2], "/records"), counting};
}

bool Service::Strikes(Fault fault, Endpoint endpoint) {
  std::lock_guard lock(mutex_);
  return faults_.Strikes(fault, endpoint).has_value();
}

std::string Service::StruckWith(Fault fault, Endpoint endpoint) {
  std::lock_guard lock(mutex_);
  return faults_.Strikes(fault, endpoint).value_or("");
}

absl::Status Service::SetFaults(const std::vector<std::string>& words, const Moment& now) {
  ASSIGN_OR_RETURN(FaultPlan plan, FaultPlan::Parse(words, options_.fault_seed));
  std::array<std::vector<int64_t>, 6> released;
  {
    std::lock_guard lock(mutex_);
    for (Endpoint endpoint : kAllEndpoints) {
      const std::vector<int64_t> still = plan.HeldBack(endpoint);
      for (int64_t day : faults_.HeldBack(endpoint)) {
        if (std::find(still.begin(), still.end(), day) != still.end()) continue;
        released[static_cast<size_t>(endpoint)].push_back(day);
      }
    }
    for (const auto& [name, times] : faults_.struck()) report_.faults[name] += times;
    faults_ = std::move(plan);
  }
  for (Endpoint endpoint : kAllEndpoints) {
    for (int64_t day : released[static_cast<size_t>(endpoint)]) {
      collections_[static_cast<size_t>(endpoint)]->Republish(day, TenantTime(now));
    }
  }
  return absl::OkStatus();
}

void Service::SetNow(std::optional<absl::Time> now) {
  std::lock_guard lock(mutex_);
  tenant_time_ = now;
}

Report Service::Snapshot() const {
  std::lock_guard lock(mutex_);
  Report report = report_;
  report.most_in_60s = limiter_.peak();
  for (const auto& [name, times] : faults_.struck()) report.faults[name] += times;
  return report;
}

HttpReply Service::SwitchFaults(const HttpRequest& request, const Moment& now) {
  std::vector<std::string> words;
  for (auto [it, end] = request.parameters.equal_range("set"); it != end; ++it) {
    if (!it->second.empty()) words.push_back(it->second);
  }
  const absl::Status status = SetFaults(words, now);
  if (!status.ok()) return FromStatus(status);
  HttpReply reply;
  reply.body = "{}";
  return reply;
}

HttpReply Service::IssueToken(const HttpRequest& request, const Moment& now) {
  std::lock_guard lock(mutex_);
  ++report_.token_requests;
  const absl::StatusOr<std::string> token =
      doorkeeper_.IssueToken(request.content_type, request.body, now.boot);
  if (!token.ok()) return FromStatus(token.status());
  HttpReply reply;
  reply.content_type = "application/json";
  reply.body = *token;
  return reply;
}

std::optional<HttpReply> Service::TurnAway(const HttpRequest& request, const Moment& now) {
  std::lock_guard lock(mutex_);
  const SlidingLimiter::Verdict verdict = limiter_.Arrive(now.boot);
  if (verdict.admitted) return std::nullopt;
  ++report_.limited;
  const absl::Duration wait = absl::Ceil(verdict.retry_after, absl::Seconds(1));
  return TooMany(absl::StrCat(absl::ToInt64Seconds(wait)));
}

std::optional<HttpReply> Service::Sabotage(const HttpRequest& request, const Target& target,
                                           const Moment& now) {
  const Endpoint endpoint = target.endpoint;
  std::lock_guard lock(mutex_);
  const auto strikes = [&](Fault fault) { return faults_.Strikes(fault, endpoint).has_value(); };
  if (!doorkeeper_.Admits(request.authorization, now.boot)) {
    ++report_.without_key;
    return Refusal(401, "UNAUTHORIZED", "missing, unknown or expired credentials");
  }
  if (strikes(Fault::k401Once)) {
    doorkeeper_.Revoke(request.authorization);
    return Refusal(401, "UNAUTHORIZED", "the token has expired");
  }
  if (strikes(Fault::k403)) {
    return Refusal(403, "FORBIDDEN", absl::StrCat("the key has no scope for ", Name(endpoint)));
  }
  if (strikes(Fault::k429)) return TooMany("2");
  if (strikes(Fault::k429Bare)) return TooMany("");
  if (strikes(Fault::k429Date)) {
    return TooMany(HttpDate(tenant_time_.value_or(now.wall) + absl::Seconds(2)));
  }
  if (strikes(Fault::k429Garbage)) return TooMany("soon");
  if (strikes(Fault::k500)) return Refusal(500, "INTERNAL", "something went wrong");
  if (strikes(Fault::k502Html)) return HtmlReply(502);
  if (strikes(Fault::k503)) {
    HttpReply reply = Refusal(503, "UNAVAILABLE", "try again");
    reply.headers.push_back({"Retry-After", "1"});
    return reply;
  }
  if (strikes(Fault::kGone)) return Refusal(410, "GONE", "this version of the API was sunset");
  if (const auto url = faults_.Strikes(Fault::kRedirect, endpoint)) {
    HttpReply reply = Refusal(302, "FOUND", "moved");
    reply.headers.push_back({"Location", *url});
    return reply;
  }
  if (request.parameters.count("$skiptoken") > 0 && strikes(Fault::kExpiredLink)) {
    return Refusal(410, "GONE", "the next link has expired");
  }
  if (strikes(Fault::kHtml)) return HtmlReply(200);
  if (strikes(Fault::kEmptyBody)) return HttpReply();
  if (strikes(Fault::kError200)) return Refusal(200, "INTERNAL", "this is an error in spite of the status");
  return std::nullopt;
}

HttpReply Service::AnswerData(const HttpRequest& request, const Target& target, const Moment& now) {
  {
    std::lock_guard lock(mutex_);
    ++report_.endpoints[target.endpoint].requests;
  }
  if (std::optional<HttpReply> refusal = TurnAway(request, now)) return *refusal;
  if (std::optional<HttpReply> failure = Sabotage(request, target, now)) return *failure;
  const absl::StatusOr<Query> query = ParseQuery(request.parameters);
  if (!query.ok()) return FromStatus(query.status());
  absl::StatusOr<HttpReply> reply =
      target.count ? AnswerCount(*query, target, now) : AnswerPage(*query, target, now);
  return reply.ok() ? *std::move(reply) : FromStatus(reply.status());
}

void Service::Travel(const HttpRequest& request, const std::optional<Target>& target, HttpReply& reply) {
  std::lock_guard lock(mutex_);
  Dice dice(Mix(options_.fault_seed ^ 0x71773e) + arrivals_++);
  const auto vary = [&](absl::Duration time) {
    const double swing = options_.jitter * (dice.Below(2001) / 1000.0 - 1.0);
    return time * (1.0 + swing);
  };
  reply.delivery.first_byte = vary(options_.first_byte);
  reply.delivery.body = vary(options_.body_time);
  if (target) {
    const auto strikes = [&](Fault fault) { return faults_.Strikes(fault, target->endpoint).has_value(); };
    reply.delivery.reset = strikes(Fault::kReset);
    const bool page = reply.status == 200 && !reply.body.empty();
    reply.delivery.cut = page && strikes(Fault::kCut);
    reply.delivery.drip = page && strikes(Fault::kSlowDrip);
    const bool gzip = absl::StrContains(request.accept_encoding, "gzip");
    if (page && gzip && strikes(Fault::kGzip)) {
      reply.body = Gzip(reply.body);
      reply.headers.push_back({"Content-Encoding", "gzip"});
    } else if (page && strikes(Fault::kBomb)) {
      reply.body = GzipBomb();
      reply.headers.push_back({"Content-Encoding", "gzip"});
    }
  }
  if (!reply.delivery.reset) ++report_.statuses[reply.status];
}

HttpReply Service::Handle(const HttpRequest& request, const Moment& now) {
  HttpReply reply;
  std::optional<Target> target;
  if (request.path == "/sandbox/report" && request.method == "GET") {
    reply.body = ReportJson(Snapshot());
    return reply;
  }
  if (request.path == "/sandbox/faults" && request.method == "POST") return SwitchFaults(request, now);
  if (request.method == "GET") target = FindTarget(request);
  if (target) {
    reply = AnswerData(request, *target, now);
  } else if (std::optional<HttpReply> refusal = TurnAway(request, now)) {
    reply = *std::move(refusal);
  } else if (request.path == "/oauth/v1/token" && request.method == "POST") {
    reply = IssueToken(request, now);
  } else {
    reply =
        Refusal(404, "NOT_FOUND", absl::StrCat(request.method, " ", request.path, ": no such thing here"));
  }
  Travel(request, target, reply);
  // Clients find out from the date what the time is at the source.
  reply.headers.push_back({"Date", HttpDate(TenantTime(now))});
  return reply;
}

}  // namespace penstock::sandbox
