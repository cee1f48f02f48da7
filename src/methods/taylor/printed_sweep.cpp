#include "methods/taylor/printed_sweep.h"

#include <cmath>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/taylor/weight_fit.h"
#include "proximal/activation_functions.h"
#include "proximal/hidden_z.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {

PrintedSweep::PrintedSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                           const SampleSet& train, const PrintedParameters& parameters,
                           Timers& timers)
    : train_(train),
      parameters_(parameters),
      network_(grid, topology, unit_block),
      corrections_(static_cast<std::size_t>(topology.layers() - 1)),
      weights_(corrections_.size() + 1),
      output_(grid, topology.outputs(), train.widest),
      timers_(timers),
      activation_phase_(timers.phase("activations")),
      weight_phase_(timers.phase("weights")),
      hidden_phase_(timers.phase("hidden z")),
      output_phase_(timers.phase("output z")),
      forward_phase_(timers.phase("forward")) {
  for (const SamplePanel& panel : train.panels) panels_.push_back(make_variables(panel.count));
  for (int l = 1; l <= topology.layers(); ++l) {
    residual_.push_back(network_.make_sample_like(topology.width(l), train.widest));
    h_.push_back(network_.make_sample_like(topology.extended(l), train.widest));
  }
}

PrintedSweep::Variables PrintedSweep::make_variables(Index columns) const {
  const Topology& topology = network_.topology();
  const auto make = [&](Index rows) {
    BlockCyclicMatrix matrix = network_.make_sample_like(rows, train_.widest);
    matrix.set_cols(columns);
    return matrix;
  };
  Variables variables;
  for (int l = 1; l <= topology.layers(); ++l) {
    variables.z.push_back(make(topology.width(l)));
    if (l < topology.layers()) variables.a.push_back(make(topology.extended(l)));
  }
  variables.lambda = make(topology.outputs());
  return variables;
}

SampleOperand PrintedSweep::a(std::size_t panel, int l) const {
  if (l == 0) return train_.panels[panel].a();
  return panels_[panel].a[static_cast<std::size_t>(l - 1)];
}

void PrintedSweep::draw(InitScheme scheme, Index seed) {
  for (std::size_t p = 0; p < panels_.size(); ++p) {
    const Index first = train_.panels[p].first;
    const auto fill = [&](BlockCyclicMatrix& matrix, Stream stream, int l) {
      const CounterRandom random(seed, stream, l);
      const Index units = network_.topology().width(l);
      matrix.fill([&](Index i, Index j) {
        if (i >= units) return 1.0;
        return scheme == InitScheme::normal ? random.normal(i, first + j)
                                            : random.uniform(i, first + j);
      });
    };
    for (int l = 1; l <= network_.layers(); ++l) {
      fill(panels_[p].z[static_cast<std::size_t>(l - 1)], Stream::z, l);
      if (l < network_.layers()) fill(panels_[p].a[static_cast<std::size_t>(l - 1)], Stream::a, l);
    }
  }
}

void PrintedSweep::set_by_forward_pass() {
  const int L = network_.layers();
  for (std::size_t p = 0; p < panels_.size(); ++p) {
    Variables& v = panels_[p];
    for (int l = 1; l < L; ++l) {
      const auto i = static_cast<std::size_t>(l - 1);
      apply(network_.W(l), a(p, l - 1), v.z[i]);
      activate_extended(network_.topology().activation, v.z[i], v.a[i]);
    }
    fill_coded_targets(network_.objective(), train_.panels[p], 0.0, output_);
    output_.give(v.z.back());
  }
}

void PrintedSweep::start(const Network& initial, bool trained) {
  const bool random = !trained && (parameters_.scheme == InitScheme::normal ||
                                   parameters_.scheme == InitScheme::uniform);
  if (random) {
    draw(parameters_.scheme, parameters_.seed);
  } else {
    network_.copy_weights_from(initial);
    set_by_forward_pass();
  }
}

void PrintedSweep::resume() {}

