#include "runtime/element_hash.h"

#include <cstring>

namespace admmnet {

namespace {

[[gnu::always_inline]] inline std::uint64_t sum_of(Index first, const void* elements, Index count) {
  const unsigned char* bytes = static_cast<const unsigned char*>(elements);
  std::uint64_t sum = 0;
  for (Index i = 0; i < count; ++i) {
    std::uint64_t bits;
    std::memcpy(&bits, bytes + 8 * i, 8);
    sum += mix(static_cast<std::uint64_t>(first + i), bits);
  }
  return sum;
}

// The loop is bound by its products of 64 bits. AVX-512 has eight of them at a time, which is five
// times as fast as one by one; no older set of instructions has any.
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("avx512f,avx512dq")]] std::uint64_t sum_by_avx512(Index first, const void* elements,
                                                                Index count) {
  return sum_of(first, elements, count);
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}
#else
constexpr auto sum_by_avx512 = sum_of;
bool has_avx512() {
  return false;
}
#endif

}  // namespace

std::uint64_t checksum(Index first, const void* elements, Index count) {
  static const bool fast = has_avx512();
  return fast ? sum_by_avx512(first, elements, count) : sum_of(first, elements, count);
}

}  // namespace admmnet
