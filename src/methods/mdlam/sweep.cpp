#include "methods/mdlam/sweep.h"

#include <algorithm>
#include <cmath>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "runtime/error.h"

namespace admmnet {

MdlamSweep::MdlamSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                       const SampleSet& train, const MdlamOptions& options, Timers& timers)
    : train_(train),
      options_(options),
      network_(grid, topology, unit_block),
      epsilon_(options.epsilon_first),
      used_epsilon_(options.epsilon_first),
      work_(network_, train.samples),
      weight_step_(options_, network_, work_),
      activation_step_(options_, network_, work_, train.samples),
      output_(grid, topology.outputs(), train.samples),
      timers_(timers),
      weight_phase_(timers.phase("weights")),
      hidden_phase_(timers.phase("hidden z")),
      activation_phase_(timers.phase("activations")),
      output_phase_(timers.phase("output z")),
      forward_phase_(timers.phase("forward")) {
  ADMMNET_REQUIRE(train.panels.size() == 1, "MdlamSweep: the samples lie in several panels");
  if (options.momentum) previous_.emplace(grid, topology, unit_block);
  for (int l = 1; l <= topology.layers(); ++l) {
    z_.push_back(network_.make_sample_like(topology.width(l), train.samples));
    if (l == topology.layers()) break;
    a_.push_back(network_.make_sample_like(topology.extended(l), train.samples));
    if (options.momentum)
      previous_a_.push_back(network_.make_sample_like(topology.width(l), train.samples));
  }
}

void MdlamSweep::start(const Network& initial, bool trained) {
  const int L = network_.layers();
  network_.copy_weights_from(initial);
  for (int l = 1; l <= L; ++l) {
    if (l == L && !trained) break;
    apply(network_.W(l), input(l), z_[at(l)]);
    if (l == L) break;
    activate_extended(network_.topology().activation, z_[at(l)], a_[at(l)]);
  }
  if (!trained) {
    const bool signs = network_.topology().loss->wants_logits;
    fill_coded_targets(network_.objective(), panel(), signs ? 0.5 : 0.0, output_);
    output_.give(z_.back());
    if (signs) for_each_entry([](double& z) { z *= 2.0; }, z_.back());
  }
  if (!previous_) return;
  previous_->copy_weights_from(network_);
  for (int l = 1; l < L; ++l)
    for_each_entry([](double& before, double a) { before = a; }, previous_a_[at(l)], a_[at(l)]);
}

void MdlamSweep::count_step(bool accepted) {
  if (omega_ == 0.0) return;
  ++extrapolated_;
  accepted_ += accepted ? 1 : 0;
}

/// b := b + mean_j (z - W~ a~)_j, R := W~ a~ - z with it
void MdlamSweep::update_bias(int l) {
  BlockCyclicMatrix& W = network_.W(l);
  BlockCyclicMatrix& R = work_(W.rows(), Workspace::residual);
  std::vector<double> mean(static_cast<std::size_t>(W.rows()), 0.0);
  const auto of_row = [&](const BlockCyclicMatrix& A, Index i) -> double& {
    return mean[static_cast<std::size_t>(A.global_row(i))];
  };
  account_for_entries(R, 3.0);
  std::vector<double> sums(static_cast<std::size_t>(R.local_rows()), 0.0);
  for (Index j = 0; j < R.local_cols(); ++j)
    for (Index i = 0; i < R.local_rows(); ++i) sums[static_cast<std::size_t>(i)] += R.at(i, j);
  for (Index i = 0; i < R.local_rows(); ++i)
    of_row(R, i) = sums[static_cast<std::size_t>(i)] / static_cast<double>(train_.samples);
  network_.grid().sum(mean.data(), W.rows());
  for (Index i = 0; i < R.local_rows(); ++i) sums[static_cast<std::size_t>(i)] = of_row(R, i);
  for (Index j = 0; j < R.local_cols(); ++j)
    for (Index i = 0; i < R.local_rows(); ++i) R.at(i, j) -= sums[static_cast<std::size_t>(i)];
  const Index place = W.local_cols_below(network_.topology().width(l - 1));
  for (Index j = place; j < W.local_cols(); ++j)  // the bias, where this rank has it
    for (Index i = 0; i < W.local_rows(); ++i) W.at(i, j) -= of_row(W, i);
}

/// z := clip(m, B1, B2) with m = W~ a~ = R + z, R := m - z
void MdlamSweep::update_hidden_z(int l) {
  const Box bounds = box();
  BlockCyclicMatrix& z = z_[at(l)];
  BlockCyclicMatrix& R = work_(z.rows(), Workspace::residual);
  for_each_entry_in_parts(
      [&bounds](double& zi, double& r, double a) {
        const double m = r + zi;
        zi = clipped(m, bounds.lower(a), bounds.upper(a));
        r = m - zi;
      },
      z, R, a_[at(l)]);
}

