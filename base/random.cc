// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <mutex>
#include <random>

namespace penstock {
namespace {

class MachineRandom final : public Random {
 public:
  MachineRandom() {
    std::random_device device;
    engine_.seed((static_cast<uint64_t>(device()) << 32) | device());
  }
  uint64_t Next() override {
    std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace

Random& SystemRandom() {
  static MachineRandom* const random = new MachineRandom;
  return *random;
}

uint64_t SeededRandom::Next() {
  uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace penstock
