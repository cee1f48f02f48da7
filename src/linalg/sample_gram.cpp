#include "linalg/sample_gram.h"

#include <algorithm>

#include "linalg/outer_sum.h"

namespace admmnet {

double SampleGram::entries() const {
  double sum = 0.0;
  for (const SampleOperand& A : samples_) sum += A.sparse()->counts().entries;
  return sum;
}

void SampleGram::multiply(const BlockCyclicMatrix& X, BlockCyclicMatrix& Y) {
  Index widest = 0;
  for (const SampleOperand& A : samples_) widest = std::max(widest, A.cols());
  if (product_.rows() != X.rows() || product_.capacity() < widest)
    product_ =
        BlockCyclicMatrix(X.grid(), X.rows(), widest, X.row_block(), samples_.front().col_block());
  const LayerOperand operand(X);
  OuterSum sum(Triangle::full);
  sum.begin(Y);
  for (const SampleOperand& A : samples_) {
    product_.set_cols(A.cols());
    apply(operand, A, product_);
    sum.add(1.0, product_, A);
  }
  sum.finish();
}

namespace {

/// sum over the samples of f(S_ij, c_i), and of f(0, c_i) where there is no entry.
template <class F>
std::vector<double> sums_of_rows(const std::vector<SampleOperand>& samples, F&& f) {
  const ProcessGrid& grid = samples.front().grid();
  std::vector<double> sums(static_cast<std::size_t>(samples.front().rows()), 0.0);
  for (const SampleOperand& A : samples) {
    const SparseSamples& H = *A.sparse();
    if (grid.my_row() != 0) break;  // every process row has all samples
    const auto columns = static_cast<double>(H.local_cols());
    const auto c = [&](std::size_t i) { return H.shifted() ? H.shift()[i] : 0.0; };
    for (std::size_t i = 0; H.shifted() && i < sums.size(); ++i) sums[i] += columns * f(0.0, c(i));
    H.by_feature().for_each(0, H.rows(), [&](Index row, Index, double value) {
      const auto i = static_cast<std::size_t>(row);
      sums[i] += f(value, c(i)) - f(0.0, c(i));
    });
  }
  grid.sum(sums.data(), samples.front().rows());
  return sums;
}

}  // namespace

std::vector<double> SampleGram::diagonal() const {
  return sums_of_rows(samples_, [](double s, double c) { return (s - c) * (s - c); });
}

std::vector<double> SampleGram::row_sums() const {
  return sums_of_rows(samples_, [](double s, double c) { return s - c; });
}

}  // namespace admmnet
