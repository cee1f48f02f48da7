// Products on every grid and block size against triple loops.
#include "grids.h"
#include "linalg/outer_sum.h"
#include "linalg/products.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

using Dense = std::vector<double>;

/// C(m x n) = alpha sum_k a(i,k) b(k,j) + beta C0(i,j)
template <class A, class B>
Dense reference(Index m, Index n, Index k, double alpha, A&& a, B&& b, double beta,
                const Dense& C0) {
  Dense C(static_cast<std::size_t>(m * n));
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < m; ++i) {
      double sum = 0.0;
      for (Index l = 0; l < k; ++l) sum += a(i, l) * b(l, j);
      C[i + j * m] = alpha * sum + (beta == 0.0 ? 0.0 : beta * C0[i + j * m]);
    }
  return C;
}

/// Entries of size 1, at most 100 terms a sum: 100 eps per reordering, with a factor 10 to spare.
constexpr double kTolerance = 1000 * 2.3e-16;

Dense lower(Dense A, Index n) {
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < j; ++i) A[i + j * n] = 0.0;
  return A;
}

template <class F>
void on_every_layout(F&& f) {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks)
      for (Index samples : {1, 13, 100}) f(grid, block, samples, slab_width(samples, grid.cols()));
  }
}

const auto left = [](Index i, Index l) { return entry(i, l, 1); };
const auto right = [](Index l, Index j) { return entry(l, j, 2); };

}  // namespace

TEST_CASE("apply: Z = W H") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    const Index m = 20, k = 33;
    const auto W = make(grid, m, k, block, block, 1);
    const auto H = make(grid, k, samples, block, width, 2);
    BlockCyclicMatrix Z(grid, m, samples, block, width);
    apply(W, H, Z);
    const auto expected = reference(m, samples, k, 1.0, left, right, 0.0, {});
    REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(Z), expected) <= kTolerance);
  });
}

TEST_CASE("add_applied: Z = W H + Z") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    const Index m = 31, k = 12;
    const auto W = make(grid, m, k, block, block, 1);
    const auto H = make(grid, k, samples, block, width, 2);
    auto Z = make(grid, m, samples, block, width, 3);
    add_applied(W, H, Z);
    const auto expected = reference(m, samples, k, 1.0, left, right, 1.0, dense(m, samples, 3));
    REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(Z), expected) <= kTolerance);
  });
}

TEST_CASE("apply_transposed: Z = alpha X^T D + beta Z") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    const Index m = 31, k = 12;
    const auto X = make(grid, k, m, block, block, 1);
    const auto D = make(grid, k, samples, block, width, 2);
    auto Z = make(grid, m, samples, block, width, 3);
    apply_transposed(0.5, X, D, -2.0, Z);
    const auto a = [](Index i, Index l) { return entry(l, i, 1); };
    const auto expected = reference(m, samples, k, 0.5, a, right, -2.0, dense(m, samples, 3));
    REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(Z), expected) <= kTolerance);
  });
}

TEST_CASE("accumulate_outer: R = alpha D H^T + beta R") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    const Index m = 17, k = 30;
    const auto D = make(grid, m, samples, block, width, 1);
    const auto H = make(grid, k, samples, block, width, 2);
    auto R = make(grid, m, k, block, block, 3);
    accumulate_outer(2.0, D, H, 0.5, R);
    const auto b = [](Index l, Index j) { return entry(j, l, 2); };
    const auto expected = reference(m, k, samples, 2.0, left, b, 0.5, dense(m, k, 3));
    REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(R), expected) <= kTolerance);
  });
}

TEST_CASE("accumulate_gram: the lower triangle of alpha H H^T + beta G") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    const Index k = 70;
    const auto H = make(grid, k, samples, block, width, 1);
    auto G = make(grid, k, k, block, block, 3);
    accumulate_gram(0.1, H, 0.9, G);
    const auto b = [](Index l, Index j) { return entry(j, l, 1); };
    const auto expected = reference(k, k, samples, 0.1, left, b, 0.9, dense(k, k, 3));
    REQUIRE_ALL_ON(grid.comm(),
                   largest_difference(lower(gather(G), k), lower(expected, k)) <= kTolerance);
  });
}

