// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "tests/simulation/checkers/commit.h"
#include "tests/simulation/checkers/lease.h"
#include "tests/simulation/checkers/limiter.h"
#include "tests/simulation/checkers/loader.h"
#include "tests/simulation/checkers/robustness.h"
#include "tests/simulation/checkers/truth.h"

namespace penstock::simulation {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'772'000'000);

// A run of two days has a fifth of it.
constexpr uint64_t kEventsMax = 4'000'000;

double Rate(World& world, bool drift) { return drift ? 1.0 + (world.dice.Fraction() * 2 - 1) * 1e-4 : 1.0; }

coordinator::CoreOptions Options(const World& world, const Scenario& scenario) {
  coordinator::CoreOptions options;
  coordinator::SourceSettings source;
  source.name = "acme";
  source.url = kSourceUrl;
  source.budget = {scenario.per_minute, std::max(1u, scenario.per_minute / 2)};
  if (world.bug == Bug::kLimitTooHigh) ++source.budget.per_minute;
  options.sources.push_back(source);
  options.destinations["warehouse"] = "acme";
  return options;
}

}  // namespace

Scenario Scenario::Draw(World& world) {
  Random& dice = world.dice;
  Scenario scenario;
  constexpr uint32_t kLimits[] = {60, 60, 60, 20, 120};
  scenario.per_minute = kLimits[dice.Next() % 5];
  scenario.page_size = 2 + dice.Next() % 8;
  constexpr uint32_t kRows[] = {5, 80, 300, 600};
  scenario.rows = 1 + dice.Next() % kRows[dice.Next() % 4];
  scenario.workers = 1 + dice.Next() % 3;
  scenario.capacity = 1 + dice.Next() % 8;
  scenario.drift = world.Strikes(Fault::kClockDrift);
  constexpr int kFirstByteMs[] = {100, 500, 1000, 2000};
  scenario.speed.first_byte = absl::Milliseconds(kFirstByteMs[dice.Next() % 4]);
  scenario.speed.constant = dice.Next() % 4 == 0;
  if (dice.Next() % 8 == 0) scenario.speed.body = absl::Seconds(3);
  scenario.rocks = dice.Next() % 40 == 0;
  if (scenario.rocks) world.faults.Set(Fault::kPowerLost, 0.02 * dice.Fraction());
  if (dice.Next() % 30 == 0 && !scenario.rocks) {
    // Days: there is nothing to do for most of the time.
    scenario.length = absl::Hours(12 + dice.Next() % 36);
    scenario.tick = absl::Minutes(1);
    scenario.backfill_every = absl::Hours(6);
  } else {
    scenario.length = absl::Minutes(5 + dice.Next() % 45);
  }
  return scenario;
}

Cluster::Cluster(World& world, const Scenario& scenario)
    : world_(world),
      scenario_(scenario),
      source_clock_(world.queue, kStart, Rate(world, scenario.drift)),
      coordinator_clock_(world.queue, kStart, Rate(world, scenario.drift)),
      source_(world, source_clock_, scenario.per_minute, scenario.page_size),
      wire_(world, source_, scenario.speed),
      warehouse_(world, scenario.second_hand_destination),
      coordinator_(world, coordinator_clock_, Options(world, scenario), world.dice.Next(), scenario.rocks) {
  world.checkers.push_back(std::make_unique<LimiterChecker>(world, scenario.per_minute));
  world.checkers.push_back(std::make_unique<LeaseChecker>(world));
  world.checkers.push_back(std::make_unique<CommitChecker>(world, coordinator_.disk()));
  world.checkers.push_back(std::make_unique<TruthChecker>(world, source_, coordinator_.disk()));
  world.checkers.push_back(std::make_unique<LoaderChecker>(world, warehouse_, coordinator_.disk()));
  world.checkers.push_back(std::make_unique<RobustnessChecker>(world));
  for (Endpoint endpoint : kAllEndpoints) {
    const uint64_t rows = world.dice.Next() % (scenario.rows + 1);
    for (uint64_t i = 0; i < rows; ++i) {
      const absl::Time created = kStart - world.Uniform(absl::Hours(1), absl::Hours(24 * 29));
      source_.tenant().Add(endpoint, created, created + absl::Hours(30), absl::ZeroDuration());
    }
  }
  coordinator_.Start();
  for (uint32_t i = 0; i < scenario.workers; ++i) {
    worker_clocks_.push_back(std::make_unique<SimClock>(world.queue, kStart, Rate(world, scenario.drift)));
    worker::WorkerOptions options;
    options.version = "simulated";
    options.fetch_capacity = scenario.capacity;
    options.load_capacity = 1;
    workers_.push_back(std::make_unique<WorkerNode>(world, *worker_clocks_.back(), coordinator_, wire_,
                                                    warehouse_, options, scenario.call_way,
                                                    scenario.speed.constant, world.dice.Next()));
    workers_.back()->Start();
  }
}

