// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace penstock {

// The seam to chance: jitter, ids. Not for cryptography. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
  // Uniform in [0, 1).
  double Fraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
};

// Seeded from the operating system once. Lives for the whole process.
Random& SystemRandom();

// The same seed gives the same numbers on every machine (splitmix64, https://prng.di.unimi.it/splitmix64.c).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  // Not thread-safe, unlike SystemRandom.
  uint64_t Next() override;

 private:
  uint64_t state_;
};

}  // namespace penstock
