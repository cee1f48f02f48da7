#include "linalg/dgemm_rate.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "linalg/scalapack.h"

namespace admmnet {

double measure_dgemm_gflops() {
  constexpr int n = 1024;
  const std::vector<double> A(n * n, 1.0), B(n * n, 0.5);
  std::vector<double> C(n * n);
  const double one = 1.0, zero = 0.0;
  double best = 0.0;
  for (int run = 0; run < 4; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    dgemm_("N", "N", &n, &n, &n, &one, A.data(), &n, B.data(), &n, &zero, C.data(), &n);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    if (run > 0) best = std::max(best, 2e-9 * n * n * n / elapsed.count());  // the first warms up
  }
  return best;
}

}  // namespace admmnet
