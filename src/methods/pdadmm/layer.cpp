#include "methods/pdadmm/layer.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/pdadmm/weight_steps.h"
#include "proximal/activation_functions.h"
#include "proximal/hidden_z.h"

namespace admmnet {

static void note_fallback(const FactorStatus& status, const std::string& system, Notes& notes) {
  if (!status.fell_back()) return;
  notes.push_back(system + ": not positive definite, solved with " + std::to_string(status.added) +
                  " added to the diagonal");
}

/// The length of an exact line search along a gradient of square `size`, where `curvature` is the
/// quadratic form at it: 1 / (curvature/size); 0 at a stationary point.
static double best_length(double size, double curvature) {
  return size > 0.0 ? size / curvature : 0.0;
}

PdadmmSums PdadmmSums::over_ranks(const ProcessGrid& grid) const {
  double all[] = {loss, linear, activation, multiplier, split, size, change};
  grid.sum(all, 7);
  return {all[0], all[1], all[2], all[3], all[4], all[5], all[6]};
}

PdadmmLayer::PdadmmLayer(Network& network, int l, Index samples, const PdadmmParameters& parameters)
    : network_(network),
      l_(l),
      parameters_(parameters),
      samples_(samples),
      z_(network.make_sample_like(network.topology().width(l), samples)),
      linear_(network.make_sample_like(network.topology().width(l), samples)),
      product_(network.make_sample_like(network.topology().width(l), samples)) {
  const Topology& topology = network.topology();
  if (parameters.subsolve == Subsolve::prox_gradient && l > 1)
    gradient_ = network.make_sample_like(topology.extended(l - 1), samples);
  if (parameters.subsolve == Subsolve::exact && l == 1 && samples < topology.width(0))
    dual_.emplace(network.grid(), topology.width(0), topology.width(1), samples, topology.bias,
                  network.unit_block());
}

void PdadmmLayer::connect(Coupling* below, Coupling* above) {
  below_ = below;
  above_ = above;
}

void PdadmmLayer::form_linear() {
  apply(weights_, input(), linear_);
}

void PdadmmLayer::form_residual() {
  form_linear();
  for_each_entry_in_parts([](double& r, double zi) { r -= zi; }, linear_, z_);
}

void PdadmmLayer::run_forward() {
  form_linear();
  z_.copy_from(linear_);
  if (!above_) return;
  set_activation();
  above_->u.fill_constant(0.0);
}

void PdadmmLayer::set_activation() {
  activate_extended(network_.topology().activation, z_, above_->p);
  copy_leading_rows(above_->p, above_->q);
}

void PdadmmLayer::update_p(const Quantiser& quantiser, Notes& notes) {
  if (parameters_.subsolve == Subsolve::exact)
    solve_p(notes);
  else
    step_p();
  if (quantiser.bits > 0)
    for_each_entry_in_parts([&](const double&, double& p) { p = quantiser(p); }, below_->q,
                            below_->p);
}

/// p = c + X^T (z - W c - b),  c = q - u/rho,  X^T = W^T (W W^T + rho/nu I)^-1
void PdadmmLayer::solve_p(Notes& notes) {
  const double rho = parameters_.rho;
  note_fallback(correction_.form(W(), network_.topology().width(l_ - 1), rho / parameters_.nu,
                                 parameters_.side, samples_),
                "inputs of " + name(), notes);
  for_each_entry_in_parts([&](double q, double u, double& p) { p = q - u / rho; }, below_->q,
                          below_->u, below_->p);
  form_linear();
  for_each_entry_in_parts([](double& r, double zi) { r = zi - r; }, linear_, z_);
  correction_.apply(linear_, 1.0, below_->p);
}

/// g = nu W^T (W p + b - z) + u + rho (p - q),  tau = rho + nu |W g|^2 / |g|^2,  p := p - g / tau
void PdadmmLayer::step_p() {
  const double rho = parameters_.rho, nu = parameters_.nu;
  form_residual();
  apply_transposed(nu, weights_, linear_, 0.0, gradient_);
  clear_rows_from(network_.topology().width(l_ - 1), gradient_);
  for_each_entry_in_parts([&](double q, double u, double p, double& g) { g += u + rho * (p - q); },
                          below_->q, below_->u, below_->p, gradient_);
  apply(weights_, gradient_, product_);
  const double size = sum_of_squares(gradient_, samples_);
  const double length = best_length(size, rho * size + nu * sum_of_squares(product_, samples_));
  for_each_entry_in_parts([&](const double&, double& p, double g) { p -= length * g; }, below_->q,
                          below_->p, gradient_);
}

void PdadmmLayer::update_weights(Notes& notes) {
  if (parameters_.subsolve == Subsolve::exact)
    solve_weights(notes);
  else
    step_weights();
  weights_changed();
}

/// W~ = (sum z p~^T) (sum p~ p~^T + r I')^-1,  r = ridge tr(sum (p - mean)(p - mean)^T) / n
void PdadmmLayer::solve_weights(Notes& notes) {
  if (dual_) return solve_first_weights(notes);
  const Index n = network_.topology().width(l_ - 1);
  if (below_ || !gram_.ready()) {  // the inputs of the network never change
    BlockCyclicMatrix G = network_.make_gram(l_);
    accumulate_gram(1.0, input(), 0.0, G);
    const double shift = parameters_.ridge * centred_trace(G, n, samples_) / static_cast<double>(n);
    note_fallback(gram_.factor(G, {0.0, shift, network_.topology().bias ? 1 : 0}),
                  "weights of " + name(), notes);
  }
  accumulate_outer(1.0, z_, input(), 0.0, W());
  gram_.solve_right(W());
}

/// The same by the samples (linalg/dual_ridge.h): they never change, and are factored once.
void PdadmmLayer::solve_first_weights(Notes& notes) {
  dual_->begin(dual_is_formed_);
  BlockCyclicMatrix widened;
  dual_->add(z_, inputs_.dense(widened));
  dual_->finish();
  dual_is_formed_ = true;
  const auto n = static_cast<double>(network_.topology().width(0));
  note_fallback(dual_->solve(parameters_.ridge * dual_->trace() / n, W()), "weights of " + name(),
                notes);
}

/// G = nu (W p + b - z) p^T + mu W,  theta = (nu |G p|^2 + mu |G|^2) / |G|^2,  W := W - G / theta,
/// b := b - mean(W p + b - z) with the new W
void PdadmmLayer::step_weights() {
  const Index n = network_.topology().width(l_ - 1);
  const double nu = parameters_.nu, mu = parameters_.decay;
  form_residual();
  BlockCyclicMatrix G = network_.make_like_weight(l_);
  accumulate_outer(nu, linear_, input(), 0.0, G);
  for_each_entry_in_parts([&](double& g, double w) { g += mu * w; }, G, W());
  clear_columns_from(n, G);
  apply(G, input(), product_);
  const double size = sum_of_squares(G, n);
  const double length = best_length(size, nu * sum_of_squares(product_, samples_) + mu * size);
  for_each_entry_in_parts([&](double& w, double g) { w -= length * g; }, W(), G);
  if (!network_.topology().bias) return;
  for_each_entry_in_parts([&](double& r, double gp) { r -= length * gp; }, linear_, product_);
  subtract_row_means(linear_, samples_, n, W());
}

/// z = argmin (m - z)^2 + (q - h(z))^2 + zeta (z - z_old)^2,  m = W p + b: the hidden problem of
/// hidden_z.h with weights 1 and 1 + zeta around (m + zeta z_old)/(1 + zeta)
void PdadmmLayer::update_hidden_z(PdadmmSums& sums) {
  const double zeta = parameters_.z_proximal;
  form_linear();
  for_each_entry_in_parts(
      [&](double& c, double m, double zi) { c = (m + zeta * zi) / (1.0 + zeta); }, product_,
      linear_, z_);
  account_for_entries(z_, 8.0);  // doubles' worth of work for an entry, in all
  in_parts(z_.local_cols(), z_.local_rows() * z_.local_cols(), [&](Index first, Index last) {
    for (Index j = first; j < last; ++j)
      minimise_hidden_z(network_.topology().activation, static_cast<std::size_t>(z_.local_rows()),
                        above_->q.column(j), product_.column(j), 1.0, 1.0 + zeta, z_.column(j));
  });
  for_each_entry([&](double zi, double m) { sums.linear += (zi - m) * (zi - m); }, z_, linear_);
}

/// z_L = argmin l(z) + nu/2 |z - m|^2,  m = W p + b
void PdadmmLayer::update_output_z(const Targets& targets, OutputColumns& output, PdadmmSums& sums) {
  const Objective& objective = network_.objective();
  form_linear();
  output.take(linear_);
  objective.minimise(targets, parameters_.nu, output);
  for (Index j = 0; j < output.count(); ++j) sums.loss += objective.loss(output, targets, j);
  output.give(z_);
  for_each_entry([&](double zi, double m) { sums.linear += (zi - m) * (zi - m); }, z_, linear_);
}

/// q = (rho p + u + nu h(z)) / (rho + nu), rounded where a grid is given;  u := u + rho (p - q)
void PdadmmLayer::update_q(const Quantiser& quantiser, PdadmmSums& sums) {
  const double rho = parameters_.rho, nu = parameters_.nu;
  BlockCyclicMatrix &q = above_->q, &u = above_->u;
  const BlockCyclicMatrix& p = above_->p;
  std::vector<double> h(static_cast<std::size_t>(z_.local_rows()));
  account_for_entries(q, 8.0);
  for (Index j = 0; j < q.local_cols(); ++j) {
    activate(network_.topology().activation, h.size(), z_.column(j), h.data());
    for (Index i = 0; i < q.local_rows(); ++i) {
      const double hi = h[static_cast<std::size_t>(i)], before = q.at(i, j);
      const double qi = quantiser((rho * p.at(i, j) + u.at(i, j) + nu * hi) / (rho + nu));
      const double gap = p.at(i, j) - qi;
      q.at(i, j) = qi;
      u.at(i, j) += rho * gap;
      sums.activation += (qi - hi) * (qi - hi);
      sums.multiplier += u.at(i, j) * gap;
      sums.split += gap * gap;
      sums.size += qi * qi;
      sums.change += (qi - before) * (qi - before);
    }
  }
}

/// u := u + rho (p - q)
void PdadmmLayer::update_multiplier() {
  const double rho = parameters_.rho;
  for_each_entry_in_parts([&](const double& q, double& u, const double& p) { u += rho * (p - q); },
                          below_->q, below_->u, below_->p);
}

static double entry_of_identity(Index inputs, Index i, Index j) {
  return i == j && j < inputs ? 1.0 : 0.0;
}

void set_identity(Index inputs, BlockCyclicMatrix& W) {
  W.fill([&](Index i, Index j) { return entry_of_identity(inputs, i, j); });
}

bool is_identity(Index inputs, const BlockCyclicMatrix& W) {
  double others = 0.0;
  for (Index j = 0; j < W.local_cols(); ++j)
    for (Index i = 0; i < W.local_rows(); ++i)
      others += W.at(i, j) != entry_of_identity(inputs, W.global_row(i), W.global_col(j));
  return W.grid().sum(others) == 0.0;
}

}  // namespace admmnet
