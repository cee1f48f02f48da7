#include "linalg/low_rank_gram.h"

#include <algorithm>
#include <cmath>

#include "linalg/elementwise.h"
#include "linalg/layout.h"
#include "linalg/local_blas.h"
#include "linalg/local_cholesky.h"
#include "linalg/products.h"
#include "linalg/small_system.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {

static constexpr double kShift = 1e-6;              // v, of the trace
static constexpr double kRounding = 1e-12;          // of U^T U
static constexpr double kLeastOfTheLargest = 1e-9;  // S, so that it can be divided by

LowRankGram::LowRankGram(const ProcessGrid& grid, Index n, Index rank, Index block)
    : basis_(grid, std::min(rank, n), n, std::min(rank, n), block),
      next_(grid, std::min(rank, n), n, std::min(rank, n), block),
      values_(grid, std::min(rank, n), 1, std::min(rank, n), 1),
      lambda_(static_cast<std::size_t>(std::min(rank, n))) {
  const CounterRandom random(0, Stream::basis);
  const double deviation = 1.0 / std::sqrt(static_cast<double>(n));
  basis_.fill([&](Index i, Index j) { return deviation * random.normal(i, j); });
}

std::vector<double> LowRankGram::product(const BlockCyclicMatrix& A,
                                         const BlockCyclicMatrix& B) const {
  const Index k = rank();
  std::vector<double> sum(static_cast<std::size_t>(k * k));
  if (A.local_rows() > 0)
    local_gemm("N", "T", k, k, A.local_cols(), 1.0, local_part(A), local_part(B), 0.0, sum.data(),
               k);
  A.grid().sum(sum.data(), k * k);
  return sum;
}

void LowRankGram::update(double keep, double scale, const SampleOperand& H) {
  if (projection_.capacity() < H.cols())
    projection_ = BlockCyclicMatrix(H.grid(), rank(), H.capacity(), rank(), H.col_block());
  projection_.set_cols(H.cols());
  // Y = keep U diag(lambda) + scale H (H^T U)
  apply(basis_, H, projection_);
  accumulate_outer(scale, projection_, H, 0.0, next_);
  constexpr int kProducts = 6;  // of k^2 n, in what follows
  bool has_entries = true;
  for (int i = 0; i < kProducts; ++i)
    has_entries = H.grid().account({Verb::inner, 0, rank(), basis_.cols()});
  if (!has_entries) return;
  renew(keep);
  orthogonalise();
}

/// The lower triangle of the factor of A, column-major, of the order of its side.
static WholeFactor cholesky(std::vector<double>& A, Index order) {
  if (factor_whole(order, A.data(), order) != 0)
    throw NumericalBreakdown(
        "the basis of a wide layer's activations has lost its rank: take -linalg_weight_solver "
        "cholesky, or raise -admm_ridge");
  return {A.data(), order, order};
}

void LowRankGram::renew(double keep) {
  const Index k = rank();
  const auto order = static_cast<std::size_t>(k);
  const FullPrecision in_double;
  // Y := keep U diag(lambda) + scale H (H^T U), of which the second part is there
  for (Index j = 0; j < basis_.local_cols(); ++j)
    for (Index i = 0; i < basis_.local_rows(); ++i)
      next_.at(i, j) += keep * lambda_[static_cast<std::size_t>(i)] * basis_.at(i, j);
  // K = sym(U^T Y) + v I,  Y := Y + v U,  K = C C^T
  std::vector<double> K = product(basis_, next_);
  double trace = 0.0;
  for (std::size_t i = 0; i < order; ++i) trace += K[i * (order + 1)];
  if (!std::isfinite(trace))
    throw NumericalBreakdown(
        "the activations of a wide layer hold NaN or infinity: lower -admm_step or raise "
        "-admm_proximal");
  const double v = kShift * (trace > 0.0 ? trace : 1.0);
  for (std::size_t j = 0; j < order; ++j) {
    for (std::size_t i = j + 1; i < order; ++i)
      K[i + j * order] = 0.5 * (K[i + j * order] + K[j + i * order]);
    K[j * (order + 1)] += v;
  }
  for_each_entry([v](double& y, double u) { y += v * u; }, next_, basis_);
  const WholeFactor C = cholesky(K, k);
  // C^-1 (Y^T Y) C^-T = Q diag(S) Q^T
  std::vector<double> Q = product(next_, next_), S(order);
  triangular_solve("L", "N", C, k, Q.data(), k);
  triangular_solve("R", "T", C, k, Q.data(), k);
  eigen_small(Q, S);
  // U := Y C^-T Q diag(S)^-1/2,  lambda := max(S - v, 0): from the largest on, where S ascends
  const double least = kLeastOfTheLargest * S.back();
  std::vector<double> turn(order * order);  // diag(S)^-1/2 Q^T
  for (std::size_t i = 0; i < order; ++i) {
    const std::size_t from = order - 1 - i;
    const double root = 1.0 / std::sqrt(std::max(S[from], least));
    for (std::size_t j = 0; j < order; ++j) turn[i + j * order] = root * Q[j + from * order];
    lambda_[i] = std::max(S[from] - v, 0.0);
  }
  if (basis_.local_rows() == 0) return;  // another process row's
  const Index own = basis_.local_cols();
  triangular_solve("L", "N", C, own, next_.data(), next_.leading_dimension());
  local_gemm("N", "N", k, own, k, 1.0, {turn.data(), k}, local_part(next_), 0.0, basis_.data(),
             basis_.leading_dimension());
}

void LowRankGram::orthogonalise() {
  const Index k = rank();
  const FullPrecision in_double;
  std::vector<double> T = product(basis_, basis_);
  for (Index i = 0; i < k; ++i) T[static_cast<std::size_t>(i * (k + 1))] += kRounding;
  const WholeFactor factor = cholesky(T, k);
  if (basis_.local_rows() > 0)
    triangular_solve("L", "N", factor, basis_.local_cols(), basis_.data(),
                     basis_.leading_dimension());
}

void LowRankGram::solve_right(double trace, double shift, BlockCyclicMatrix& R) {
  const Index m = R.rows(), n = R.cols(), k = rank();
  double known = 0.0;
  for (const double value : lambda_) known += value;
  const double tau =
      std::max(0.0, (trace - known) / static_cast<double>(std::max<Index>(1, n - k)));
  const double h = shift + tau;
  if (share_.rows() != m)
    share_ = BlockCyclicMatrix(R.grid(), m, k, R.row_block(), basis_.row_block());
  // R := (R - (R U) diag((lambda - tau)/(lambda - tau + h)) U^T) / h
  std::vector<double> factors;
  for (const double value : lambda_) factors.push_back((value - tau) / (value - tau + h) / h);
  if (R.grid().account({Verb::low_rank, m, k, n}))
    R.grid().layout().subtract_low_rank(1.0 / h, factors, basis_, share_, R);
}

BlockCyclicMatrix& LowRankGram::values() {
  values_.fill([&](Index i, Index) { return lambda_[static_cast<std::size_t>(i)]; });
  return values_;
}

void LowRankGram::values_changed() {
  lambda_ = gather(values_);
}

}  // namespace admmnet
