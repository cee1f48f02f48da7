// What serves very wide layers, on every grid and block size, against dense formulas.
#include "grids.h"
#include "linalg/low_rank_gram.h"
#include "linalg/products.h"
#include "linalg/ray.h"
#include "linalg/sample_system.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

using Dense = std::vector<double>;

/// op(A) op(B) of m x k and k x n, column-major.
Dense product(bool transpose_A, bool transpose_B, Index m, Index n, Index k, const Dense& A,
              const Dense& B) {
  Dense C(static_cast<std::size_t>(m * n));
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i)
      for (Index l = 0; l < k; ++l)
        C[static_cast<std::size_t>(i + j * m)] +=
            A[static_cast<std::size_t>(transpose_A ? l + i * k : i + l * m)] *
            B[static_cast<std::size_t>(transpose_B ? j + l * n : l + j * k)];
  return C;
}

double squared_norm(const Dense& A) {
  double sum = 0.0;
  for (const double entry : A) sum += entry * entry;
  return sum;
}

/// Sums of some hundred terms of size 1, and a factor 10.
constexpr double kTolerance = 3e-13;

}  // namespace

TEST_CASE("a system in the samples of a panel: X K = B, K = I + scale H^T H + constant") {
  constexpr Index n = 33, w = 13, m = 20;
  constexpr double scale = 0.4, constant = 0.3;
  const Dense H = dense(n, w, 2);
  Dense K = product(true, false, w, w, n, H, H);
  for (Index j = 0; j < w; ++j)
    for (Index i = 0; i < w; ++i) {
      double& entry = K[static_cast<std::size_t>(i + j * w)];
      entry = scale * entry + constant + (i == j ? 1.0 : 0.0);
    }
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const Index slab = slab_width(w + 3, grid.cols());
    BlockCyclicMatrix samples(grid, n, w + 3, block, slab), B(grid, m, w + 3, block, slab);
    samples.set_cols(w);
    B.set_cols(w);
    samples.fill([](Index i, Index j) { return entry(i, j, 2); });
    B.fill([](Index i, Index j) { return entry(i, j, 1); });
    SampleSystem system;
    for (int again = 0; again < 2; ++again) {
      B.fill([](Index i, Index j) { return entry(i, j, 1); });
      REQUIRE_ALL_ON(grid.comm(), !system.factor(samples, scale, constant).fell_back());
      system.solve_right(B);
      const Dense back = product(false, false, m, w, w, gather(B), K);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(back, dense(m, w, 1)) <= kTolerance);
    }
  });
}

TEST_CASE(
    "a system in so many samples that no rank keeps its factor: many right-hand sides, and few") {
  constexpr Index n = 3, w = kReplicatedOrder + 40, block = 64;
  constexpr double scale = 0.4;
  const Dense H = dense(n, w, 2);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank() || grid.rows() > 1) continue;
    const Index slab = slab_width(w, grid.cols());
    SampleSystem system;
    const auto samples = make(grid, n, w, block, slab, 2);
    REQUIRE_ALL_ON(grid.comm(), !system.factor(samples, scale, 0.0).fell_back());
    for (const Index m : {w / 8 + 1, Index{5}}) {
      auto B = make(grid, m, w, block, slab, 1);
      system.solve_right(B);
      const Dense X = gather(B), XH = product(false, true, m, n, w, X, H);
      Dense back = product(false, false, m, w, n, XH, H);  // X K = X + scale X H^T H
      for (std::size_t i = 0; i < back.size(); ++i) back[i] = X[i] + scale * back[i];
      const Worst off = largest_difference(back, dense(m, w, 1));
      CAPTURE(grid.cols(), m, off);
      REQUIRE_ALL_ON(grid.comm(), off <= 10.0 * kTolerance);  // sums of 1600 terms
    }
  }
}