/// target := t_l of the panel: z_l, or z_L + lambda/beta_L with the multiplier on the residual.
void PrintedSweep::load_target(std::size_t panel, int l, BlockCyclicMatrix& target) const {
  const Variables& v = panels_[panel];
  const BlockCyclicMatrix& z = v.z[static_cast<std::size_t>(l - 1)];
  target.set_cols(z.cols());
  const bool shifted = parameters_.multiplier == Multiplier::residual && l == network_.layers();
  const double factor = shifted ? 1.0 / beta(l) : 0.0;
  if (shifted)
    for_each_entry_in_parts([&](double& t, double zi, double lambda) { t = zi + factor * lambda; },
                            target, z, v.lambda);
  else
    for_each_entry_in_parts([](double& t, double zi) { t = zi; }, target, z);
}

void PrintedSweep::form_corrections(Notes& notes) {
  const CorrectionSide side = correction_side(parameters_.activation_solver);
  for (int l = 1; l < network_.layers(); ++l) {
    const auto i = static_cast<std::size_t>(l - 1);
    note_fallback(corrections_[i].form(network_.W(l + 1), network_.topology().width(l),
                                       gamma(l) / beta(l + 1), side, train_.samples),
                  "activations of layer " + std::to_string(l), notes);
    weights_[i + 1].assign(network_.W(l + 1));
  }
}

/// a_l = h_l + X_{l+1}^T (t_{l+1} - W~_{l+1} [h_l; 1])
void PrintedSweep::update_activations(std::size_t panel) {
  const Topology& topology = network_.topology();
  Variables& v = panels_[panel];
  for (int l = 1; l < network_.layers(); ++l) {
    const auto i = static_cast<std::size_t>(l - 1);
    BlockCyclicMatrix& residual = residual_[i + 1];
    BlockCyclicMatrix& product = h_[i + 1];  // W~_{l+1} [h_l; 1] in its leading rows
    h_[i].set_cols(v.z[i].cols());
    activate_extended(topology.activation, v.z[i], h_[i]);
    load_target(panel, l + 1, residual);
    product.set_cols(residual.cols());
    apply(weights_[i + 1], h_[i], product);
    for_each_entry_in_parts([](double& r, double m) { r -= m; }, residual, product);
    for_each_entry_in_parts([](double& ai, double hi) { ai = hi; }, v.a[i], h_[i]);
    corrections_[i].apply(residual, 1.0, v.a[i]);
  }
}

/// The inputs never change: one factor for all iterations.
void PrintedSweep::update_first_weights(Notes& notes) {
  const auto form = [&](BlockCyclicMatrix& G) {
    OuterSum sum(Triangle::lower);
    sum.begin(G);
    for (std::size_t p = 0; p < panels_.size(); ++p) sum.add_gram(1.0, a(p, 0));
    sum.finish();
  };
  BlockCyclicMatrix& W = network_.W(1);
  if (!input_solver_.ready()) {
    double squares = 0.0;
    for (std::size_t p = 0; p < panels_.size(); ++p) squares += sum_of_squares(a(p, 0));
    const double shift = parameters_.ridge * squares / static_cast<double>(W.cols());
    note_fallback(input_solver_.factor(W.grid(), W.cols(), W.row_block(), form, {shift, 0.0, 0}),
                  "weights of layer 1", notes);
  }
  first_outer_.begin(W);
  for (std::size_t p = 0; p < panels_.size(); ++p) {
    load_target(p, 1, residual_[0]);
    first_outer_.add(1.0, residual_[0], a(p, 0));
  }
  first_outer_.finish();
  input_solver_.solve_right(W);
}

