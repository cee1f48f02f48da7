/// Counter-based random numbers: the same on any process grid.
///
/// Philox4x32-10 (Salmon et al., SC'11; Random123). Key: (seed, stream); counter: (row, column). A
/// number depends on nothing else, so it does not matter which rank asks for it, when, or how
/// often.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/types.h"

namespace admmnet {

/// Independent streams of one seed. Values are part of the checkpoint's meaning: never renumber.
enum class Stream : std::uint32_t {
  shuffle = 1,            ///< order of the samples
  validation = 2,         ///< which samples are held out regardless of their class
  receptive = 3,          ///< receptive-field initialisation
  biases = 4,             ///< samples that the biases of layer 1 come from
  basis = 5,              ///< where a basis of few directions starts
  weights = 0x1000,       ///< + layer
  z = 0x2000,             ///< + layer
  a = 0x3000,             ///< + layer
  held_out = 0x100000,    ///< + class: which of its samples are held out
  batches = 0x40000000,   ///< + pass: order of the batches
  curvature = 0x60000000  ///< + outer step: columns whose covariance is that of the loss
};

class CounterRandom {
 public:
  CounterRandom(Index seed, Stream stream, int offset = 0);

  /// Four independent 32-bit words of entry (row, col).
  std::array<std::uint32_t, 4> words(Index row, Index col) const;
  /// Uniform in the open interval (0, 1), 53 bits.
  double uniform(Index row, Index col) const;
  /// Standard normal (Box-Muller).
  double normal(Index row, Index col) const;

 private:
  std::array<std::uint32_t, 2> key_;
};

/// A permutation of 0..size-1 that needs no table: a four-round Feistel network on the next even
/// power of two with Philox as round function, walked along its cycles back into range (Black and
/// Rogaway, CT-RSA 2002). Keyed by (seed, stream) alone, so every rank agrees without
/// communication.
class Shuffle {
 public:
  Shuffle(Index size, Index seed, Stream stream, int offset = 0);
  Index size() const { return size_; }
  Index operator()(Index position) const;  ///< which item stands at this position
  Index inverse(Index item) const;         ///< the position of this item

 private:
  std::uint64_t forward(std::uint64_t x) const;
  std::uint64_t backward(std::uint64_t y) const;
  std::uint32_t round(std::uint32_t half, int number) const;
  Index size_;
  int half_bits_ = 0;
  CounterRandom random_;
};

}  // namespace admmnet
