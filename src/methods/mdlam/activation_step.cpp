#include "methods/mdlam/activation_step.h"

#include <algorithm>
#include <limits>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/mdlam/largest_singular_value.h"
#include "proximal/activation_functions.h"

namespace admmnet {
namespace {

/// Sums of squares of up to some thousand terms in another order agree to that.
constexpr double kRounding = 1e-12;
constexpr double kTiny = std::numeric_limits<double>::min();

/// f(column j, h(z_j)) for the local columns.
template <class F>
void for_each_centre(const Activation& h, const BlockCyclicMatrix& z, double doubles, F&& f) {
  account_for_entries(z, doubles);
  const Index units = z.local_rows();
  in_parts(z.local_cols(), z.local_cols() * units, [&](Index first, Index last) {
    std::vector<double> centre(static_cast<std::size_t>(units));
    for (Index j = first; j < last; ++j) {
      activate(h, centre.size(), z.column(j), centre.data());
      f(j, centre.data());
    }
  });
}

/// The row behind the units, where this rank has it.
void fill_last_row(BlockCyclicMatrix& extended, Index units, double value) {
  for (Index i = extended.local_rows_below(units); i < extended.local_rows(); ++i)
    for (Index j = 0; j < extended.local_cols(); ++j) extended.at(i, j) = value;
}

}  // namespace

ActivationStep::ActivationStep(const MdlamOptions& options, const Network& network, Workspace& work,
                               Index samples)
    : options_(options),
      network_(network),
      work_(work),
      column_sums_(network),
      tau_(network.make_sample_like(1, samples)),
      above_(network.make_sample_like(1, samples)),
      below_(network.make_sample_like(1, samples)) {}

/// R := W~ a~ - z
void ActivationStep::set_residual(const BlockCyclicMatrix& a, const BlockCyclicMatrix& z,
                                  BlockCyclicMatrix& R) {
  apply(operand_, a, R);
  for_each_entry_in_parts([](double& r, double zi) { r -= zi; }, R, z);
}

/// Without the factor rho/2.
double ActivationStep::phi(const BlockCyclicMatrix& R) const {
  return network_.grid().sum(own_squares(R));
}

double ActivationStep::bound() {
  const BlockCyclicMatrix& W = operand_.matrix();
  const Index units = W.cols() - (network_.topology().bias ? 1 : 0);
  if (bound_ < 0.0) bound_ = options_.rho * largest_singular_value_squared(W, units);
  return bound_;
}

/// a_k := clip(a_k), trial := a_k + omega (a_k - a_{k-1}), a_{k-1} := a_k before the clip
void ActivationStep::begin(const ActivationLayer& layer, const Box& box, double omega) {
  BlockCyclicMatrix& trial = work_(layer.a.rows(), Workspace::trial);
  trial.copy_from(layer.a);  // with the row of ones
  const Index units = layer.z.local_rows();
  for_each_centre(network_.topology().activation, layer.z, 7.0, [&](Index j, const double* centre) {
    double* a = layer.a.column(j);
    double* to = trial.column(j);
    double* previous = layer.previous != nullptr ? layer.previous->column(j) : nullptr;
    for (Index i = 0; i < units; ++i) {
      const double before = a[i];
      a[i] = clipped(before, centre[i] - box.epsilon(), centre[i] + box.epsilon());
      to[i] = omega > 0.0 ? a[i] + omega * (a[i] - previous[i]) : a[i];
      if (previous != nullptr) previous[i] = before;
    }
  });
}

/// change := clip(trial - gradient/tau_j) - trial, written so that it is -gradient/tau_j to all
/// digits where nothing is clipped.
void ActivationStep::set_change(const ActivationLayer& layer, const Box& box) {
  const Index rows = layer.a.rows();
  BlockCyclicMatrix& tau = work_(rows, Workspace::unit_squares);
  column_sums_.spread(tau_, tau);
  const BlockCyclicMatrix &trial = work_(rows, Workspace::trial),
                          &gradient = work_(rows, Workspace::gradient);
  BlockCyclicMatrix& change = work_(rows, Workspace::change);
  const Index units = layer.z.local_rows();
  for_each_centre(network_.topology().activation, layer.z, 6.0, [&](Index j, const double* centre) {
    for (Index i = 0; i < units; ++i) {
      const double x = trial.at(i, j), c = centre[i];
      const double wished = -gradient.at(i, j) / std::max(tau.at(i, j), kTiny);
      change.at(i, j) = clipped(wished, c - box.epsilon() - x, c + box.epsilon() - x);
    }
  });
  fill_last_row(change, layer.z.rows(), 0.0);
}

/// tau_j := rho sigma_max(W)^2 where rho |W d_j|^2 > tau_j |d_j|^2; returns for how many samples.
double ActivationStep::mark_too_long(const BlockCyclicMatrix& change) {
  const Index next = operand_.matrix().rows();
  column_sums_.of_squares(change, work_(change.rows(), Workspace::unit_squares), below_);
  column_sums_.of_squares(work_(next, Workspace::product), work_(next, Workspace::squares), above_);
  double count = 0.0;
  for_each_entry(
      [&](double& above, double below, double tau) {
        above = options_.rho * above <= tau * below * (1.0 + kRounding) ? 0.0 : 1.0;
        count += above;
      },
      above_, below_, tau_);
  count = network_.grid().sum(count);
  if (!(count > 0.0)) return count;
  const double longest = bound();
  for_each_entry([longest](double& tau, double marked) { tau = marked > 0.0 ? longest : tau; },
                 tau_, above_);
  return count;
}

/// From trial with its R = W~ trial - z_{l+1}: one step, and R with it.
void ActivationStep::descend(const ActivationLayer& layer, const Box& box) {
  const Index rows = layer.a.rows(), next = layer.z_next.rows();
  BlockCyclicMatrix &R = work_(next, Workspace::residual),
                    &product = work_(next, Workspace::product);
  BlockCyclicMatrix &gradient = work_(rows, Workspace::gradient),
                    &change = work_(rows, Workspace::change);
  // g = rho W^T R
  apply_transposed(options_.rho, operand_, R, 0.0, gradient);
  fill_last_row(gradient, layer.z.rows(), 0.0);
  const bool line = options_.steps == MdlamSteps::exact_line;
  if (line) {
    apply(operand_, gradient, product);
    column_sums_.of_squares(gradient, work_(rows, Workspace::unit_squares), below_);
    column_sums_.of_squares(product, work_(next, Workspace::squares), above_);
    // tau_j = rho |W g_j|^2 / |g_j|^2
    for_each_entry([&](double& tau, double above,
                       double below) { tau = options_.rho * above / std::max(below, kTiny); },
                   tau_, above_, below_);
  } else {
    const double longest = bound();
    for_each_entry([longest](double& tau) { tau = longest; }, tau_);
  }
  set_change(layer, box);
  apply(operand_, change, product);
  if (line && mark_too_long(change) > 0.0) {
    set_change(layer, box);
    apply(operand_, change, product);
  }
  for_each_entry_in_parts([](double& x, double d) { x += d; }, work_(rows, Workspace::trial),
                          change);
  for_each_entry_in_parts([](double& r, double p) { r += p; }, R, product);
}

bool ActivationStep::run(const ActivationLayer& layer, const Box& box, double omega) {
  const Index next = layer.z_next.rows();
  BlockCyclicMatrix& trial = work_(layer.a.rows(), Workspace::trial);
  BlockCyclicMatrix& R = work_(next, Workspace::residual);
  operand_.assign(network_.W(layer.l + 1));
  bound_ = -1.0;
  begin(layer, box, omega);
  set_residual(trial, layer.z_next, R);
  bool accepted = true;
  if (omega > 0.0) {
    BlockCyclicMatrix& start = work_(next, Workspace::start);
    set_residual(layer.a, layer.z_next, start);
    const double before = phi(start);
    descend(layer, box);
    accepted = phi(R) <= before;
    if (!accepted) {
      trial.copy_from(layer.a);
      R.copy_from(start);
    }
  }
  if (omega == 0.0 || !accepted) descend(layer, box);
  layer.a.copy_from(trial);
  return accepted;
}

}  // namespace admmnet
