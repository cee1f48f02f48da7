#include "runtime/random.h"

#include <cmath>

#include <Random123/philox.h>

#include "runtime/error.h"

namespace admmnet {

CounterRandom::CounterRandom(Index seed, Stream stream, int offset)
    : key_{
          static_cast<std::uint32_t>(seed) ^ (static_cast<std::uint32_t>(seed >> 32) * 0x9E3779B9U),
          static_cast<std::uint32_t>(stream) + static_cast<std::uint32_t>(offset)} {}

std::array<std::uint32_t, 4> CounterRandom::words(Index row, Index col) const {
  const r123::Philox4x32::ctr_type counter = {
      {static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(row >> 32),
       static_cast<std::uint32_t>(col), static_cast<std::uint32_t>(col >> 32)}};
  const r123::Philox4x32::key_type key = {{key_[0], key_[1]}};
  const auto result = r123::Philox4x32()(counter, key);
  return {result[0], result[1], result[2], result[3]};
}

/// 53 random bits, centred in their interval so that neither 0 nor 1 occurs.
static double open_unit(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 21) ^ (low >> 11);
  return (static_cast<double>(bits & ((1ULL << 53) - 1)) + 0.5) * 0x1p-53;
}

double CounterRandom::uniform(Index row, Index col) const {
  const auto w = words(row, col);
  return open_unit(w[0], w[1]);
}

double CounterRandom::normal(Index row, Index col) const {
  constexpr double two_pi = 6.283185307179586476925;
  const auto w = words(row, col);
  return std::sqrt(-2.0 * std::log(open_unit(w[0], w[1]))) *
         std::cos(two_pi * open_unit(w[2], w[3]));
}

Shuffle::Shuffle(Index size, Index seed, Stream stream, int offset)
    : size_(size), random_(seed, stream, offset) {
  ADMMNET_REQUIRE(size >= 0, "Shuffle: negative size " + std::to_string(size));
  while ((Index{1} << (2 * half_bits_)) < size) ++half_bits_;
}

std::uint32_t Shuffle::round(std::uint32_t half, int number) const {
  return random_.words(half, number)[0] & static_cast<std::uint32_t>((1ULL << half_bits_) - 1);
}

static constexpr int kRounds = 4;

std::uint64_t Shuffle::forward(std::uint64_t x) const {
  auto left = static_cast<std::uint32_t>(x >> half_bits_);
  auto right = static_cast<std::uint32_t>(x & ((1ULL << half_bits_) - 1));
  for (int i = 0; i < kRounds; ++i) {
    const std::uint32_t next = left ^ round(right, i);
    left = right;
    right = next;
  }
  return (static_cast<std::uint64_t>(left) << half_bits_) | right;
}

std::uint64_t Shuffle::backward(std::uint64_t y) const {
  auto left = static_cast<std::uint32_t>(y >> half_bits_);
  auto right = static_cast<std::uint32_t>(y & ((1ULL << half_bits_) - 1));
  for (int i = kRounds - 1; i >= 0; --i) {
    const std::uint32_t previous = right ^ round(left, i);
    right = left;
    left = previous;
  }
  return (static_cast<std::uint64_t>(left) << half_bits_) | right;
}

Index Shuffle::operator()(Index position) const {
  ADMMNET_REQUIRE(
      position >= 0 && position < size_,
      "Shuffle: position " + std::to_string(position) + " is not below " + std::to_string(size_));
  auto x = static_cast<std::uint64_t>(position);
  do x = forward(x);
  while (x >= static_cast<std::uint64_t>(size_));
  return static_cast<Index>(x);
}

Index Shuffle::inverse(Index item) const {
  ADMMNET_REQUIRE(item >= 0 && item < size_, "Shuffle: item " + std::to_string(item) +
                                                 " is not below " + std::to_string(size_));
  auto y = static_cast<std::uint64_t>(item);
  do y = backward(y);
  while (y >= static_cast<std::uint64_t>(size_));
  return static_cast<Index>(y);
}

}  // namespace admmnet