TEST_CASE("a system in the samples of a panel is solved in float where products are") {
  constexpr Index n = 80, w = 70, m = 66;
  constexpr double scale = 0.4;
  const Dense H = dense(n, w, 2), B = dense(m, w, 1);
  Dense K = product(true, false, w, w, n, H, H);
  double largest = 0.0;  // of the diagonal
  for (Index j = 0; j < w; ++j)
    for (Index i = 0; i < w; ++i) {
      double& entry = K[static_cast<std::size_t>(i + j * w)];
      entry = scale * entry + (i == j ? 1.0 : 0.0);
      largest = std::max(largest, entry);
    }
  // |B - X K| <= |X| |dK| with |dK| <= 2 (w + 2) 6e-8 |L| |L^T|: two solves in float, L and B
  // rounded; and |L| |L^T| has no entry above the largest one of K's diagonal.
  constexpr double rounding = 2.0 * (w + 2) * 6e-8;
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const Index slab = slab_width(w, grid.cols());
    const auto samples = make(grid, n, w, block, slab, 2);
    auto X = make(grid, m, w, block, slab, 1);
    SampleSystem system(Condition::moderate);
    REQUIRE_ALL_ON(grid.comm(), !system.factor(samples, scale, 0.0).fell_back());
    set_product_precision(Precision::single);
    system.solve_right(X);
    set_product_precision(Precision::full);
    const Dense solution = gather(X);
    double row = 0.0;  // the largest sum of |X| in a row
    for (Index i = 0; i < m; ++i) {
      double sum = 0.0;
      for (Index j = 0; j < w; ++j) sum += std::abs(solution[static_cast<std::size_t>(i + j * m)]);
      row = std::max(row, sum);
    }
    const Worst off = largest_difference(product(false, false, m, w, w, solution, K), B);
    CAPTURE(grid.rows(), grid.cols(), block, off, row, largest);
    REQUIRE_ALL_ON(grid.comm(), off <= rounding * row * largest);
    REQUIRE_ALL_ON(grid.comm(), off.value() > 1e-9);  // it was float indeed
  });
}

TEST_CASE("a ray: delta = tau W'^T D with the best length for its columns") {
  constexpr Index m = 20, n = 9;
  constexpr double eps = 0.7;
  for (const Index w : {13, 70, 300}) {
    const Index stride = w < 64 ? 1 : w < 256 ? w / 32 : 8;
    REQUIRE(ray_stride(w) == stride);
    const Dense W = dense(m, n, 1), D = dense(m, w, 2);  // W without its last column
    const Dense t = product(true, false, n, w, m, W, D), Wt = product(false, false, m, w, n, W, t);
    double own = 0.0, above = 0.0;
    for (Index j = 0; j < w; j += stride) {
      for (Index i = 0; i < n; ++i) own += std::pow(t[static_cast<std::size_t>(i + j * n)], 2);
      for (Index i = 0; i < m; ++i) above += std::pow(Wt[static_cast<std::size_t>(i + j * m)], 2);
    }
    Dense expected = t;
    for (double& entry : expected) entry *= own / (above + eps * own);
    const double size = std::sqrt(squared_norm(expected));
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const Index slab = slab_width(w, grid.cols());
      const auto weights = make(grid, m, n + 1, block, block, 1);
      const auto changes = make(grid, m, w, block, slab, 2);
      BlockCyclicMatrix Z(grid, n, w, block, slab), zero(grid, m, w, block, slab);
      Ray ray;
      ray.apply(LayerOperand(weights), eps, changes, Z);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(Z), expected) <= kTolerance * size);
      ray.apply(LayerOperand(weights), eps, zero, Z);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(Z), Dense(Z.rows() * w)) <= 0.0);
    });
  }
}

