#include "methods/dladmm/prox_gradient.h"

#include <cmath>

#include "linalg/elementwise.h"
#include "linalg/outer_sum.h"
#include "linalg/products.h"
#include "network/forward.h"
#include "network/normalised_units.h"
#include "runtime/heartbeat.h"

namespace admmnet {

DladmmProxGradient::DladmmProxGradient(DladmmVariables& variables) : v_(variables) {
  const Topology& topology = v_.topology();
  for (int l = 1; l <= v_.layers(); ++l) {
    r_.push_back(v_.workspace(topology.width(l)));
    product_.push_back(v_.workspace(topology.width(l)));
    if (l == v_.layers()) continue;
    h_.push_back(v_.workspace(topology.extended(l)));
    g_.push_back(v_.workspace(topology.extended(l)));
  }
}

void DladmmProxGradient::weights(int l, Index, DladmmHalf half, Notes&) {
  if (half == DladmmHalf::backward) bias_step(l);
  weight_step(l);
  if (half == DladmmHalf::forward) bias_step(l);
}

/// b_l := b_l - mean r_l, the minimiser of phi_l
void DladmmProxGradient::bias_step(int l) {
  if (!v_.topology().bias) return;
  BlockCyclicMatrix &W = v_.network.W(l), &r = r_[static_cast<std::size_t>(l - 1)];
  RowMoments moments;
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    v_.load_residual(p, l, r);
    moments.add(r);
  }
  moments.finish(W.grid());
  const auto subtract = [&](BlockCyclicMatrix& A, Index first_col) {
    account_for_entries(A, 2.0);
    for (Index j = first_col; j < A.local_cols(); ++j)
      for (Index i = 0; i < A.local_rows(); ++i)
        A.at(i, j) -= moments.mean()[static_cast<std::size_t>(A.global_row(i))];
  };
  subtract(W, W.local_cols_below(W.cols() - 1));
  for (std::size_t p = 0; p < v_.panels(); ++p) subtract(v_.m(p, l), 0);
}

/// G := mu_l r_l a~_{l-1}^T, 0 at the biases
void DladmmProxGradient::load_gradient(int l, BlockCyclicMatrix& G) {
  BlockCyclicMatrix& r = r_[static_cast<std::size_t>(l - 1)];
  OuterSum sum(Triangle::full);
  sum.begin(G);
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    v_.load_residual(p, l, r);
    sum.add(v_.parameters().penalty(l), r, v_.inputs(p, l));
    beat("gradient of a layer's weights");
  }
  sum.finish();
  if (!v_.topology().bias) return;
  for (Index j = G.local_cols_below(G.cols() - 1); j < G.local_cols(); ++j)
    for (Index i = 0; i < G.local_rows(); ++i) G.at(i, j) = 0.0;
}

/// mu_l |D a~_{l-1}|^2 / |D|^2, the curvature of phi_l along D; 0 for D = 0
double DladmmProxGradient::curvature(int l, const BlockCyclicMatrix& D) {
  const double size = sum_of_squares(D, D.cols());
  if (size == 0.0) return 0.0;
  BlockCyclicMatrix& product = product_[static_cast<std::size_t>(l - 1)];
  weights_.assign(D);
  double sum = 0.0;
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    const SampleOperand inputs = v_.inputs(p, l);
    product.set_cols(inputs.cols());
    apply(weights_, inputs, product);
    for (Index j = 0; j < product.local_cols(); ++j)
      sum += sum_of_squares(product.column(j), product.local_rows());
    beat("step of a layer's weights");
  }
  return v_.parameters().penalty(l) * D.grid().sum(sum) / size;
}

/// change := soft(W - G/theta, omega N/theta) - W, without biases
void DladmmProxGradient::shrink(int l, const BlockCyclicMatrix& G, double theta,
                                BlockCyclicMatrix& change) const {
  const double threshold = v_.parameters().weight * static_cast<double>(v_.train().samples) / theta;
  for_each_entry(
      [&](double& d, double g, double w) {
        const double x = w - g / theta;
        d = std::copysign(std::fmax(std::abs(x) - threshold, 0.0), x) - w;
        if (std::isnan(x)) d = x;
      },
      change, G, v_.network.W(l));
  if (!v_.topology().bias) return;
  for (Index j = change.local_cols_below(change.cols() - 1); j < change.local_cols(); ++j)
    for (Index i = 0; i < change.local_rows(); ++i) change.at(i, j) = 0.0;
}