/// W~_l = (sum t_l a~_{l-1}^T) (sum a~_{l-1} a~_{l-1}^T + ridge mbar I)^-1
void PrintedSweep::update_weights(Notes& notes) {
  for (int l = 1; l <= network_.layers(); ++l) {
    const WeightSolver solver = parameters_.solvers[static_cast<std::size_t>(l - 1)].solver;
    if (l == 1 && solver == WeightSolver::cholesky) {
      update_first_weights(notes);
      continue;
    }
    WeightFit fit(network_, l, solver, train_.samples);
    BlockCyclicMatrix& target = residual_[static_cast<std::size_t>(l - 1)];
    for (std::size_t p = 0; p < panels_.size(); ++p) {
      load_target(p, l, target);
      fit.add(target, a(p, l - 1));
    }
    fit.solve(0.0, parameters_.ridge, 0, "weights of layer " + std::to_string(l), network_.W(l),
              notes);
  }
}

void PrintedSweep::update_z(std::size_t panel, bool move_multiplier) {
  const Topology& topology = network_.topology();
  Variables& v = panels_[panel];
  for (int l = 1; l < network_.layers(); ++l) {
    const auto timing = timers_.time(hidden_phase_);
    const auto i = static_cast<std::size_t>(l - 1);
    BlockCyclicMatrix& m = residual_[i];
    BlockCyclicMatrix& z = v.z[i];
    m.set_cols(z.cols());
    constexpr double kHiddenStep = 8.0;  // doubles' worth of work for an entry, in all
    account_for_entries(z, kHiddenStep);
    // m = W~_l a~_{l-1}, z_l = argmin gamma_l/2 (a_l - h(z))^2 + beta_l/2 (z - m)^2
    apply(weights_[i], a(panel, l - 1), m);
    in_parts(z.local_cols(), z.local_rows() * z.local_cols(), [&](Index first, Index last) {
      for (Index j = first; j < last; ++j)
        minimise_hidden_z(topology.activation, static_cast<std::size_t>(z.local_rows()),
                          v.a[i].column(j), m.column(j), gamma(l), beta(l), z.column(j));
    });
    std::vector<double> h(static_cast<std::size_t>(z.local_rows()));
    for (Index j = 0; j < z.local_cols(); ++j) {
      activate(topology.activation, h.size(), z.column(j), h.data());
      for (Index r = 0; r < z.local_rows(); ++r) {
        const double gap = z.at(r, j) - m.at(r, j);
        const double bend = v.a[i].at(r, j) - h[static_cast<std::size_t>(r)];
        sums_.objective += 0.5 * (beta(l) * gap * gap + gamma(l) * bend * bend);
        sums_.change += gap * gap;
        sums_.size += z.at(r, j) * z.at(r, j);
      }
    }
  }
  const auto timing = timers_.time(output_phase_);
  update_output_z(panel, move_multiplier);
}

void PrintedSweep::update_output_z(std::size_t panel, bool move_multiplier) {
  const int L = network_.layers();
  const double b = beta(L);
  const Objective& objective = network_.objective();
  const Targets& targets = train_.panels[panel].targets;
  Variables& v = panels_[panel];
  BlockCyclicMatrix& m = residual_.back();
  BlockCyclicMatrix& z = v.z.back();
  m.set_cols(z.cols());
  // m = W~_L a~_{L-1}, z_L = prox_{loss/beta_L}(m - lambda/beta_L), lambda += beta_L (z_L - m)
  apply(weights_.back(), a(panel, L - 1), m);
  BlockCyclicMatrix& old = h_.back();  // z_L in its leading rows
  old.set_cols(z.cols());
  for_each_entry(
      [&](double& zi, double mi, double lambda, double& before) {
        before = zi;
        zi = mi - lambda / b;
      },
      z, m, v.lambda, old);
  output_.take(z);
  objective.minimise(targets, b, output_);
  for (Index j = 0; j < output_.count(); ++j)
    sums_.objective += objective.loss(output_, targets, j);
  output_.give(z);
  const bool on_output = parameters_.multiplier == Multiplier::output;
  for_each_entry(
      [&](double& lambda, double zi, double mi, double before) {
        const double gap = zi - mi;
        if (move_multiplier) lambda += b * gap;
        sums_.objective += lambda * (on_output ? zi : gap) + 0.5 * b * gap * gap;
        sums_.change += gap * gap;
        sums_.size += zi * zi;
        sums_.dual_change += (zi - before) * (zi - before);
        sums_.multiplier += lambda * lambda;
      },
      v.lambda, z, m, old);
}

