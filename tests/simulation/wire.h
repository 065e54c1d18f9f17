// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "tests/simulation/process.h"
#include "tests/simulation/source.h"
#include "worker/source_client.h"

namespace penstock::simulation {

// How fast the source and the way to it are in a run.
struct WireSpeed {
  absl::Duration way = absl::Milliseconds(30);          // median, one way
  bool constant = false;                                // no scatter at all
  absl::Duration first_byte = absl::Milliseconds(500);  // at the source
  absl::Duration body = absl::ZeroDuration();
};

// A worker's requests to the source.
//
// Fault model: no connection (proved: nothing was sent); a request that never arrives; one that arrives after
// the client closed its socket, up to 5 s after it began to send (the kernel's resends); a reset before the
// first byte, after arrival; an answer that stalls for 30 s; a body that is cut; first bytes that take up to
// 25 s; a source that is away. What was sent stays on its way when the worker dies.
class Wire {
 public:
  Wire(World& world, Source& source, WireSpeed speed) : world_(world), source_(source), speed_(speed) {}

  using Done = std::function<void(const worker::SourceClient::Sent&)>;
  void Send(Process& from, uint64_t permit, const std::string& url, absl::Duration send_before, Done done);
  void Calm() { calm_ = true; }

 private:
  absl::Duration Way();
  void Fail(Process& from, absl::Duration after, v1::PermitFate fate, absl::Status status, Done done);
  void Arrive(Process& from, uint64_t permit, const std::string& url, absl::Duration sent_at, Done done);
  void Answered(Process& from, Source::Answer answer, bool cut, absl::Duration sent_at, Done done);

  World& world_;
  Source& source_;
  WireSpeed speed_;
  bool calm_ = false;
};

}  // namespace penstock::simulation