void DladmmProxGradient::weight_step(int l) {
  const DladmmParameters& parameters = v_.parameters();
  const double omega = parameters.weight * static_cast<double>(v_.train().samples);
  BlockCyclicMatrix& W = v_.network.W(l);
  BlockCyclicMatrix G = v_.network.make_like_weight(l);
  load_gradient(l, G);
  if (parameters.regulariser == DladmmRegulariser::l1) {
    // theta := theta*, doubled until phi(W + D) <= phi(W) + <G, D> + theta/2 |D|^2, which is
    // curvature(D) <= theta; a share for rounding, as D is often a multiple of G.
    constexpr double kRounding = 1e-9;
    double theta = curvature(l, G);
    BlockCyclicMatrix D = v_.network.make_like_weight(l);
    if (theta > 0.0) shrink(l, G, theta, D);
    while (curvature(l, D) > (1.0 + kRounding) * theta) {
      theta *= 2.0;
      shrink(l, G, theta, D);
    }
    for_each_entry([](double& w, double d) { w += d; }, W, D);
  } else {
    // D = G + omega N W,  theta* = curvature(D),  W := W - D/(theta* + omega N)
    const Index shrunk = W.local_cols_below(W.cols() - (v_.topology().bias ? 1 : 0));
    for (Index j = 0; j < shrunk; ++j)
      for (Index i = 0; i < W.local_rows(); ++i) G.at(i, j) += omega * W.at(i, j);
    const double theta = curvature(l, G) + omega;
    if (theta != 0.0) for_each_entry([&](double& w, double d) { w -= d / theta; }, W, G);
  }
  weights_.assign(W);
  for (std::size_t p = 0; p < v_.panels(); ++p) {
    apply(weights_, v_.inputs(p, l), v_.m(p, l));
    beat("products of a layer's weights");
  }
}

void DladmmProxGradient::use_weights_above(int l, Notes&) {
  weights_.assign(v_.network.W(l + 1));
}

void DladmmProxGradient::activations(std::size_t p, int l) {
  const double mu = v_.parameters().penalty(l + 1), nu = v_.parameters().nu;
  const auto i = static_cast<std::size_t>(l - 1);
  BlockCyclicMatrix &a = v_.a(p, l), &m = v_.m(p, l + 1);
  BlockCyclicMatrix &h = h_[i], &g = g_[i], &r = r_[i + 1], &product = product_[i + 1];
  for (BlockCyclicMatrix* workspace : {&h, &g, &product}) workspace->set_cols(a.cols());

  // g = mu W_{l+1}^T r_{l+1} + nu (a_l - h(z_l)), 0 at the row of ones
  v_.load_residual(p, l + 1, r);
  apply_transposed(mu, weights_, r, 0.0, g);
  activate_extended(v_.topology().activation, v_.z(p, l), h);
  for_each_entry_in_parts([nu](double& gi, double ai, double hi) { gi += nu * (ai - hi); }, g, a,
                          h);
  for (Index j = 0; j < g.local_cols(); ++j)
    for (Index row = g.local_rows_below(v_.topology().width(l)); row < g.local_rows(); ++row)
      g.at(row, j) = 0.0;
  apply(weights_, g, product);

  // tau_j = (mu |W g_j|^2 + nu |g_j|^2) / |g_j|^2;  rows of a column lie on several ranks
  const Index columns = a.cols();
  std::vector<double> squares(static_cast<std::size_t>(2 * columns), 0.0);
  for (Index j = 0; j < g.local_cols(); ++j) {
    const Index column = g.global_col(j);
    squares[static_cast<std::size_t>(column)] = sum_of_squares(g.column(j), g.local_rows());
    squares[static_cast<std::size_t>(columns + column)] =
        sum_of_squares(product.column(j), product.local_rows());
  }
  a.grid().sum(squares.data(), 2 * columns);
  account_for_entries(g, 2.0);
  account_for_entries(product, 2.0);
  for (Index j = 0; j < g.local_cols(); ++j) {
    const Index column = g.global_col(j);
    const double size = squares[static_cast<std::size_t>(column)];
    const double bend = mu * squares[static_cast<std::size_t>(columns + column)] + nu * size;
    const double step = size == 0.0 ? 0.0 : size / bend;  // 1/tau_j
    for (Index row = 0; row < g.local_rows(); ++row) a.at(row, j) -= step * g.at(row, j);
    for (Index row = 0; row < m.local_rows(); ++row) m.at(row, j) -= step * product.at(row, j);
  }
}

}  // namespace admmnet