TEST_CASE("multiply_symmetric reads the lower triangle only") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks) {
      const Index m = 9, n = 25;
      const auto A = make(grid, m, n, block, block, 1);
      BlockCyclicMatrix S(grid, n, n, block, block), C(grid, m, n, block, block);
      S.fill([](Index i, Index j) { return i >= j ? entry(i, j, 2) : NAN; });
      multiply_symmetric(1.5, A, S, C);
      const auto b = [](Index l, Index j) { return entry(std::max(l, j), std::min(l, j), 2); };
      const auto expected = reference(m, n, n, 1.5, left, b, 0.0, {});
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(C), expected) <= kTolerance);
    }
  }
}

TEST_CASE("trace, sum of squares and inner product") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks) {
      const auto A = make(grid, 20, 20, block, block, 1);
      const auto B = make(grid, 20, 20, block, block, 2);
      double diagonal = 0.0, squares = 0.0, product = 0.0;
      for (Index j = 0; j < 20; ++j)
        for (Index i = 0; i < 20; ++i) {
          if (i == j) diagonal += entry(i, j, 1);
          if (j < 7) squares += entry(i, j, 1) * entry(i, j, 1);
          product += entry(i, j, 1) * entry(i, j, 2);
        }
      REQUIRE(std::abs(trace(A) - diagonal) <= kTolerance);
      REQUIRE(std::abs(sum_of_squares(A, 7) - squares) <= kTolerance);
      REQUIRE(std::abs(inner_product(A, B) - product) <= kTolerance);
    }
  }
}

TEST_CASE("sums over panels equal the product of all samples") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks) {
      const Index m = 9, k = 14, panels = 3, width = 10;
      BlockCyclicMatrix R(grid, m, k, block, block), G(grid, k, k, block, block);
      std::vector<double> D_all, H_all;
      OuterSum outer(Triangle::full), gram(Triangle::lower);
      for (int repetition = 0; repetition < 2; ++repetition) {  // the second finds used sums
        outer.begin(R);
        gram.begin(G);
        for (int p = 0; p < panels; ++p) {
          const Index slab = slab_width(width, grid.cols());
          const auto D = make(grid, m, width, block, slab, p),
                     H = make(grid, k, width, block, slab, 5 + p);
          outer.add(2.0, D, H);
          gram.add(2.0, H, H);
          const auto d = gather(D), h = gather(H);
          D_all.insert(D_all.end(), d.begin(), d.end());
          H_all.insert(H_all.end(), h.begin(), h.end());
        }
        outer.finish();
        gram.finish();
      }
      const Index N = panels * width;
      const auto d = [&](Index i, Index l) { return D_all[static_cast<std::size_t>(i + l * m)]; };
      const auto h = [&](Index i, Index l) { return H_all[static_cast<std::size_t>(i + l * k)]; };
      const auto h_t = [&](Index l, Index j) { return h(j, l); };
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(R), reference(m, k, N, 2.0, d, h_t, 0.0,
                                                                          {})) <= kTolerance);
      REQUIRE_ALL_ON(grid.comm(), largest_difference(lower(gather(G), k),
                                                     lower(reference(k, k, N, 2.0, h, h_t, 0.0, {}),
                                                           k)) <= kTolerance);
    }
  }
}

TEST_CASE("an operand serves many products, and follows its matrix when taken anew") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    auto W = make(grid, 9, 14, block, block, 1);
    const auto H = make(grid, 14, samples, block, width, 2);
    BlockCyclicMatrix Z(grid, 9, samples, block, width), expected(grid, 9, samples, block, width);
    LayerOperand operand;
    for (double scale : {1.0, 3.0}) {
      W.fill([&](Index i, Index j) { return scale * entry(i, j, 1); });
      operand.assign(W);
      apply(W, H, expected);
      for (int use = 0; use < 2; ++use) {
        apply(operand, H, Z);
        REQUIRE_ALL_ON(grid.comm(), gather(Z) == gather(expected));
      }
    }
  });
}

