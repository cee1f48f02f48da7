#include "linalg/sample_factor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "linalg/products.h"
#include "linalg/pseudo_inverse.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

static const int kOne = 1;
/// Columns folded at a time, in orders of the triangle: its n further columns then cost a quarter
/// more flops, and its memory is a fifth of the whole.
static constexpr Index kStagedOrders = 4;

SampleFactor::SampleFactor(const ProcessGrid& grid, Index inputs, Index targets, Index block)
    : inputs_(inputs),
      targets_(targets),
      order_(inputs + targets),
      C_(grid, order_, (1 + kStagedOrders) * order_, block, block) {}

/// Columns first .. first + count - 1 of M behind what is staged, from row `row` on.
void SampleFactor::stage(const BlockCyclicMatrix& M, Index row, Index first, Index count) {
  redistribute(M.rows(), count, M, {0, first}, C_, {row, order_ + staged_});
}

void SampleFactor::add(const BlockCyclicMatrix& T, const BlockCyclicMatrix& A) {
  ADMMNET_REQUIRE(A.rows() == inputs_ && T.rows() == targets_ && A.cols() == T.cols(),
                  "SampleFactor: panels of the wrong shape");
  trace_ += sum_of_squares(A, A.cols());
  for (Index first = 0; first < A.cols();) {
    const Index count = std::min(A.cols() - first, kStagedOrders * order_ - staged_);
    stage(A, 0, first, count);
    stage(T, inputs_, first, count);
    staged_ += count;
    first += count;
    if (staged_ == kStagedOrders * order_) fold();
  }
}

void SampleFactor::fold() {
  const Index columns = std::exchange(staged_, 0) + order_;
  if (!C_.grid().account({Verb::triangle, order_, 0, columns})) return;
  const int m = static_cast<int>(order_), n = static_cast<int>(columns), query = -1;
  int info = 0;
  double best = 0.0;
  std::vector<double> tau(static_cast<std::size_t>(std::max<Index>(1, C_.local_rows())));
  pdgelqf_(&m, &n, C_.data(), &kOne, &kOne, C_.descriptor(), tau.data(), &best, &query, &info);
  std::vector<double> work(static_cast<std::size_t>(best) + 1);
  const int length = static_cast<int>(work.size());
  pdgelqf_(&m, &n, C_.data(), &kOne, &kOne, C_.descriptor(), tau.data(), work.data(), &length,
           &info);
  ADMMNET_REQUIRE(info == 0, "pdgelqf: argument " + std::to_string(-info) + " is wrong");
  for (Index j = 0; j < C_.local_cols(); ++j)  // Q's vectors have served
    std::fill_n(C_.column(j), C_.local_rows_below(std::min(order_, C_.global_col(j))), 0.0);
}

void SampleFactor::fold_shift(const DiagonalShift& shift) {
  if (staged_ + inputs_ > kStagedOrders * order_) fold();
  const Index first = order_ + staged_;
  bool any = false;
  for (Index i = 0; i < inputs_; ++i) any = any || shift.at(i, inputs_) > 0.0;
  if (any) {
    // Column first + i holds sqrt(s_i) in row i; the rest of these columns is zero since the last
    // fold, or since C was made.
    for (Index j = 0; j < C_.local_cols(); ++j) {
      const Index i = C_.global_col(j) - first;
      if (i < 0 || i >= inputs_) continue;
      for (Index r = 0; r < C_.local_rows(); ++r)
        if (C_.global_row(r) == i) C_.at(r, j) = std::sqrt(shift.at(i, inputs_));
    }
    staged_ += inputs_;
  }
  if (staged_ > 0) fold();
}

bool SampleFactor::rank_deficient() const {
  if (C_.grid().ledger() != nullptr) return false;
  double least = INFINITY, largest = 0.0;
  for (Index j = 0; j < C_.local_cols_below(inputs_); ++j) {
    const Index g = C_.global_col(j), i = C_.local_rows_below(g);
    if (i == C_.local_rows_below(g + 1)) continue;  // another rank's
    least = std::min(least, std::abs(C_.at(i, j)));
    largest = std::max(largest, std::abs(C_.at(i, j)));
  }
  least = min_over(C_.grid().comm(), least);
  largest = max_over(C_.grid().comm(), largest);
  return least <= static_cast<double>(inputs_) * std::numeric_limits<double>::epsilon() * largest;
}

void SampleFactor::solve_by_svd(BlockCyclicMatrix& W) const {
  BlockCyclicMatrix L(C_.grid(), inputs_, inputs_, C_.row_block(), C_.col_block());
  redistribute(inputs_, inputs_, C_, {}, L, {});
  PseudoInverse inverse;
  if (!inverse.factor(L))
    throw NumericalBreakdown("no singular values found for " + std::to_string(inputs_) +
                             " inputs: raise -admm_ridge");
  inverse.solve_right(W);
}

FactorStatus SampleFactor::solve(const DiagonalShift& shift, bool by_svd, BlockCyclicMatrix& W) {
  if (!std::isfinite(trace_))
    throw NumericalBreakdown("samples of " + std::to_string(inputs_) +
                             " inputs hold NaN or infinity: lower -admm_step or raise -admm_ridge");
  fold_shift(shift);
  redistribute(targets_, inputs_, C_, {inputs_, 0}, W, {});
  FactorStatus status;
  if (!by_svd && rank_deficient()) {
    status.instead = "rank-deficient; solved by svd";
    by_svd = true;
  }
  if (by_svd) {
    solve_by_svd(W);
    return status;
  }
  if (!W.grid().account({Verb::triangular, targets_, inputs_})) return status;
  const int m = static_cast<int>(targets_), n = static_cast<int>(inputs_);
  const double one = 1.0;
  pdtrsm_("R", "L", "N", "N", &m, &n, &one, C_.data(), &kOne, &kOne, C_.descriptor(), W.data(),
          &kOne, &kOne, W.descriptor());
  return status;
}

}  // namespace admmnet
