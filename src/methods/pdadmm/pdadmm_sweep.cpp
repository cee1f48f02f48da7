#include "methods/pdadmm/pdadmm_sweep.h"

#include <algorithm>
#include <cmath>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

/// Iterations between two looks for the largest q.
static constexpr Index kGridEvery = 10;
/// Room above the largest q.
static constexpr double kGridRoom = 1.5;

PdadmmSweep::PdadmmSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                         const SampleSet& train, const PdadmmParameters& parameters, Timers& timers)
    : train_(train),
      parameters_(parameters),
      network_(grid, topology, unit_block),
      output_(grid, topology.outputs(), train.widest),
      quantiser_{parameters.bits},
      timers_(timers),
      p_phase_(timers.phase("layer inputs")),
      weight_phase_(timers.phase("weights")),
      hidden_phase_(timers.phase("hidden z")),
      output_phase_(timers.phase("output z")),
      q_phase_(timers.phase("layer outputs")),
      forward_phase_(timers.phase("forward")) {
  for (int l = 1; l <= topology.layers(); ++l) {
    layers_.emplace_back(network_, l, train, parameters);
    if (l < topology.layers()) couplings_.emplace_back(network_, l, train.samples);
  }
}

std::vector<PdadmmLayer*> PdadmmSweep::taking_part() {
  std::vector<PdadmmLayer*> result;
  for (int l = 1; l < depth(); ++l) result.push_back(&layer(l));
  result.push_back(&layers_.back());
  return result;
}

void PdadmmSweep::connect() {
  const int k = depth();
  for (int l = 1; l < k; ++l) layer(l).connect(l == 1 ? nullptr : &behind(l - 1), &behind(l));
  layers_.back().connect(&behind(k - 1), nullptr);
}

/// W~ := [I 0], rectangular where layers are of different widths.
static void set_identity(Index inputs, BlockCyclicMatrix& W) {
  W.fill([&](Index i, Index j) { return i == j && j < inputs ? 1.0 : 0.0; });
}

void PdadmmSweep::start(const Network& initial, bool trained) {
  const int L = network_.layers();
  network_.copy_weights_from(initial);
  // A plan rehearses passes of the last stage, which are the dearest.
  const bool all = trained || network_.grid().ledger() != nullptr;
  stage_ = all ? last_stage() : 0;
  connect();
  for (int l = depth(); l < L; ++l) set_identity(network_.topology().width(l - 1), network_.W(l));
  for (PdadmmLayer* layer : taking_part()) {
    layer->weights_changed();
    layer->run_forward();
  }
  if (trained) return;
  if (depth() == 2)
    layers_.back().z().fill_constant(0.0);
  else
    set_coded_output();
}

void PdadmmSweep::resume() {
  connect();
}

/// z_L := T, with outputs of either sign 2 T - 1.
void PdadmmSweep::set_coded_output() {
  const bool signs = network_.topology().loss->wants_logits;
  fill_coded_targets(network_.objective(), train_.panels.front(), signs ? 0.5 : 0.0, output_);
  output_.give(layers_.back().z());
  if (signs) for_each_entry([](double& z) { z *= 2.0; }, layers_.back().z());
}

bool PdadmmSweep::grows_before(Index k) const {
  if (stage_ == last_stage()) return false;
  Index end = 0;
  for (Index s = 0; s <= stage_; ++s)
    end += parameters_.stage_iterations[static_cast<std::size_t>(s)];
  return k > end;
}

/// The next stage: the layers that join are identities, with a = the q of the last hidden layer
/// before: p = z = a, q = h(a); all u = 0. `fresh`: W~_L = [I 0], z_L = coded targets.
void PdadmmSweep::grow() {
  const int before = depth();
  ++stage_;
  connect();
  copy_leading_rows(behind(before - 1).q, behind(before - 1).p);
  for (int l = before; l < depth(); ++l) {
    set_identity(network_.topology().width(l - 1), network_.W(l));
    copy_leading_rows(behind(l - 1).p, layer(l).z());
    layer(l).set_activation();
  }
  for (int l = 1; l < depth(); ++l) behind(l).u.fill_constant(0.0);
  if (parameters_.growth_output == GrownOutput::keep) return;
  const int L = network_.layers();
  set_identity(network_.topology().width(L - 1), network_.W(L));
  set_coded_output();
}

