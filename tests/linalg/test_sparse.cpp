/// The verbs of sparse samples against plain loops, on every grid: samples without an entry,
/// features without one, ranks without a sample, with and without a centring.
#include "grids.h"
#include "linalg/conjugate_gradients.h"
#include "linalg/outer_sum.h"
#include "linalg/products.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

/// Sums of up to 70 products of size 1, three times over.
constexpr double kTolerance = 1e-12;

/// S of features x samples by formula: about every fourth entry, none in every fifth sample and
/// every seventh feature, a last row of ones, and c.
struct Sparse {
  Index features, samples;
  bool centred;

  Index rows() const { return features + 1; }
  double S(Index i, Index j) const {
    if (i == features) return 1.0;
    const bool none = j % 5 == 3 || i % 7 == 2 || (3 * i + 5 * j + i * j) % 4 != 0;
    return none ? 0.0 : entry(i, j, 3) + 2.0;
  }
  double c(Index i) const { return centred && i < features ? entry(i, 0, 5) : 0.0; }
  double H(Index i, Index j) const { return S(i, j) - c(i); }

  /// On a grid, where panels are up to `widest` columns wide.
  SparseSamples on(const ProcessGrid& grid, Index widest, Index block) const {
    const Index slab = slab_width(widest, grid.size());
    const Index first = std::min(samples, grid.rank() * slab);
    SparseRows own;
    for (Index j = first; j < std::min(samples, first + slab); ++j) {
      for (Index i = 0; i < rows(); ++i)
        if (S(i, j) != 0.0) {
          own.cols.push_back(i);
          own.values.push_back(S(i, j));
        }
      own.end_row();
    }
    std::vector<double> shift;
    for (Index i = 0; centred && i < rows(); ++i) shift.push_back(c(i));
    return SparseSamples(grid, rows(), samples, widest, block, own, shift);
  }
};

/// f(i, j) as a whole matrix, column-major.
template <class F>
std::vector<double> whole(Index rows, Index cols, F&& f) {
  std::vector<double> A;
  for (Index j = 0; j < cols; ++j)
    for (Index i = 0; i < rows; ++i) A.push_back(f(i, j));
  return A;
}

template <class F>
double sum(Index n, F&& f) {
  double total = 0.0;
  for (Index i = 0; i < n; ++i) total += f(i);
  return total;
}

std::vector<double> lower(std::vector<double> A, Index n) {
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < j; ++i) A[static_cast<std::size_t>(i + j * n)] = 0.0;
  return A;
}

const Sparse kCases[] = {{20, 33, false}, {20, 33, true}, {67, 12, true}, {9, 1, false}};
constexpr Index kUnits = 7, kWidest = 35;

}  // namespace

TEST_CASE("sparse samples: apply") {
  for (const Sparse& x : kCases)
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const SparseSamples H = x.on(grid, kWidest, block);
      const BlockCyclicMatrix W = make(grid, kUnits, x.rows(), block, block, 1);
      BlockCyclicMatrix Z(grid, kUnits, kWidest, block, H.col_block());
      Z.fill_constant(NAN);
      Z.set_cols(x.samples);
      apply(W, H, Z);
      const auto expected = whole(kUnits, x.samples, [&](Index i, Index j) {
        return sum(x.rows(), [&](Index k) { return entry(i, k, 1) * x.H(k, j); });
      });
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(Z), expected) <= kTolerance);
    });
}

TEST_CASE("sparse samples: outer and Gram matrices, alone and as sums over panels") {
  const bool summed = GENERATE(false, true);
  for (const Sparse& x : kCases)
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const Index n = x.rows();
      const SparseSamples H = x.on(grid, kWidest, block);
      BlockCyclicMatrix D(grid, kUnits, kWidest, block, H.col_block());
      D.set_cols(x.samples);
      D.fill([](Index i, Index j) { return entry(i, j, 2); });
      BlockCyclicMatrix R = make(grid, kUnits, n, block, block, 4);
      BlockCyclicMatrix G = make(grid, n, n, block, block, 6);
      if (summed) {
        OuterSum outer(Triangle::full), gram(Triangle::lower);
        outer.begin(R, 0.5);
        gram.begin(G, 0.5);
        for (const double alpha : {0.5, 1.5}) {
          outer.add(alpha, D, H);
          gram.add_gram(alpha, H);
        }
        OuterSum::finish({&outer, &gram});
      } else {
        accumulate_outer(2.0, D, H, 0.5, R);
        accumulate_gram(2.0, H, 0.5, G);
      }
      const auto of_R = whole(kUnits, n, [&](Index i, Index f) {
        return 0.5 * entry(i, f, 4) +
               2.0 * sum(x.samples, [&](Index j) { return entry(i, j, 2) * x.H(f, j); });
      });
      const auto of_G = whole(n, n, [&](Index i, Index f) {
        return 0.5 * entry(i, f, 6) +
               2.0 * sum(x.samples, [&](Index j) { return x.H(i, j) * x.H(f, j); });
      });
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(R), of_R) <= kTolerance);
      REQUIRE_ALL_ON(grid.comm(),
                     largest_difference(lower(gather(G), n), lower(of_G, n)) <= 4.0 * kTolerance);
    });
}

