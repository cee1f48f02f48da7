/// The checksum of numbers by position: the same however they are dealt out to ranks. For the data
/// sets of checkpoints and for the samples of a run.
#pragma once

#include <cstdint>

#include "runtime/types.h"

namespace admmnet {

/// SplitMix64's output function (Steele, Lea and Flood, OOPSLA'14) at state bits + (index + 1)
/// golden. A bijection of `bits` for every index, so one changed element always changes the sum.
inline std::uint64_t mix(std::uint64_t index, std::uint64_t bits) {
  std::uint64_t h = bits + (index + 1) * 0x9E3779B97F4A7C15ULL;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
  return h ^ (h >> 31);
}

/// The part that elements first, ..., first + count - 1 contribute to the checksum
///   C = sum_e mix(e, bits of element e)  mod 2^64,   e = position in the file's row-major order.
/// Sums of parts are sums of ranks: any distribution of the elements gives the same C.
/// `elements`: count values of eight bytes.
std::uint64_t checksum(Index first, const void* elements, Index count);

}  // namespace admmnet