TEST_CASE("on 1 x P a tall layer matrix crosses the network in parts of a round of blocks") {
  // 2^22 / 60 000 = 69 columns a part, 64 P a round; 12 million entries are too many to gather.
  constexpr Index m = 60000, k = 200, samples = 6, block = 64, step = 499;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank() || grid.rows() > 1) continue;
    const Index width = slab_width(samples, grid.cols());
    const auto W = make(grid, m, k, block, block, 1);
    const auto H = make(grid, k, samples, block, width, 2);
    const auto D = make(grid, m, samples, block, width, 3);
    BlockCyclicMatrix Z(grid, m, samples, block, width), R(grid, m, k, block, block);
    apply(W, H, Z);
    accumulate_outer(1.0, D, H, 0.0, R);
    Worst difference;
    for (Index i = 0; i < m; i += step) {
      for (Index j = 0; j < Z.local_cols(); ++j) {
        double sum = 0.0;
        for (Index l = 0; l < k; ++l) sum += entry(i, l, 1) * entry(l, Z.global_col(j), 2);
        difference.add(std::abs(Z.at(i, j) - sum), "Z", i, j);
      }
      for (Index j = 0; j < R.local_cols(); ++j) {
        double sum = 0.0;
        for (Index l = 0; l < samples; ++l) sum += entry(i, l, 3) * entry(R.global_col(j), l, 2);
        difference.add(std::abs(R.at(i, j) - sum), "R", i, j);
      }
    }
    CAPTURE(difference);
    const bool without_columns = Z.local_cols() == 0 && R.local_cols() == 0;
    REQUIRE_ALL_ON(grid.comm(),
                   without_columns || difference <= 2.0 * kTolerance);  // twice the terms
  }
}

TEST_CASE("on 1 x P the inner products of many samples are summed up in ranges of columns") {
  constexpr Index n = 7, w = 2950, block = 64;  // 2950^2 entries are too many for one sum a rank
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank() || grid.rows() > 1) continue;
    const auto H = make(grid, n, w, block, slab_width(w, grid.cols()), 1);
    BlockCyclicMatrix room, K(grid, w, w, block, block);
    inner_gram(0.5, H, room, K);
    Worst difference;
    for (Index j = 0; j < K.local_cols(); ++j)
      for (Index i = K.global_col(j); i < w; ++i) {
        double sum = 0.0;
        for (Index l = 0; l < n; ++l) sum += 0.5 * entry(l, i, 1) * entry(l, K.global_col(j), 1);
        difference.add(std::abs(K.at(i, j) - sum), "K", i, j);
      }
    CAPTURE(difference);
    REQUIRE_ALL_ON(grid.comm(), difference <= kTolerance);
  }
}

TEST_CASE("products in single precision: rounded factors, nothing else different") {
  // At most 720 terms of size 1, each partial sum rounded to 24 bits. On 6 ranks a rank has 120
  // samples: enough for float to be used.
  constexpr double tolerance = 720 * 720 * 6e-8;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks) {
      const Index m = 70, k = 90, samples = 720, width = slab_width(samples, grid.cols());
      const auto W = make(grid, m, k, block, block, 1), X = make(grid, k, m, block, block, 3);
      const auto H = make(grid, k, samples, block, width, 2);
      const auto D = make(grid, m, samples, block, width, 4);
      const auto all = [&](Precision precision) {
        set_product_precision(precision);
        BlockCyclicMatrix Z(grid, m, samples, block, width), T(grid, m, samples, block, width);
        BlockCyclicMatrix R = make(grid, m, k, block, block, 5), G(grid, k, k, block, block);
        T.fill_constant(1.0);
        apply(W, H, Z);
        apply_transposed(0.5, X, H, 2.0, T);
        accumulate_outer(2.0, D, H, 0.5, R);
        accumulate_gram(0.5, H, 0.0, G);
        set_product_precision(Precision::full);
        return std::vector<Dense>{gather(Z), gather(T), gather(R), lower(gather(G), k)};
      };
      const auto exact = all(Precision::full), single = all(Precision::single);
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const Worst difference = largest_difference(exact[i], single[i]);
        CAPTURE(grid.rows(), grid.cols(), block, i, difference);
        REQUIRE_ALL_ON(grid.comm(), difference <= tolerance);
        REQUIRE_ALL_ON(grid.comm(), difference.value() > 0.0);  // it was single indeed
      }
    }
  }
}