TEST_CASE("sparse samples: inner products and the sum of squares") {
  for (const Sparse& x : kCases)
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const SparseSamples H = x.on(grid, kWidest, block);
      const Index w = x.samples;
      BlockCyclicMatrix K(grid, w, w, H.col_block(), H.col_block());
      inner_gram(0.25, H, K);
      const auto of_K = whole(w, w, [&](Index i, Index j) {
        return 0.25 * sum(x.rows(), [&](Index k) { return x.H(k, i) * x.H(k, j); });
      });
      REQUIRE_ALL_ON(grid.comm(),
                     largest_difference(lower(gather(K), w), lower(of_K, w)) <= kTolerance);
      const double squares = sum(w, [&](Index j) {
        return sum(x.rows(), [&](Index k) { return x.H(k, j) * x.H(k, j); });
      });
      REQUIRE(std::abs(sum_of_squares(SampleOperand(H)) - squares) <= kTolerance * squares);
    });
}

TEST_CASE("sparse samples: conjugate gradients without their Gram matrix") {
  for (const Sparse& x : kCases)
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const Index n = x.rows();
      const SparseSamples H = x.on(grid, kWidest, block);
      SampleGram G;
      for (int panel = 0; panel < 2; ++panel) G.add(H);
      const DiagonalShift shift{0.5, 3.0, 1};
      // B = X (2 H H^T + shift)
      BlockCyclicMatrix B(grid, kUnits, n, block, block);
      std::vector<double> diagonal, sums;
      const auto of_G = whole(n, n, [&](Index i, Index f) {
        return 2.0 * sum(x.samples, [&](Index j) { return x.H(i, j) * x.H(f, j); });
      });
      for (Index i = 0; i < n; ++i) {
        diagonal.push_back(of_G[static_cast<std::size_t>(i + i * n)]);
        sums.push_back(2.0 * sum(x.samples, [&](Index j) { return x.H(i, j); }));
      }
      B.fill([&](Index i, Index f) {
        return entry(i, f, 7) * shift.at(f, n) + sum(n, [&](Index k) {
                 return entry(i, k, 7) * of_G[static_cast<std::size_t>(k + f * n)];
               });
      });
      ConjugateGradients cg;
      cg.set(G, shift, B);
      const CgStatus status = cg.solve_right(B, nullptr);
      REQUIRE_ALL_ON(grid.comm(), status.converged);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(B), dense(kUnits, n, 7)) <= 1e-8);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(G.diagonal(), diagonal) <= kTolerance * 100);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(G.row_sums(), sums) <= kTolerance * 100);
    });
}

TEST_CASE("sparse samples: NaN is passed on") {
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const Sparse x{20, 33, false};
    const SparseSamples H = x.on(grid, kWidest, block);
    BlockCyclicMatrix W = make(grid, kUnits, x.rows(), block, block, 1);
    W.fill([&](Index i, Index k) { return i == 3 && k == 4 ? NAN : 1.0; });
    BlockCyclicMatrix Z(grid, kUnits, x.samples, block, slab_width(kWidest, grid.cols()));
    apply(W, H, Z);
    const std::vector<double> z = gather(Z);
    for (Index j = 0; j < x.samples; ++j)
      for (Index i = 0; i < kUnits; ++i)
        REQUIRE(std::isnan(z[static_cast<std::size_t>(i + j * kUnits)]) ==
                (i == 3 && x.S(4, j) != 0.0));
  });
}

}  // namespace admmnet::test