/// high = 1.5 max(q) over all layers that take part
void PdadmmSweep::refresh_grid() {
  if (network_.grid().ledger() != nullptr) {
    quantiser_.high = 1.0;
    return;
  }
  double largest = 0.0;
  for (int l = 1; l < depth(); ++l)
    for_each_entry([&](double q) { largest = std::max(largest, q); }, behind(l).q);
  largest = max_over(network_.grid().comm(), largest);
  quantiser_.high = largest > 0.0 ? kGridRoom * largest : 1.0;
}

StepReport PdadmmSweep::step(Index k) {
  StepReport result;
  const bool grown = grows_before(k);
  if (grown) grow();
  if (parameters_.bits > 0 && (grown || (k - 1) % kGridEvery == 0)) refresh_grid();
  PdadmmSums sums;
  const std::vector<PdadmmLayer*> layers = taking_part();
  for (PdadmmLayer* layer : layers) layer->weights_changed();
  {
    const auto timing = timers_.time(p_phase_);
    for (std::size_t i = 1; i < layers.size(); ++i) layers[i]->update_p(quantiser_, result.notes);
  }
  {
    const auto timing = timers_.time(weight_phase_);
    for (PdadmmLayer* layer : layers) layer->update_weights(result.notes);
  }
  {
    const auto timing = timers_.time(hidden_phase_);
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) layers[i]->update_hidden_z(sums);
  }
  {
    const auto timing = timers_.time(output_phase_);
    layers.back()->update_output_z(train_.panels.front().targets, output_, sums);
  }
  {
    const auto timing = timers_.time(q_phase_);
    for (std::size_t i = 0; i + 1 < layers.size(); ++i) layers[i]->update_q(quantiser_, sums);
  }
  result.pass = report(k, sums);
  return result;
}

IterationReport PdadmmSweep::report(Index k, const PdadmmSums& own) {
  const PdadmmSums sums = own.over_ranks(network_.grid());
  double decay = 0.0;
  if (parameters_.decay > 0.0)
    for (PdadmmLayer* layer : taking_part())
      decay += sum_of_squares(layer->W(), layer->W().cols() - (network_.topology().bias ? 1 : 0));
  const auto N = static_cast<double>(train_.samples);
  const double objective = sums.loss + 0.5 * parameters_.nu * (sums.linear + sums.activation) +
                           0.5 * parameters_.decay * decay;
  const double augmented = objective + sums.multiplier + 0.5 * parameters_.rho * sums.split;
  IterationReport report;
  report.objective = objective / N;
  report.lagrangian = augmented / N;
  report.primal_residual = sums.size > 0.0 ? std::sqrt(sums.split / sums.size) : 0.0;
  report.dual_residual = sums.size > 0.0 ? std::sqrt(sums.change / sums.size) : 0.0;
  if (!std::isfinite(augmented) || !network_.all_finite())
    throw NumericalBreakdown("NaN or infinity in the state after iteration " + std::to_string(k) +
                             ": raise -pdadmm_ridge, or try other -pdadmm_rho and -pdadmm_nu");
  const auto timing = timers_.time(forward_phase_);
  report.train = evaluate(network_, train_);
  return report;
}

void PdadmmSweep::add_layer_tensors(int l, StateView& view) {
  const auto add = [&](const std::string& path, Index rows, BlockCyclicMatrix& matrix) {
    view.tensors.push_back({path, rows, train_.samples, {{&matrix, 0, train_.samples, 0}}, false});
  };
  const std::string place = "iterate/layer_" + std::to_string(l) + "/";
  const Index units = network_.topology().width(l);
  add(place + "z", units, layer(l).z());
  if (l == network_.layers()) return;
  add(place + "q", units, behind(l).q);
  add(place + "u", units, behind(l).u);
  // The exact p follows from the rest.
  if (parameters_.subsolve == Subsolve::prox_gradient) add(place + "p", units, behind(l).p);
}

StateView PdadmmSweep::state() {
  StateView view;
  network_.append_state("iterate/", view);
  for (int l = 1; l <= network_.layers(); ++l) add_layer_tensors(l, view);
  view.scalars = {{"iterate/stage", nullptr, &stage_, 0.0, static_cast<double>(last_stage())},
                  {"iterate/grid_high", &quantiser_.high, nullptr, 0.0, StateScalar::open}};
  return view;
}

StateView PdadmmSweep::map_state() {
  if (last_stage() > 0 || parameters_.bits > 0) return {};
  StateView view = state();
  view.scalars.clear();
  return view;
}

}  // namespace admmnet
