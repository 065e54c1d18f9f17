// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/mischief.h"

#include <memory>
#include <vector>

#include "base/endpoint.h"
#include "base/status_macros.h"

namespace penstock::simulation {
namespace {

// A lease is 20 s.
constexpr absl::Duration kLongStop = absl::Seconds(60);

}  // namespace

void Mischief::Begin() {
  cluster_.CreateBackfill(false);
  Tick();
}

void Mischief::Tick() {
  if (!world_.faults.on()) return;
  Processes();
  Clocks();
  Surroundings();
  Rows();
  People();
  world_.queue.After(cluster_.scenario().tick, [this] { Tick(); });
}

void Mischief::Processes() {
  Coordinator& coordinator = cluster_.coordinator();
  const absl::Duration now = world_.queue.now();
  if (coordinator.up()) {
    if (world_.Strikes(Fault::kCoordinatorStops)) {
      coordinator.process().Stop(world_.Uniform(absl::Milliseconds(100), kLongStop));
    }
    if (world_.Strikes(Fault::kCoordinatorKilled)) {
      coordinator.Kill(world_.Uniform(absl::Milliseconds(300), absl::Seconds(40)));
    } else if (world_.Strikes(Fault::kReboot)) {
      coordinator.Reboot(world_.Uniform(absl::Seconds(5), absl::Seconds(90)));
    }
  }
  for (const std::unique_ptr<WorkerNode>& worker : cluster_.workers()) {
    const absl::Duration until = now + world_.Uniform(absl::Milliseconds(100), kLongStop);
    if (world_.Strikes(Fault::kCutToCoordinator)) worker->network().CutThere(until);
    if (world_.Strikes(Fault::kCutFromCoordinator)) worker->network().CutBack(until);
    if (world_.Strikes(Fault::kCutBoth)) {
      worker->network().CutThere(until);
      worker->network().CutBack(until);
    }
    if (!worker->process().alive()) continue;
    if (world_.Strikes(Fault::kWorkerStops)) {
      worker->process().Stop(world_.Uniform(absl::Milliseconds(100), kLongStop));
    }
    if (world_.Strikes(Fault::kWorkerDrains)) worker->Drain();
    if (world_.Strikes(Fault::kWorkerKilled)) {
      worker->Kill(world_.Uniform(absl::Milliseconds(100), absl::Seconds(30)));
    }
  }
}

void Mischief::Clocks() {
  SimClock& clock = cluster_.coordinator_clock();
  if (world_.Strikes(Fault::kWallForward)) {
    clock.JumpWall(world_.Uniform(absl::Seconds(1), absl::Hours(3)));
  }
  if (world_.Strikes(Fault::kWallBack)) clock.JumpWall(-world_.Uniform(absl::Seconds(1), absl::Hours(3)));
}

void Mischief::Surroundings() {
  const absl::Duration now = world_.queue.now();
  if (world_.Strikes(Fault::kSourceAway)) {
    cluster_.source().SetAway(now + world_.Uniform(absl::Seconds(5), absl::Minutes(20)));
  }
  if (world_.Strikes(Fault::kDiskFull)) {
    cluster_.coordinator().disk().SetFull(now + world_.Uniform(absl::Seconds(1), absl::Minutes(2)));
  }
  if (world_.Strikes(Fault::kDestinationDown)) {
    cluster_.warehouse().SetDown(now + world_.Uniform(absl::Seconds(1), absl::Minutes(5)));
  }
  if (world_.Strikes(Fault::kDestinationRefuses)) {
    cluster_.warehouse().SetRefusing(now + world_.Uniform(absl::Seconds(1), absl::Minutes(5)));
  }
}

void Mischief::Rows() {
  Tenant& tenant = cluster_.source().tenant();
  const absl::Time wall = cluster_.source().Now();
  const absl::Duration now = world_.queue.now();
  const Endpoint endpoint = kAllEndpoints[world_.dice.Next() % kAllEndpoints.size()];
  if (world_.Strikes(Fault::kRowBorn)) tenant.Add(endpoint, wall, wall, now);
  if (world_.Strikes(Fault::kPublishedLate)) {
    for (int i = 0; i < 3; ++i) {
      tenant.Add(endpoint, wall - world_.Uniform(absl::Hours(1), absl::Hours(24 * 7)), wall, now);
    }
  }
  if (world_.Strikes(Fault::kRestamped)) {
    for (int i = 0; i < 5; ++i) {
      const std::string id = tenant.Pick(endpoint, world_.dice);
      if (!id.empty()) tenant.Restamp(endpoint, id, wall, now);
    }
  }
  if (world_.Strikes(Fault::kHeldBack)) {
    tenant.HoldBack(endpoint, world_.dice);
    world_.queue.After(world_.Uniform(absl::Minutes(1), absl::Minutes(30)), [this] {
      cluster_.source().tenant().Release(cluster_.source().Now(), world_.queue.now());
    });
  }
  if (world_.Strikes(Fault::kForgotten)) {
    tenant.ForgetBefore(wall - absl::Hours(24 * 29) + world_.Uniform(absl::Hours(1), absl::Hours(72)), now);
  }
}

void Mischief::People() {
  const absl::Duration now = world_.queue.now();
  if (world_.Strikes(Fault::kKeyRenewed)) {
    for (const std::unique_ptr<WorkerNode>& worker : cluster_.workers()) worker->RenewKey();
  }
  if (world_.Strikes(Fault::kNewBackfill) || now - last_backfill_ >= cluster_.scenario().backfill_every) {
    last_backfill_ = now;
    cluster_.CreateBackfill(true);
  }
  Coordinator& coordinator = cluster_.coordinator();
  if (!coordinator.up()) return;
  const coordinator::State& state = coordinator.core().state();
  if (state.jobs().empty()) return;
  // A random job, one of the last ten.
  auto job = state.jobs().rbegin();
  for (uint64_t steps = world_.dice.Next() % 10; steps > 0 && std::next(job) != state.jobs().rend(); --steps)
    ++job;
  const auto control = [&](Fault fault, v1::ControlJobRequest::Action action) {
    if (!world_.Strikes(fault)) return;
    v1::ControlJobRequest request;
    request.set_number(job->first);
    request.set_action(action);
    coordinator.Handle([&coordinator, request] { (void)coordinator.admin().ControlJob(request); });
  };
  control(Fault::kJobPaused, v1::ControlJobRequest::PAUSE);
  control(Fault::kJobResumed, v1::ControlJobRequest::RESUME);
  control(Fault::kJobCancelled, v1::ControlJobRequest::CANCEL);
  control(Fault::kJobRetried, v1::ControlJobRequest::RETRY);
  if (!state.windows().empty() && world_.Strikes(Fault::kWindowRetried)) {
    v1::GetWindowRequest request;
    request.set_number(state.windows().rbegin()->first);
    coordinator.Handle([&coordinator, request] { (void)coordinator.admin().RetryWindow(request); });
  }
}

}  // namespace penstock::simulation
