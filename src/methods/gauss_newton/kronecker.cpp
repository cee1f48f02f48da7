#include "methods/gauss_newton/kronecker.h"

#include <algorithm>
#include <numeric>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/weights.h"

namespace admmnet {

static constexpr double kLeastScale = 1e-12;  // of c_l, for a layer whose units do not matter

KroneckerFactors::KroneckerFactors(const Network& network)
    : layers_(static_cast<std::size_t>(network.layers())),
      c_(layers_.size(), 1.0),
      half_(zeros_like(network)) {
  const Index block = network.unit_block();
  for (int l = 1; l <= network.layers(); ++l) {
    const Index units = network.topology().width(l);
    layer(l).G = network.make_gram(l);
    layer(l).S = BlockCyclicMatrix(network.grid(), units, units, block, block);
  }
}

void KroneckerFactors::begin() {
  for (Layer& layer : layers_) {
    layer.sum_of_G.begin(layer.G);
    layer.sum_of_S.begin(layer.S);
  }
}

void KroneckerFactors::add(int l, double weight, const SampleOperand& a,
                           const BlockCyclicMatrix& B) {
  layer(l).sum_of_G.add_gram(weight, a);
  layer(l).sum_of_S.add_gram(weight, B);
}

void KroneckerFactors::finish() {
  std::vector<OuterSum*> sums;
  for (Layer& layer : layers_) {
    sums.push_back(&layer.sum_of_G);
    sums.push_back(&layer.sum_of_S);
  }
  OuterSum::finish(sums);
  decompose();
}

/// V^T I
static BlockCyclicMatrix transposed(const BlockCyclicMatrix& V) {
  const Index n = V.rows();
  BlockCyclicMatrix one(V.grid(), n, n, V.row_block(), V.col_block()),
      result(V.grid(), n, n, V.row_block(), V.col_block());
  one.fill([](Index i, Index j) { return i == j ? 1.0 : 0.0; });
  apply_transposed(1.0, V, one, 0.0, result);
  return result;
}

static double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

void KroneckerFactors::decompose() {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    layer.of_G = symmetric_eigen(layer.G);
    layer.of_S = symmetric_eigen(layer.S);
    layer.transposed = transposed(layer.of_G.vectors);
    layer.units.assign(layer.of_S.vectors);
    // c_l = tr S_l tr G_l / (n_l (n_{l-1} + 1))
    const double entries =
        static_cast<double>(layer.S.rows()) * static_cast<double>(layer.G.rows());
    c_[i] = std::max(sum(layer.of_S.values) * sum(layer.of_G.values) / entries, kLeastScale);
  }
}

/// X_ij := X_ij / (s_i g_j + shift), rounding below 0 left out.
static void divide(const std::vector<double>& s, const std::vector<double>& g, double shift,
                   BlockCyclicMatrix& X) {
  account_for_entries(X, 2.0);
  for (Index j = 0; j < X.local_cols(); ++j) {
    const double gj = std::max(g[static_cast<std::size_t>(X.global_col(j))], 0.0);
    double* column = X.column(j);
    for (Index i = 0; i < X.local_rows(); ++i)
      column[i] /= std::max(s[static_cast<std::size_t>(X.global_row(i))], 0.0) * gj + shift;
  }
}

void KroneckerFactors::solve(double lambda, const Network& R, Network& Z) {
  for (int l = 1; l <= R.layers(); ++l) {
    const Layer& factors = layer(l);
    BlockCyclicMatrix &X = Z.W(l), &half = half_.W(l);
    // half = U^T R V
    apply_transposed(1.0, factors.units, R.W(l), 0.0, X);
    accumulate_outer(1.0, X, factors.transposed, 0.0, half);
    divide(factors.of_S.values, factors.of_G.values, lambda * c_[static_cast<std::size_t>(l - 1)],
           half);
    // X = U half V^T
    apply(factors.units, half, X);
    accumulate_outer(1.0, X, factors.of_G.vectors, 0.0, half);
    X.copy_from(half);
  }
}

void KroneckerFactors::append_state(const std::string& prefix, StateView& view) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::string layer = prefix + "layer_" + std::to_string(i + 1) + "/";
    view.tensors.push_back(whole_tensor(layer + "G", layers_[i].G));
    view.tensors.push_back(whole_tensor(layer + "S", layers_[i].S));
  }
}

}  // namespace admmnet