Cluster::~Cluster() { world_.checkers.clear(); }

void Cluster::RunUntil(absl::Duration until) {
  while (world_.violation.empty() && world_.queue.RunNext(until)) {
    if (world_.queue.events() > kEventsMax) world_.Violate("I36", "events without end");
  }
}

void Cluster::CreateBackfill(bool bounded) {
  if (!coordinator_.up()) return;
  v1::CreateBackfillRequest request;
  for (Endpoint endpoint : kAllEndpoints) {
    if (!bounded || world_.dice.Next() % 2 == 0) request.add_endpoints(ToProto(endpoint));
  }
  if (bounded && world_.dice.Next() % 2 == 0) {
    const absl::Time from = source_.Now() - world_.Uniform(absl::Hours(24), absl::Hours(24 * 35));
    *request.mutable_from() = ToProto(absl::FromUnixMillis(absl::ToUnixMillis(from)));
    if (world_.dice.Next() % 2 == 0)
      *request.mutable_to() = ToProto(FromProto(request.from()) + absl::Hours(48));
  }
  if (request.endpoints().empty()) return;
  coordinator_.Handle([this, request] {
    const absl::StatusOr<v1::Job> job = coordinator_.admin().CreateBackfill(request);
    world_.Note("backfill", job.ok() ? job->number() : 0);
  });
}

bool Cluster::Mend() {
  if (!coordinator_.up() || coordinator_.process().stopped()) return false;
  bool mended = true;
  coordinator_.Handle([this, &mended] {
    v1::UnblockRequest unblock;
    unblock.set_source("acme");
    mended = coordinator_.admin().Unblock(unblock).ok();
    std::vector<std::pair<uint64_t, storage::JobRecord::State>> jobs;
    for (const auto& [number, job] : coordinator_.core().state().jobs())
      jobs.emplace_back(number, job.state());
    for (const auto& [number, state] : jobs) {
      if (state == storage::JobRecord::CANCELLED) continue;
      v1::ControlJobRequest control;
      control.set_number(number);
      if (state == storage::JobRecord::PAUSED) {
        control.set_action(v1::ControlJobRequest::RESUME);
        mended = coordinator_.admin().ControlJob(control).ok() && mended;
      }
      control.set_action(v1::ControlJobRequest::RETRY);
      mended = coordinator_.admin().ControlJob(control).ok() && mended;
    }
    mended = coordinator_.admin().CreateBackfill({}).ok() && mended;
  });
  RunUntil(world_.queue.now() + absl::Milliseconds(1));
  return mended;
}

bool Cluster::AllDone() {
  if (!coordinator_.up()) return false;
  const coordinator::State& state = coordinator_.core().state();
  if (!state.open_windows().empty()) return false;
  for (const auto& [number, job] : state.jobs()) {
    if (job.state() == storage::JobRecord::RUNNING) return false;
  }
  const uint64_t head = state.sources().at(1).last_change();
  const storage::LoadRecord* load = state.FindLoad(1, "warehouse");
  return head == 0 || (load != nullptr && load->loaded() == head && load->failure().empty());
}