/// beta_L |z_L - z_L of the pass before| / |lambda|, and E/N (README.md §4.4)
void PrintedSweep::add_multiplier_to(IterationReport& report) const {
  if (parameters_.multiplier == Multiplier::none) return;
  report.lagrangian = report.objective;
  if (parameters_.multiplier != Multiplier::residual) return;
  const double change = network_.grid().sum(sums_.dual_change);
  const double size = network_.grid().sum(sums_.multiplier);
  if (size > 0.0) report.dual_residual = beta(network_.layers()) * std::sqrt(change / size);
}

IterationReport PrintedSweep::end_of_pass(Index k) {
  IterationReport report;
  const ProcessGrid& grid = network_.grid();
  report.objective = grid.sum(sums_.objective) / static_cast<double>(train_.samples);
  const double size = grid.sum(sums_.size);
  report.primal_residual = size > 0.0 ? std::sqrt(grid.sum(sums_.change) / size) : 0.0;
  add_multiplier_to(report);
  if (!std::isfinite(report.objective) || !network_.all_finite())
    throw NumericalBreakdown("NaN or infinity in the state after iteration " + std::to_string(k) +
                             ": raise -admm_ridge, or try other -admm_beta and -admm_gamma");
  const auto timing = timers_.time(forward_phase_);
  report.train = evaluate(network_, train_);
  return report;
}

StepReport PrintedSweep::step(Index k) {
  const std::size_t panels = panels_.size(), p = steps_done_ % panels;
  StepReport report;
  if (steps_done_ < panels) {
    {
      const auto timing = timers_.time(activation_phase_);
      if (p == 0) form_corrections(report.notes);
      update_activations(p);
    }
    if (p + 1 == panels) {
      const auto timing = timers_.time(weight_phase_);
      update_weights(report.notes);
      for (int l = 1; l <= network_.layers(); ++l)
        weights_[static_cast<std::size_t>(l - 1)].assign(network_.W(l));
      sums_ = {};
    }
  } else {
    update_z(p, parameters_.multiplier != Multiplier::none && k > parameters_.warmup);
  }
  ++steps_done_;
  report.done = static_cast<Index>(steps_done_);
  report.of = static_cast<Index>(2 * panels);
  report.resumable = report.done == report.of;
  if (!report.resumable) return report;
  steps_done_ = 0;
  report.pass = end_of_pass(k);
  return report;
}

/// The matrices matrix_of(variables of a panel), side by side.
template <class MatrixOf>
void PrintedSweep::append_samples(const std::string& path, Index rows, MatrixOf&& matrix_of,
                                  StateView& view) {
  StateTensor tensor{path, rows, train_.samples, {}};
  for (std::size_t p = 0; p < panels_.size(); ++p)
    tensor.parts.push_back(
        {&matrix_of(panels_[p]), 0, train_.panels[p].count, train_.panels[p].first});
  view.tensors.push_back(tensor);
}

StateView PrintedSweep::map_state() {
  StateView view;
  network_.append_state("iterate/", view);
  for (int l = 1; l <= network_.layers(); ++l)
    append_samples(
        "iterate/layer_" + std::to_string(l) + "/z", network_.topology().width(l),
        [i = static_cast<std::size_t>(l - 1)](Variables & v) -> auto& { return v.z[i]; }, view);
  append_samples(
      "iterate/lambda", network_.topology().outputs(),
      [](Variables & v) -> auto& { return v.lambda; }, view);
  return view;
}

StateView PrintedSweep::state() {
  StateView view = map_state();
  for (int l = 1; l < network_.layers(); ++l)
    append_samples(
        "iterate/layer_" + std::to_string(l) + "/a", network_.topology().extended(l),
        [i = static_cast<std::size_t>(l - 1)](Variables & v) -> auto& { return v.a[i]; }, view);
  return view;
}

}  // namespace admmnet