TEST_CASE(
    "samples stored in float: products are those of the rounded samples, in either precision") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks) {
      const Index m = 70, k = 90, samples = 720, width = slab_width(samples, grid.cols());
      const auto W = make(grid, m, k, block, block, 1), D = make(grid, m, samples, block, width, 4);
      const auto H = make(grid, k, samples, block, width, 2);
      const SingleSamples single(H);
      BlockCyclicMatrix rounded;
      single.widen(rounded);
      const Worst rounding = largest_difference(gather(rounded), gather(H));
      REQUIRE_ALL_ON(grid.comm(), rounding.value() > 0.0);
      REQUIRE_ALL_ON(grid.comm(), rounding <= 6e-8);  // half a unit of 24 bits, entries up to 1
      const auto all = [&](const SampleOperand& h) {
        BlockCyclicMatrix Z(grid, m, samples, block, width),
            K(grid, samples, samples, width, width);
        BlockCyclicMatrix R = make(grid, m, k, block, block, 5), G(grid, k, k, block, block),
                          S(grid, k, k, block, block);
        apply(W, h, Z);
        accumulate_outer(2.0, D, h, 0.5, R);
        accumulate_gram(0.5, h, 0.0, G);
        inner_gram(0.5, h, K);
        OuterSum sum(Triangle::lower);
        sum.begin(S);
        sum.add_gram(2.0, h);
        sum.finish();
        return std::vector<Dense>{gather(Z),           gather(R),
                                  lower(gather(G), k), lower(gather(K), samples),
                                  lower(gather(S), k), {sum_of_squares(h)}};
      };
      BlockCyclicMatrix exact(grid, samples, samples, width, width);
      inner_gram(0.5, rounded, exact);
      for (const Precision precision : {Precision::full, Precision::single}) {
        set_product_precision(precision);
        const auto from_double = all(rounded), from_float = all(single);
        BlockCyclicMatrix room, K(grid, samples, samples, block, block);
        inner_gram(0.5, single, room, K);
        // Sums of k terms of at most 1/2, added up in double or in float.
        const double unit = precision == Precision::full ? 1e-15 : 6e-8;
        const Worst off =
            largest_difference(lower(gather(K), samples), lower(gather(exact), samples));
        CAPTURE(grid.rows(), grid.cols(), block, off);
        REQUIRE_ALL_ON(grid.comm(), off <= unit * 0.5 * k * k);
        set_product_precision(Precision::full);
        for (std::size_t i = 0; i < from_double.size(); ++i) {
          const Worst difference = largest_difference(from_double[i], from_float[i]);
          CAPTURE(grid.rows(), grid.cols(), block, i, difference);
          // The same arithmetic; |H|^2 is summed up in another order.
          REQUIRE_ALL_ON(grid.comm(),
                         difference <= (from_double[i].size() == 1 ? 1e-13 * 90 * 720 : 0.0));
        }
      }
    }
  }
}

TEST_CASE("products are bitwise reproducible on one grid") {
  on_every_layout([](const ProcessGrid& grid, Index block, Index samples, Index width) {
    const auto H = make(grid, 40, samples, block, width, 1);
    BlockCyclicMatrix first(grid, 40, 40, block, block), second(grid, 40, 40, block, block);
    accumulate_gram(1.0, H, 0.0, first);
    accumulate_gram(1.0, H, 0.0, second);
    REQUIRE_ALL_ON(grid.comm(), lower(gather(first), 40) == lower(gather(second), 40));
  });
}

}  // namespace admmnet::test
