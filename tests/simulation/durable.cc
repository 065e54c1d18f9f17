// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/durable.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "store/memory_store.h"
#include "store/rocks_seams.h"
#include "tests/store/power_loss_disk.h"

namespace penstock::simulation {
namespace {

class MemoryDurable final : public Durable {
 public:
  absl::StatusOr<std::shared_ptr<store::Store>> Open() override {
    ++epoch_;
    return store_;
  }
  uint64_t epoch() const override { return epoch_; }

 private:
  std::shared_ptr<store::Store> store_ = store::NewMemoryStore("store", 1);
  uint64_t epoch_ = 0;
};

class RocksDurable final : public Durable {
 public:
  RocksDurable(const Clock& clock, Random& dice) : clock_(clock), dice_(dice), random_(dice.Next()) {
    // The lock file alone lies on a real disk.
    std::string name = absl::StrCat(std::filesystem::temp_directory_path().string(), "/penstock-sim-XXXXXX");
    CHECK(mkdtemp(name.data()) != nullptr);
    options_.directory = name;
    options_.block_cache_bytes = 1 << 20;
    options_.write_buffer_bytes = 4 << 20;  // never filled, so nothing is compacted
  }
  ~RocksDurable() override {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(options_.directory, ignored);
  }

  absl::StatusOr<std::shared_ptr<store::Store>> Open() override {
    ASSIGN_OR_RETURN(store_, store::OpenRocksStoreOn(disk_.env(), options_, clock_, random_));
    return store_;
  }
  uint64_t epoch() const override { return store_->epoch(); }
  void Crash() override {
    disk_.Fail();  // closing must save nothing
    store_.reset();
    disk_.PowerOn(dice_);
  }
  bool loses_power() const override { return true; }
  void FailPowerAfter(int operations) override { disk_.FailAfter(operations); }
  bool power_failed() const override { return disk_.dead(); }

 private:
  const Clock& clock_;
  Random& dice_;
  SeededRandom random_;
  store::PowerLossDisk disk_;
  store::RocksStoreOptions options_;
  std::shared_ptr<store::Store> store_;
};

}  // namespace

std::unique_ptr<Durable> NewMemoryDurable() { return std::make_unique<MemoryDurable>(); }

std::unique_ptr<Durable> NewRocksDurable(const Clock& clock, Random& dice) {
  return std::make_unique<RocksDurable>(clock, dice);
}

}  // namespace penstock::simulation
