#include "network/layer_spectra.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/outer_sum.h"
#include "linalg/symmetric_eigen.h"
#include "network/forward.h"
#include "runtime/heartbeat.h"

namespace admmnet {

double MatrixSpectrum::condition() const {
  return rank < std::min(rows, cols) ? std::numeric_limits<double>::infinity() : largest / smallest;
}

namespace {

/// Of a matrix of rows x cols with this Gram matrix of one of its sides.
MatrixSpectrum spectrum_of(const std::string& name, Index rows, Index cols,
                           const BlockCyclicMatrix& gram) {
  MatrixSpectrum result{name, rows, cols};
  const SymmetricEigen eigen = symmetric_eigen(gram);
  const auto n = static_cast<std::size_t>(std::min(rows, cols));
  const auto sigma = [&](std::size_t i) { return std::sqrt(std::max(0.0, eigen.values[i])); };
  result.largest = sigma(0);
  result.smallest = sigma(n - 1);
  // lambda_i > n eps lambda_1
  const double least = static_cast<double>(n) * std::numeric_limits<double>::epsilon();
  for (std::size_t i = 0; i < n; ++i)
    result.rank += eigen.values[i] > least * eigen.values[0] ? 1 : 0;
  beat("spectra");
  return result;
}

/// G_l = a~_l a~_l^T of layers `first` ... L-1 over all samples.
std::vector<BlockCyclicMatrix> activation_grams(const Network& network, const SampleSet& train,
                                                int first) {
  std::vector<BlockCyclicMatrix> grams;
  for (int l = first; l < network.layers(); ++l) grams.push_back(network.make_gram(l + 1));
  std::vector<OuterSum> sums;
  for (BlockCyclicMatrix& gram : grams) sums.emplace_back(Triangle::lower).begin(gram);
  ForwardPass forward(network, train.widest, 1);
  forward.use(network);
  for (const SamplePanel& panel : train.panels) {
    forward.run_hidden(panel.a());
    for (std::size_t i = 0; i < grams.size(); ++i)
      sums[i].add_gram(1.0, forward.a(first + static_cast<int>(i)));
    beat("spectra");
  }
  for (OuterSum& sum : sums) sum.finish();
  return grams;
}

MatrixSpectrum spectrum_of_weights(const std::string& name, const BlockCyclicMatrix& W) {
  const Index n = std::min(W.rows(), W.cols());
  BlockCyclicMatrix gram(W.grid(), n, n, W.row_block(), W.row_block());
  if (W.rows() <= W.cols())
    accumulate_gram(1.0, W, 0.0, gram);
  else
    inner_gram(1.0, W, gram);
  return spectrum_of(name, W.rows(), W.cols(), gram);
}

}  // namespace

std::vector<MatrixSpectrum> layer_spectra(const Network& network, const SampleSet& train) {
  const FullPrecision in_double;
  const int first = train.panels.front().sparse ? 1 : 0;
  const std::vector<BlockCyclicMatrix> grams = activation_grams(network, train, first);
  std::vector<MatrixSpectrum> spectra;
  for (int l = 1; l <= network.layers(); ++l) {
    if (l - 1 >= first)
      spectra.push_back(spectrum_of("a_" + std::to_string(l - 1),
                                    network.topology().extended(l - 1), train.samples,
                                    grams[static_cast<std::size_t>(l - 1 - first)]));
    spectra.push_back(spectrum_of_weights("W_" + std::to_string(l), network.W(l)));
  }
  return spectra;
}

}  // namespace admmnet
