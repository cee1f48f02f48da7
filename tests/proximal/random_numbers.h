/// Random test vectors, the same on every machine.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace admmnet::test {

class RandomNumbers {
 public:
  explicit RandomNumbers(std::uint64_t seed) : engine_(seed) {}

  /// Uniform in [low, high); std::uniform_real_distribution differs between libraries.
  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(engine_() >> 11) * 0x1p-53);
  }
  /// Uniform in 0, ..., count - 1.
  int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
  std::vector<double> vector(std::size_t size, double low, double high) {
    std::vector<double> result(size);
    for (double& x : result) x = uniform(low, high);
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace admmnet::test
