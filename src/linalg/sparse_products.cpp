#include "linalg/sparse_products.h"

#include <algorithm>

#include "linalg/data_parallel/local_samples.h"
#include "runtime/threads.h"

namespace admmnet {
namespace {

/// A range of columns of a layer matrix during one product.
Scratch<double> range_memory;

/// y := y + a x, n entries.
inline void add_multiple(double a, const double* x, Index n, double* y) {
  for (Index i = 0; i < n; ++i) y[i] += a * x[i];
}

/// Z(:, j) += sum_f W(:, f) H_fj, f in [first, last), on m rows of this rank; W from column `first`
/// on, without gaps. `offset` += W c of these columns.
void add_product(const SparseSamples& H, Index first, Index last, Index m, const double* W,
                 Index ldw, BlockCyclicMatrix& Z, std::vector<double>& offset) {
  const auto entries = static_cast<Index>(H.by_feature().values.size());
  in_parts(m, m * entries, [&](Index begin, Index end) {
    H.by_feature().for_each(first, last, [&](Index f, Index j, double value) {
      add_multiple(value, W + (f - first) * ldw + begin, end - begin, Z.column(j) + begin);
    });
  });
  if (!H.shifted()) return;
  for (Index f = first; f < last; ++f)
    add_multiple(H.shift()[static_cast<std::size_t>(f)], W + (f - first) * ldw, m, offset.data());
}

/// x := beta x, whatever x is where beta is 0.
void scale(double beta, Index n, double* x) {
  if (beta == 0.0)
    std::fill_n(x, n, 0.0);
  else if (beta != 1.0)
    std::for_each(x, x + n, [beta](double& entry) { entry *= beta; });
}

/// The sums of the rows of D over this rank's columns.
std::vector<double> row_sums(const BlockCyclicMatrix& D) {
  std::vector<double> sums(static_cast<std::size_t>(D.local_rows()), 0.0);
  for (Index j = 0; j < D.local_cols(); ++j)
    add_multiple(1.0, D.column(j), D.local_rows(), sums.data());
  return sums;
}

/// What an outer product with H needs of D = H, or of another D, on this rank.
struct OuterFactor {
  Triangle triangle;
  const BlockCyclicMatrix* D;  // full
  std::vector<double> sums;    // full, centred: D 1
  CompressedRows by_sample;    // lower
  std::vector<double> s;       // lower, centred: S 1, of every feature
  std::vector<Index> own_row;  // lower: of every feature its row in G here; -1: another's
};

OuterFactor outer_factor(Triangle triangle, const BlockCyclicMatrix* D, const SparseSamples& H,
                         const BlockCyclicMatrix& R) {
  OuterFactor factor{triangle, D, {}, {}, {}, {}};
  if (triangle == Triangle::full) {
    if (H.shifted()) factor.sums = row_sums(*D);
    return factor;
  }
  factor.by_sample = H.by_feature().transposed();
  factor.own_row.assign(static_cast<std::size_t>(H.rows()), -1);
  for (Index i = 0; i < R.local_rows(); ++i)
    factor.own_row[static_cast<std::size_t>(R.global_row(i))] = i;
  if (!H.shifted()) return factor;
  factor.s.assign(static_cast<std::size_t>(H.rows()), 0.0);
  H.by_feature().for_each(0, H.rows(), [&](Index f, Index, double value) {
    factor.s[static_cast<std::size_t>(f)] += value;
  });
  return factor;
}

/// part(:, f - first) += alpha sum_j H_fj D(:, j) for f in [first, last), local rows of R.
void add_outer(double alpha, const OuterFactor& factor, const SparseSamples& H, Index first,
               Index last, double* part, Index ld) {
  const auto entries = static_cast<Index>(H.by_feature().values.size());
  in_parts(ld, ld * entries, [&](Index begin, Index end) {
    H.by_feature().for_each(first, last, [&](Index f, Index j, double value) {
      add_multiple(alpha * value, factor.D->column(j) + begin, end - begin,
                   part + (f - first) * ld + begin);
    });
  });
  if (!H.shifted()) return;
  for (Index f = first; f < last; ++f)
    add_multiple(-alpha * H.shift()[static_cast<std::size_t>(f)], factor.sums.data(), ld,
                 part + (f - first) * ld);
}

/// The same with D = H, its rows i >= f: of S S^T, then - s c^T - c s^T + w c c^T.
void add_gram(double alpha, const OuterFactor& factor, const SparseSamples& H, Index first,
              Index last, const BlockCyclicMatrix& G, double* part) {
  const CompressedRows& samples = factor.by_sample;
  const Index ld = G.local_rows();
  H.by_feature().for_each(first, last, [&](Index f, Index j, double value) {
    double* column = part + (f - first) * ld;
    samples.for_each(j, j + 1, [&](Index, Index i, double other) {
      const Index row = factor.own_row[static_cast<std::size_t>(i)];
      if (i >= f && row >= 0) column[row] += alpha * value * other;
    });
  });
  if (!H.shifted()) return;
  const std::vector<double>&c = H.shift(), &s = factor.s;
  const auto w = static_cast<double>(H.local_cols());
  for (Index f = first; f < last; ++f)
    for (Index row = G.local_rows_below(f); row < ld; ++row) {
      const auto i = static_cast<std::size_t>(G.global_row(row)), j = static_cast<std::size_t>(f);
      part[row + (f - first) * ld] += alpha * (w * c[i] * c[j] - s[i] * c[j] - c[i] * s[j]);
    }
}

void add_columns(double alpha, const OuterFactor& factor, const SparseSamples& H, Index first,
                 Index last, const BlockCyclicMatrix& R, double* part) {
  if (factor.triangle == Triangle::full)
    add_outer(alpha, factor, H, first, last, part, R.local_rows());
  else
    add_gram(alpha, factor, H, first, last, R, part);
}

}  // namespace

void sparse_outer(Triangle triangle, double alpha, const BlockCyclicMatrix* D,
                  const SparseSamples& H, double beta, BlockCyclicMatrix& R) {
  const OuterFactor factor = outer_factor(triangle, D, H, R);
  if (R.grid().size() == 1 && R.leading_dimension() == R.rows()) {  // the local array is R
    scale(beta, R.rows() * R.cols(), R.data());
    add_columns(alpha, factor, H, 0, R.cols(), R, R.data());
    return;
  }
  const Index step = columns_per_range(R);
  for (Index first = 0; first < R.cols(); first += step) {
    const Index last = std::min(R.cols(), first + step);
    double* sum = range_memory.of_size(R.local_rows() * (last - first));
    std::fill_n(sum, R.local_rows() * (last - first), 0.0);
    add_columns(alpha, factor, H, first, last, R, sum);
    reduce_columns(triangle, sum, first, last, beta, R);
  }
}

void sparse_apply(Index m, const LayerOperand& operand, const SparseSamples& H,
                  BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& W = operand.matrix();
  const Index rows = Z.local_rows_below(m), k = H.rows();
  for (Index j = 0; j < Z.local_cols(); ++j) std::fill_n(Z.column(j), rows, 0.0);
  std::vector<double> offset(H.shifted() ? static_cast<std::size_t>(rows) : 0, 0.0);
  if (W.grid().size() == 1) {
    add_product(H, 0, k, rows, W.data(), W.leading_dimension(), Z, offset);
  } else if (operand.gathered() != nullptr) {
    add_product(H, 0, k, rows, operand.gathered(), W.rows(), Z, offset);
  } else {
    const Index step = columns_per_range(W);
    for (Index first = 0; first < k; first += step) {
      const Index last = std::min(k, first + step);
      double* range = range_memory.of_size(W.local_rows() * (last - first));
      gather_columns(W, 0, first, last, range);
      add_product(H, first, last, rows, range, W.local_rows(), Z, offset);
    }
  }
  if (H.shifted())  // Z := Z - (W c) 1^T
    for (Index j = 0; j < Z.local_cols(); ++j) add_multiple(-1.0, offset.data(), rows, Z.column(j));
}

void add_own_sparse(Triangle triangle, double alpha, const BlockCyclicMatrix* D,
                    const SparseSamples& H, double beta, const BlockCyclicMatrix& R, double* sum) {
  scale(beta, R.local_rows() * R.cols(), sum);
  add_columns(alpha, outer_factor(triangle, D, H, R), H, 0, R.cols(), R, sum);
}

double own_sum_of_squares(const SparseSamples& H) {
  // sum over all entries of c^2, and over those of S of (s - c)^2 - c^2 = s (s - 2 c)
  double sum = 0.0;
  if (H.grid().my_row() == 0) {  // every process row has all samples
    H.by_feature().for_each(0, H.rows(), [&](Index f, Index, double value) {
      const double c = H.shifted() ? H.shift()[static_cast<std::size_t>(f)] : 0.0;
      sum += value * (value - 2.0 * c);
    });
    for (const double c : H.shift()) sum += static_cast<double>(H.local_cols()) * c * c;
  }
  return sum;
}

}  // namespace admmnet
