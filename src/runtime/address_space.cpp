#include "runtime/address_space.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <dlfcn.h>
#include <fstream>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/machine.h"

namespace admmnet {

namespace {

constexpr double kMebibyte = 1048576.0;
constexpr double kProgram = 448.0 * kMebibyte;  // with its libraries, as measured
constexpr double kBuffer = 128.0 * kMebibyte;   // of a thread of OpenBLAS

double address_space_in_use() {
  double pages = 0.0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

bool can_get(double bytes) {
  const auto size = static_cast<std::size_t>(bytes);
  void* place = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) return false;
  munmap(place, size);
  return true;
}

std::string mebibytes(double bytes) {
  return std::to_string(std::llround(bytes / kMebibyte)) + " MiB";
}

/// The lower one of the limits on address space and data.
std::string limit() {
  double least = 0.0;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit given = {};
    if (getrlimit(resource, &given) != 0 || given.rlim_cur == RLIM_INFINITY) continue;
    const auto bytes = static_cast<double>(given.rlim_cur);
    least = least > 0.0 ? std::min(least, bytes) : bytes;
  }
  return least > 0.0 ? "its limit (ulimit -v, ulimit -d) is " + mebibytes(least)
                     : std::string("the system does not give it so much");
}

}  // namespace

double least_address_space(int blas_threads) {
  return kProgram + kBuffer * std::max(1, blas_threads);
}

std::string reserve_address_space() {
  const int threads = blas_threads().value_or(1);
  const double least = least_address_space(threads), missing = least - address_space_in_use();
  if (missing > 0.0 && !can_get(missing))
    return "too little memory: this process needs " + mebibytes(least) +
           " of address space at least with " + std::to_string(threads) +
           (threads == 1 ? " BLAS thread" : " BLAS threads") + ", and " + limit() + "; raise it" +
           (threads > 1 ? ", or set OPENBLAS_NUM_THREADS to less" : "");
  // The smallest call that makes the library get the buffer.
  using Syrk = void (*)(const char*, const char*, const int*, const int*, const double*,
                        const double*, const int*, const double*, double*, const int*);
  const int one = 1;
  const double number = 1.0;
  double result = 0.0;
  if (const auto syrk = reinterpret_cast<Syrk>(dlsym(RTLD_DEFAULT, "dsyrk_")))
    syrk("U", "N", &one, &one, &number, &number, &one, &number, &result, &one);
  return "";
}

}  // namespace admmnet
