#include "linalg/data_parallel/inner_products.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "linalg/data_parallel/local_samples.h"
#include "linalg/local_blas.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Features dealt out in contiguous ranges, from rank 0 on.
struct FeatureDeal {
  FeatureDeal(Index n, int ranks) : features(n), each(slab_width(n, ranks)) {}
  Index first(int rank) const { return std::min(features, each * rank); }
  Index count(int rank) const { return first(rank + 1) - first(rank); }

  Index features, each;
};

bool crosses_once(Index w) {
  return w * w <= kLargestGathered;
}

/// The own features of all samples, count(rank) x w without gaps, from slabs of whole samples.
template <class Real>
const Real* own_features(const ProcessGrid& grid, const FeatureDeal& deal, Index w, Index slab,
                         const Columns<Real>& own) {
  static Scratch<Real> packed, received;
  const int P = grid.size(), me = grid.rank();
  const auto samples_of = [&](int r) { return local_count(w, slab, r, P); };
  ADMMNET_REQUIRE(deal.each * w < (Index{1} << 31) && deal.features * slab < (Index{1} << 31),
                  "inner products: more than 2^31 - 1 elements on a rank");
  std::vector<int> sent, sent_at, got, got_at;
  Real* place = packed.of_size(deal.features * samples_of(me));
  Real* features = received.of_size(deal.count(me) * w);
  Index got_so_far = 0;
  for (int r = 0; r < P; ++r) {
    const Index count = deal.count(r), samples = samples_of(me);
    Real* to = r == me ? features + got_so_far : place;  // its own need not travel
    sent.push_back(r == me ? 0 : static_cast<int>(count * samples));
    sent_at.push_back(static_cast<int>(place - packed.data()));
    for (Index j = 0; j < samples; ++j)
      std::copy_n(own.entries + j * own.leading_dimension + deal.first(r), count, to + j * count);
    place += sent.back();
    got.push_back(r == me ? 0 : static_cast<int>(deal.count(me) * samples_of(r)));
    got_at.push_back(static_cast<int>(got_so_far));
    got_so_far += deal.count(me) * samples_of(r);
  }
  const MPI_Datatype type = std::is_same_v<Real, float> ? MPI_FLOAT : MPI_DOUBLE;
  ADMMNET_MPI(MPI_Alltoallv(packed.data(), sent.data(), sent_at.data(), type, features, got.data(),
                            got_at.data(), type, grid.row_comm()));
  return features;
}

LocalOperand own_features(const SampleOperand& H, const FeatureDeal& deal) {
  const ProcessGrid& grid = H.grid();
  const LocalOperand own = local_part(H);
  const Index rows = deal.count(grid.rank());
  if (H.in_float() != nullptr)
    return LocalOperand(
        Columns<float>{own_features(grid, deal, H.cols(), H.col_block(), own.in_float), rows});
  return {own_features(grid, deal, H.cols(), H.col_block(), own.in_double), rows};
}

}  // namespace

void inner_by_features(double alpha, const SampleOperand& H, BlockCyclicMatrix& K) {
  static Scratch<double> sum;
  const FeatureDeal deal(H.rows(), H.grid().size());
  const Index w = H.cols(), n = deal.count(H.grid().rank());
  const LocalOperand own = own_features(H, deal);
  if (crosses_once(w)) {
    local_syrk("T", w, n, alpha, own, 0.0, sum.of_size(w * w), w);
    reduce_together({{Triangle::lower, 0.0, &K, &sum}});
    return;
  }
  const Index step = columns_per_range(K);
  for (Index first = 0; first < w; first += step) {
    const Index last = std::min(w, first + step), width = last - first;
    double* range = sum.of_size(w * std::min(w, step));
    local_syrk("T", width, n, alpha, own.from(0, first), 0.0, range + first, w);
    local_gemm("T", "N", w - last, width, n, alpha, own.from(0, last), own.from(0, first), 0.0,
               range + last, w);
    reduce_columns(Triangle::lower, range, first, last, 0.0, K);
  }
}

// ---- what it costs ----

Work inner_cost(const Operation& o, const Pricing& p) {
  const Index w = o.k, n = o.n, slab = p.columns(o).block;
  const int P = p.ranks();
  const FeatureDeal deal(n, P);
  const auto triangle = 0.5 * static_cast<double>(w) * static_cast<double>(w + 1);
  const Work products = p.compute(flops(o), 2.0 * triangle * static_cast<double>(deal.each),
                                  static_cast<double>(std::min(w, deal.each)));
  if (P == 1) return products;
  double pairs = 0.0, kept = 0.0;
  const auto sources = static_cast<double>((w + slab - 1) / slab);
  for (int r = 0; r < P; ++r) {
    const Index samples = local_count(w, slab, r, P);
    if (deal.count(r) > 0) pairs += sources - (samples > 0 ? 1.0 : 0.0);
    kept += static_cast<double>(deal.count(r) * samples);
  }
  const double own = static_cast<double>(n) * static_cast<double>(std::min(w, slab));
  return products + p.traffic(pairs / P, static_cast<double>(n) * static_cast<double>(w) - kept) +
         p.packing(own) +
         (crosses_once(w) ? together_cost(w, triangle, false, p) : reduce_cost(w, w, triangle, p));
}

double inner_workspace(const Operation& o, const Pricing& p) {
  const Index w = o.k, n = o.n, slab = p.columns(o).block;
  const FeatureDeal deal(n, p.ranks());
  const auto triangle = 0.5 * static_cast<double>(w) * static_cast<double>(w + 1);
  const double in_float = single_entries(w, deal.each, w);
  if (p.ranks() == 1) return in_float;
  const double features = static_cast<double>(n) * static_cast<double>(std::min(w, slab)) +
                          static_cast<double>(deal.each) * static_cast<double>(w);
  return in_float + features +
         (crosses_once(w)
              ? static_cast<double>(w) * static_cast<double>(w) + together_entries(triangle, p)
              : range_entries(w, w, p) + crossing_entries(Triangle::lower, w, w, p));
}

}  // namespace admmnet
