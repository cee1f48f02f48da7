#include "memory_use.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace admmnet::bench {
namespace {

std::atomic<unsigned long> large_count{0}, large_bytes{0};

void note(std::size_t bytes) {
  if (bytes < kLargeAllocation) return;
  large_count.fetch_add(1, std::memory_order_relaxed);
  large_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

double status_bytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key, 0) == 0) return 1024.0 * std::atof(line.c_str() + key.size());
  return 0.0;
}

}  // namespace

double resident_bytes() {
  return status_bytes("VmRSS:");
}

double peak_bytes() {
  return status_bytes("VmHWM:");
}

void forget_peak() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream("/proc/self/clear_refs") << "5";
}

LargeAllocations large_allocations() {
  return {static_cast<double>(large_count.load()), static_cast<double>(large_bytes.load())};
}

}  // namespace admmnet::bench

#ifdef __GLIBC__
// The executable's symbols come before the C library's, for every shared library too; free() needs
// no counterpart, since these are glibc's own blocks.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) {
  admmnet::bench::note(bytes);
  return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) {
  admmnet::bench::note(count * bytes);
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, std::size_t bytes) {
  admmnet::bench::note(bytes);
  return __libc_realloc(block, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) {
  admmnet::bench::note(bytes);
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return memalign(alignment, bytes);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  *block = memalign(alignment, bytes);
  return *block ? 0 : ENOMEM;
}
}
#endif