absl::Duration Cluster::Bound() {
  // Windows that are open, each with its rows' pages, at the limit as it stands now and rises by one a minute.
  const Moment now = coordinator_clock_.Now();
  const coordinator::State& state = coordinator_.core().state();
  const coordinator::Budget& budget = state.BudgetOf(1);
  double pages = 0;
  for (Endpoint endpoint : kAllEndpoints) {
    const double rows = static_cast<double>(source_.tenant().rows(endpoint).size());
    // Each job reads its range, and once more what was stamped meanwhile.
    pages += 2 * std::ceil(rows / scenario_.page_size) + 10;
  }
  std::set<uint64_t> jobs;
  for (uint64_t window : state.open_windows()) jobs.insert(state.FindWindow(window)->job());
  pages = pages * static_cast<double>(jobs.size() + 1) + 20;
  double minutes =
      5 + absl::ToDoubleMinutes(std::max(budget.paused_until() - now.boot, absl::ZeroDuration()));
  // Users have half the limit and one chain per job: its pages come one after the other.
  const double latency =
      absl::ToDoubleMinutes(scenario_.speed.first_byte * 1.5 + scenario_.speed.body + absl::Seconds(1));
  for (double limit = budget.CurrentLimit(now), left = pages; left > 0; left -= std::max(1.0, limit / 2)) {
    ++minutes;
    limit = std::min<double>(limit + 1, scenario_.per_minute);
  }
  return absl::Minutes(1) * (minutes + pages * latency);
}

// What a second of phase two allows: the limit as far as slots return in time, or what so many chains can
// bring, one page after the other.
void Cluster::Sample() {
  const uint64_t came = world_.requests - std::exchange(requests_before_, world_.requests);
  if (!coordinator_.up()) return;
  const Moment now = coordinator_clock_.Now();
  const coordinator::State& state = coordinator_.core().state();
  const coordinator::Budget& budget = state.BudgetOf(1);
  double chains = 0;
  for (uint64_t number : state.open_windows()) {
    const storage::WindowRecord& window = *state.FindWindow(number);
    if (window.endpoint() != static_cast<int>(Endpoint::kUsers) &&
        window.state() == storage::WindowRecord::LEASED)
      ++chains;
  }
  if (chains == 0 || budget.paused_until() > now.boot) return;
  const double first_byte = absl::ToDoubleSeconds(scenario_.speed.first_byte) + 0.1;
  const double cycle = first_byte + absl::ToDoubleSeconds(scenario_.speed.body) + 0.2;
  const double limit = budget.CurrentLimit(now) / 60.0 * 60.0 / (60.0 + first_byte);
  allowed_ += std::min(limit, chains / cycle);
  came_ += static_cast<double>(came);
}

void Cluster::Finish() {
  world_.faults.SwitchOff();
  world_.Note("phase two");
  source_.SetAway(absl::ZeroDuration());
  source_.tenant().Release(source_.Now(), world_.queue.now());
  warehouse_.SetDown(absl::ZeroDuration());
  warehouse_.SetRefusing(absl::ZeroDuration());
  coordinator_.disk().SetFull(absl::ZeroDuration());
  for (const std::unique_ptr<WorkerNode>& worker : workers_) {
    worker->network().CutThere(absl::ZeroDuration());
    worker->network().CutBack(absl::ZeroDuration());
  }
  // Who is down or stopped comes back within a minute; what is on its way arrives.
  RunUntil(world_.queue.now() + absl::Minutes(2));
  for (int i = 0; i < 60 && world_.violation.empty() && !Mend(); ++i) {
    RunUntil(world_.queue.now() + absl::Seconds(1));
  }
  if (!world_.violation.empty()) return;
  const absl::Duration bound = world_.queue.now() + Bound();
  requests_before_ = world_.requests;
  while (world_.violation.empty() && !AllDone()) {
    if (world_.queue.now() > bound) {
      world_.Violate("I36", absl::StrCat(coordinator_.core().state().open_windows().size(),
                                         " windows are open although every fault was mended"));
      return;
    }
    RunUntil(world_.queue.now() + absl::Seconds(1));
    Sample();
  }
  if (!world_.violation.empty()) return;
  for (const auto& [number, window] : coordinator_.core().state().windows()) {
    if (window.state() == storage::WindowRecord::PARKED) {
      world_.Violate("I36", absl::StrCat("window ", number, " is parked without a fault: ", window.reason()));
    }
  }
  coordinator_.Handle([this] { world_.Tell([&](Checker& checker) { checker.AtEnd(coordinator_.core()); }); });
  RunUntil(world_.queue.now() + absl::Milliseconds(1));
}

}  // namespace penstock::simulation
