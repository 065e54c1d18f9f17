// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/wire.h"

#include <memory>
#include <utility>

namespace penstock::simulation {
namespace {

constexpr absl::Duration kStall = absl::Seconds(30);

worker::SourceClient::Sent Failed(v1::PermitFate fate, absl::Status status) {
  worker::SourceClient::Sent sent;
  sent.result.fate = fate;
  sent.result.status = std::move(status);
  return sent;
}

}  // namespace

absl::Duration Wire::Way() {
  // Connect and send time out after 5 s: what is answered arrived within that.
  return speed_.constant ? speed_.way : world_.LogNormal(speed_.way, 0.8, absl::Milliseconds(4900));
}

void Wire::Fail(Process& from, absl::Duration after, v1::PermitFate fate, absl::Status status, Done done) {
  from.After(after,
             [fate, status = std::move(status), done = std::move(done)] { done(Failed(fate, status)); });
}

void Wire::Send(Process& from, uint64_t permit, const std::string& url, absl::Duration send_before,
                Done done) {
  const absl::Duration now = from.Now().boot;
  if (now >= send_before) {
    return Fail(from, absl::ZeroDuration(), v1::NEVER_SENT,
                absl::DeadlineExceededError("the permit's time to send was over"), std::move(done));
  }
  if (source_.away() || world_.Strikes(Fault::kNoConnection)) {
    return Fail(from, world_.Uniform(absl::Milliseconds(1), absl::Seconds(5)), v1::NEVER_SENT,
                absl::UnavailableError("cannot connect"), std::move(done));
  }
  world_.Tell([&](Checker& checker) { checker.OnRequestSent({permit, url}); });
  if (world_.Strikes(Fault::kSendTimesOut)) {
    return Fail(from, world_.Uniform(absl::Seconds(1), kStall), v1::UNANSWERED,
                absl::UnavailableError("no answer came"), std::move(done));
  }
  if (world_.Strikes(Fault::kArrivesLate)) {
    // The kernel and the proxies give up 5 s after the send began, whenever the socket was closed.
    const absl::Duration close = world_.Uniform(absl::Milliseconds(10), absl::Milliseconds(4900));
    const absl::Duration arrival = world_.Uniform(close, absl::Milliseconds(4990));
    world_.queue.After(arrival, [this, permit, url] { source_.OnArrival(permit, url); });
    return Fail(from, close, v1::UNANSWERED, absl::UnavailableError("no answer came"), std::move(done));
  }
  const absl::Duration sent_at = now;
  world_.queue.After(Way(), [this, &from, life = from.life(), permit, url, sent_at, done = std::move(done)] {
    // A sender that died in the meantime hears nothing, and nobody may speak to its successor.
    if (life != from.life()) {
      source_.OnArrival(permit, url);
      return;
    }
    Arrive(from, permit, url, sent_at, done);
  });
}

void Wire::Arrive(Process& from, uint64_t permit, const std::string& url, absl::Duration sent_at, Done done) {
  Source::Answer answer = source_.OnArrival(permit, url);
  absl::Duration first_byte = speed_.first_byte * (speed_.constant ? 1.0 : 0.5 + world_.dice.Fraction());
  if (world_.Strikes(Fault::kSlowFirstByte))
    first_byte += world_.Uniform(absl::Seconds(1), absl::Seconds(24));
  if (world_.Strikes(Fault::kResetBeforeByte)) {
    return Fail(from, first_byte, v1::UNANSWERED, absl::UnavailableError("connection reset"),
                std::move(done));
  }
  if (world_.Strikes(Fault::kAnswerStalls)) {
    return Fail(from, kStall, v1::UNANSWERED, absl::UnavailableError("no byte for 30 s"), std::move(done));
  }
  const bool cut = world_.Strikes(Fault::kBodyCut);
  auto kept = std::make_shared<Source::Answer>(std::move(answer));
  from.After(first_byte + Way(), [this, &from, kept, cut, sent_at, done = std::move(done)] {
    Answered(from, std::move(*kept), cut, sent_at, done);
  });
}

void Wire::Answered(Process& from, Source::Answer answer, bool cut, absl::Duration sent_at, Done done) {
  auto sent = std::make_shared<worker::SourceClient::Sent>();
  worker::HttpResult& result = sent->result;
  result.fate = v1::ANSWERED;
  result.first_byte_at = from.Now().boot;
  result.time_to_first_byte = result.first_byte_at - sent_at;
  result.response.status = answer.status;
  result.response.headers = std::move(answer.headers);
  if (cut) {
    result.status = absl::UnavailableError("the answer was cut");
  } else {
    result.response.body = std::move(answer.body);
  }
  sent->authorized = answer.status == 401 && answer.key_works;
  if (speed_.body == absl::ZeroDuration()) return done(*sent);
  from.After(speed_.body, [sent, done = std::move(done)] { done(*sent); });
}

}  // namespace penstock::simulation