/// z_L := argmin l(z, y) + rho/2 |z - m|^2 with m = W~ a~ = R + z, R := m - z
void MdlamSweep::update_output_z() {
  BlockCyclicMatrix& z = z_.back();
  BlockCyclicMatrix& R = work_(z.rows(), Workspace::residual);
  for_each_entry(
      [](double& r, double& zi) {
        zi += r;
        r = zi;
      },
      R, z);
  output_.take(z);
  network_.objective().minimise(panel().targets, options_.rho, output_);
  for (Index j = 0; j < output_.count(); ++j)
    sums_.loss += network_.objective().loss(output_, panel().targets, j);
  output_.give(z);
  for_each_entry([](double& r, double zi) { r -= zi; }, R, z);
}

void MdlamSweep::update_layer(int l) {
  const bool hidden = l < network_.layers();
  {
    const auto timing = timers_.time(weight_phase_);
    count_step(
        weight_step_.run(l, input(l), z_[at(l)], omega_, previous_ ? &previous_->W(l) : nullptr));
    if (network_.topology().bias) update_bias(l);
  }
  {
    const auto timing = timers_.time(hidden ? hidden_phase_ : output_phase_);
    if (hidden)
      update_hidden_z(l);
    else
      update_output_z();
    sums_.residual += own_squares(work_(z_[at(l)].rows(), Workspace::residual));
    sums_.size += own_squares(z_[at(l)]);
    sums_.weights += own_squares(network_.W(l), network_.topology().width(l - 1));
  }
  if (!hidden) return;
  const auto timing = timers_.time(activation_phase_);
  count_step(activation_step_.run(
      {l, z_[at(l)], z_[at(l + 1)], a_[at(l)], options_.momentum ? &previous_a_[at(l)] : nullptr},
      box(), omega_));
}

IterationReport MdlamSweep::end_of_pass(Index k, StepReport& step) {
  double sums[4] = {sums_.loss, sums_.residual, sums_.size, sums_.weights};
  network_.grid().sum(sums, 4);
  IterationReport report;
  // F / N
  report.objective =
      (sums[0] + 0.5 * options_.rho * sums[1] + 0.5 * options_.weight_decay * sums[3]) /
      static_cast<double>(train_.samples);
  report.primal_residual = sums[2] > 0.0 ? std::sqrt(sums[1] / sums[2]) : 0.0;
  if (!std::isfinite(report.objective) || !network_.all_finite())
    throw NumericalBreakdown("NaN or infinity in the state after iteration " + std::to_string(k) +
                             ": try another -mdlam_rho, or smaller first weights "
                             "(-init_scheme normal -init_deviation 0.1)");
  if (accepted_ < extrapolated_)
    step.notes.push_back(std::to_string(accepted_) + " of " + std::to_string(extrapolated_) +
                         " steps were accepted with momentum, the others taken without");
  epsilon_ = std::max(options_.epsilon_factor * epsilon_, options_.epsilon_last);
  const auto timing = timers_.time(forward_phase_);
  report.train = evaluate(network_, train_);
  return report;
}

StepReport MdlamSweep::step(Index k) {
  if (layers_done_ == 0) {
    sums_ = {};
    extrapolated_ = accepted_ = 0;
    used_epsilon_ = epsilon_;
    // s_{k+1} = (1 + sqrt(1 + 4 s_k^2))/2, omega = (s_k - 1)/s_{k+1}, not below 0
    const double next = 0.5 * (1.0 + std::sqrt(1.0 + 4.0 * s_ * s_));
    omega_ = options_.momentum ? std::max(0.0, (s_ - 1.0) / next) : 0.0;
    s_ = next;
  }
  update_layer(++layers_done_);
  StepReport report;
  report.done = layers_done_;
  report.of = network_.layers();
  report.resumable = report.done == report.of;
  if (!report.resumable) return report;
  layers_done_ = 0;
  report.pass = end_of_pass(k, report);
  return report;
}

StateView MdlamSweep::state() {
  StateView view;
  network_.append_state("iterate/", view);
  for (int l = 1; l <= network_.layers(); ++l) {
    const std::string layer = "iterate/layer_" + std::to_string(l) + "/";
    view.tensors.push_back(whole_tensor(layer + "z", z_[at(l)]));
    if (l < network_.layers()) view.tensors.push_back(whole_tensor(layer + "a", a_[at(l)]));
    if (!previous_) continue;
    const Index inputs = network_.topology().width(l - 1);
    view.tensors.push_back(
        {layer + "previous_W", previous_->W(l).rows(), inputs, {{&previous_->W(l), 0, inputs, 0}}});
    if (l < network_.layers())
      view.tensors.push_back(whole_tensor(layer + "previous_a", previous_a_[at(l)]));
  }
  constexpr double largest = 1e300;
  view.scalars = {{"mdlam/epsilon", &epsilon_, nullptr, 0.0, largest},
                  {"mdlam/s", &s_, nullptr, 0.0, largest}};
  return view;
}

}  // namespace admmnet
