// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/simulation/coordinator.h"
#include "tests/simulation/process.h"

namespace penstock::simulation {

// The calls of one worker to the coordinator, as gRPC makes them.
//
// Fault model: requests and answers are lost, doubled (gRPC may repeat a call by itself), delayed by seconds
// and so reordered; partitions, also one-way; a coordinator that is down refuses at once or is silent until
// the call's deadline; either side may stop in the middle. A caller sees a lost answer as UNAVAILABLE when
// its deadline is over.
class Network {
 public:
  Network(World& world, Process& worker, Coordinator& coordinator, absl::Duration way, bool constant)
      : world_(world), worker_(worker), coordinator_(coordinator), way_(way), constant_(constant) {}

  template <typename Response>
  using Answer = std::function<void(absl::StatusOr<Response>)>;

  // `serve` runs at the coordinator, possibly twice, and gives its answer whenever it has it; `done` runs at
  // the worker, exactly once unless the worker dies.
  template <typename Response>
  void Call(Rpc rpc, absl::Duration timeout, std::function<void(Answer<Response>)> serve,
            Answer<Response> done) {
    struct State {
      bool done = false;
      Answer<Response> then;
    };
    auto state = std::make_shared<State>();
    state->then = std::move(done);
    const auto finish = [state](absl::StatusOr<Response> answer) {
      if (std::exchange(state->done, true)) return;
      std::exchange(state->then, nullptr)(std::move(answer));
    };
    worker_.After(timeout, [finish] { finish(absl::UnavailableError("the coordinator does not answer")); });
    const auto answer = [this, finish, rpc, life = worker_.life()](absl::StatusOr<Response> response) {
      if (cut_back() || world_.Strikes(Of(Fault::kAnswerLost, rpc))) return;
      // To the caller's own life only.
      if (life != worker_.life()) return;
      worker_.After(Way(), [finish, response = std::move(response)] { finish(response); });
    };
    const auto refused = [this, finish] {
      world_.faults.Happened(Fault::kConnectionRefused);
      worker_.After(Way(), [finish] { finish(absl::UnavailableError("connection refused")); });
    };
    const int copies = world_.Strikes(Of(Fault::kDoubled, rpc)) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      if (cut_there() || world_.Strikes(Of(Fault::kRequestLost, rpc))) continue;
      world_.queue.After(Way(), [this, serve, answer, refused, life = worker_.life()] {
        if (!coordinator_.up()) {
          // Half of the time a dead machine, half of the time a dead process.
          if (life == worker_.life() && world_.dice.Fraction() < 0.5) refused();
          return;
        }
        coordinator_.Handle([serve, answer] { serve(answer); });
      });
    }
  }

  void CutThere(absl::Duration until) { cut_there_until_ = until; }
  void CutBack(absl::Duration until) { cut_back_until_ = until; }

 private:
  absl::Duration Way() {
    if (constant_) return way_;
    if (world_.Strikes(Fault::kSlowWay)) return world_.Uniform(absl::Milliseconds(200), absl::Seconds(9));
    return world_.LogNormal(way_, 0.8, absl::Seconds(5));
  }
  bool cut_there() const { return cut_there_until_ > world_.queue.now(); }
  bool cut_back() const { return cut_back_until_ > world_.queue.now(); }

  World& world_;
  Process& worker_;
  Coordinator& coordinator_;
  const absl::Duration way_;
  const bool constant_;
  absl::Duration cut_there_until_;
  absl::Duration cut_back_until_;
};

}  // namespace penstock::simulation