// Samples of rank 7 < k, so that the basis holds all of the running mean, whatever it started from.
TEST_CASE("a Gram matrix of low rank is exact where its rank is enough") {
  constexpr Index n = 45, w = 30, k = 12, m = 5, rank = 7;
  constexpr double keep = 0.9, scale = 0.2, shift = 3.0;
  const auto sample = [](int panel) {
    return [panel](Index i, Index j) {
      double sum = 0.0;
      for (Index r = 0; r < rank; ++r) sum += entry(i, r, 1) * entry(r, j + 40 * panel, 2);
      return sum;
    };
  };
  Dense G(static_cast<std::size_t>(n * n));
  double trace = 0.0;
  for (int panel = 0; panel < 2; ++panel) {
    Dense H(static_cast<std::size_t>(n * w));
    for (Index j = 0; j < w; ++j)
      for (Index i = 0; i < n; ++i) H[static_cast<std::size_t>(i + j * n)] = sample(panel)(i, j);
    const Dense own = product(false, true, n, n, w, H, H);
    for (std::size_t i = 0; i < G.size(); ++i)
      G[i] = (panel > 0 ? keep : 0.0) * G[i] + scale * own[i];
  }
  for (Index i = 0; i < n; ++i) trace += G[static_cast<std::size_t>(i * (n + 1))];
  for (Index i = 0; i < n; ++i) G[static_cast<std::size_t>(i * (n + 1))] += shift;
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const Index slab = slab_width(w, grid.cols());
    LowRankGram gram(grid, n, k, block);
    BlockCyclicMatrix H(grid, n, w, block, slab);
    H.fill(sample(0));
    for (int i = 0; i < 3; ++i) gram.update(0.0, scale, H);
    H.fill(sample(1));
    gram.update(keep, scale, H);
    // The state is all that it knows.
    LowRankGram copy(grid, n, k, block);
    copy.basis().copy_from(gram.basis());
    copy.values().copy_from(gram.values());
    copy.values_changed();
    BlockCyclicMatrix R = make(grid, m, n, block, block, 1);
    copy.solve_right(trace, shift, R);
    // R (G + shift I) is what it was. 1e-9: v = 1e-6 of the trace is taken off what was added.
    const Dense back = product(false, false, m, n, n, gather(R), G);
    REQUIRE_ALL_ON(grid.comm(), largest_difference(back, dense(m, n, 1)) <= 1e-8);
  });
}

TEST_CASE("what a Gram matrix of low rank leaves out is its mean on every other direction") {
  constexpr Index n = 80, w = 60, k = 16, m = 3;
  constexpr double scale = 1.0, shift = 2.0;
  Dense expected;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    LowRankGram gram(grid, n, k, 8);
    const auto H = make(grid, n, w, 8, slab_width(w, grid.cols()), 2);
    for (int i = 0; i < 4; ++i) gram.update(i == 0 ? 0.0 : 0.5, scale, H);
    const double trace = 1.875 * scale * squared_norm(dense(n, w, 2));
    BlockCyclicMatrix R = make(grid, m, n, 8, 8, 1);
    gram.solve_right(trace, shift, R);
    const Dense result = gather(R);
    if (expected.empty()) expected = result;
    REQUIRE_ALL_ON(grid.comm(), largest_difference(result, expected) <= 1e-9);
    // U^T R^T (lambda + shift) = U^T R_0^T on the basis, and (tau + shift) beside it.
    const Dense U = gather(gram.basis()), lambda = gather(gram.values());
    Dense known = product(false, true, k, m, n, U, dense(m, n, 1));
    double sum = 0.0;
    for (const double value : lambda) sum += value;
    const double tau = (trace - sum) / static_cast<double>(n - k);
    const Dense start = dense(m, n, 1);
    Dense whole(start.size());
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < n; ++j) {
        double inside = 0.0, kept = 0.0;
        for (Index d = 0; d < k; ++d) {
          const double part =
              U[static_cast<std::size_t>(d + j * k)] * known[static_cast<std::size_t>(d + i * k)];
          inside += part;
          kept += part / (lambda[static_cast<std::size_t>(d)] + shift);
        }
        whole[static_cast<std::size_t>(i + j * m)] =
            kept + (start[static_cast<std::size_t>(i + j * m)] - inside) / (tau + shift);
      }
    REQUIRE_ALL_ON(grid.comm(), largest_difference(result, whole) <= 1e-9);
  }
}

}  // namespace admmnet::test
