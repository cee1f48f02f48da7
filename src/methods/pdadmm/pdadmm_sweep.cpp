#include "methods/pdadmm/pdadmm_sweep.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "linalg/products.h"
#include "runtime/clock.h"
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
      parts_(topology, grid, parameters.groups),
      quantiser_{parameters.bits},
      timers_(timers),
      p_phase_(timers.phase("layer inputs")),
      weight_phase_(timers.phase("weights")),
      hidden_phase_(timers.phase("hidden z")),
      output_phase_(timers.phase("output z")),
      q_phase_(timers.phase("layer outputs")),
      share_phase_(timers.phase("weights of all groups")),
      forward_phase_(timers.phase("forward")) {
  for (const int part : parts_.here())
    groups_.push_back(std::make_unique<LayerGroup>(parts_, part, network_, train, parameters));
  if (parts_.count() > 1) deal_samples();
}

LayerGroup* PdadmmSweep::group_of(int l) const {
  for (const auto& group : groups_)
    if (group->has(l)) return group.get();
  return nullptr;
}

// Class indices travel as numbers.
void PdadmmSweep::deal_samples() {
  const Topology& topology = network_.topology();
  const SamplePanel& panel = train_.panels.front();
  const Index N = train_.samples, rows = topology.extended(0);
  LayerGroup *const first = group_of(1), *const last = group_of(topology.layers());
  BlockCyclicMatrix inputs, there;
  if (first) inputs = first->network().make_sample_like(rows, N);
  BlockCyclicMatrix widened;
  move_between(&panel.a().dense(widened), first ? &inputs : nullptr, rows, N, parts_.all());

  const auto row_of = [&](const ProcessGrid& grid) {
    return BlockCyclicMatrix(grid.sample_grid(), 1, N, 1, slab_width(N, grid.size()));
  };
  BlockCyclicMatrix classes = row_of(parts_.all());
  for (Index j = 0; j < classes.local_cols(); ++j) classes.at(0, j) = panel.targets.class_of(j);
  if (last) there = row_of(last->grid());
  move_between(&classes, last ? &there : nullptr, 1, N, parts_.all());
  Targets targets;
  for (Index j = 0; last && j < there.local_cols(); ++j)
    targets.classes.push_back(static_cast<int>(there.at(0, j)));

  if (first == last && first) return first->set_samples(std::move(inputs), std::move(targets));
  if (first) first->set_samples(std::move(inputs), {});
  if (last) last->set_samples({}, std::move(targets));
}

void PdadmmSweep::give_weights() {
  if (parts_.count() == 1) return;
  for (int l = 1; l <= network_.layers(); ++l) {
    LayerGroup* const group = group_of(l);
    const BlockCyclicMatrix& W = network_.W(l);
    move_between(&W, group ? &group->network().W(l) : nullptr, W.rows(), W.cols(), parts_.all());
  }
}

void PdadmmSweep::take_weights() {
  if (parts_.count() == 1) return;
  const auto timing = timers_.time(share_phase_);
  for (int l = 1; l <= network_.layers(); ++l) {
    LayerGroup* const group = group_of(l);
    BlockCyclicMatrix& W = network_.W(l);
    move_between(group ? &group->network().W(l) : nullptr, &W, W.rows(), W.cols(), parts_.all());
  }
}

void PdadmmSweep::start(const Network& initial, bool trained) {
  const int L = network_.layers();
  network_.copy_weights_from(initial);
  // A plan rehearses passes of the last stage, which are the dearest.
  const bool all = trained || network_.grid().ledger() != nullptr;
  stage_ = all ? last_stage() : 0;
  const auto inputs = [&](int l) { return network_.topology().width(l - 1); };
  const bool joined = trained && parameters_.growth_output == GrownOutput::fresh && L > 2 &&
                      is_identity(inputs(L - 1), network_.W(L - 1));
  for (int l = depth(); l < L; ++l) set_identity(inputs(l), network_.W(l));
  if (joined) set_identity(inputs(L), network_.W(L));
  give_weights();
  for (const auto& group : groups_) {
    group->set_depth(depth());
    group->run_forward();
  }
  if (!group_of(L)) return;
  if (!trained && depth() == 2)
    group_of(L)->set_zero_output();
  else if (!trained || joined)
    group_of(L)->set_coded_output();
}

void PdadmmSweep::resume() {
  give_weights();
  for (const auto& group : groups_) {
    group->set_depth(depth());
    group->resume();
  }
}

Index PdadmmSweep::end_of_stage() const {
  Index end = 0;
  for (Index s = 0; s <= stage_; ++s)
    end += parameters_.stage_iterations[static_cast<std::size_t>(s)];
  return end;
}

/// The next stage: the layers that join are identities, with a = the q of the last hidden layer
/// before: p = z = a, q = h(a); all u = 0. `fresh`: W~_L = [I 0], z_L = coded targets.
void PdadmmSweep::grow() {
  const int before = depth(), L = network_.layers();
  ++stage_;
  LayerGroup* const output = group_of(L);
  for (const auto& group : groups_) {
    BlockCyclicMatrix a =
        group->network().make_sample_like(network_.topology().width(before - 1), train_.samples);
    if (group->has(before - 1)) a.copy_from(group->coupling(before - 1).q);
    if (parts_.count() > 1)
      ADMMNET_MPI(MPI_Bcast(a.data(), static_cast<int>(a.leading_dimension() * a.local_cols()),
                            MPI_DOUBLE, parts_.of(before - 1), parts_.peers()));
    group->grow(a, before, depth());
  }
  if (parameters_.growth_output == GrownOutput::keep || !output) return;
  set_identity(network_.topology().width(L - 1), output->network().W(L));
  output->set_coded_output();
}

/// high = 1.5 max(q) over all layers that take part
void PdadmmSweep::refresh_grid() {
  if (network_.grid().ledger() != nullptr) {
    quantiser_.high = 1.0;
    return;
  }
  double largest = max_over(network_.grid().comm(), groups_.front()->largest_q());
  quantiser_.high = largest > 0.0 ? kGridRoom * largest : 1.0;
}

StepReport PdadmmSweep::step(Index k) {
  StepReport result;
  Notes notes;
  const bool grown = stage_ < last_stage() && k > end_of_stage();
  if (grown) {
    grow();
    result.remarks.push_back("grown to " + std::to_string(depth()) + " layers of weights");
  }
  if (parameters_.bits > 0 && (grown || (k - 1) % kGridEvery == 0)) refresh_grid();
  PdadmmSums sums;
  const Messages& messages = groups_.front()->messages();
  const double waited = messages.waited(), sent = messages.bytes_sent();
  const double begun = seconds_since_start();
  const auto all_groups = [&](int phase, auto&& update) {
    const auto timing = timers_.time(phase);
    for (const auto& group : groups_) update(*group);
  };
  all_groups(p_phase_, [&](LayerGroup& group) {
    group.begin(quantiser_);
    group.update_p(quantiser_, notes);
  });
  all_groups(weight_phase_, [&](LayerGroup& group) { group.update_weights(notes); });
  all_groups(hidden_phase_, [&](LayerGroup& group) { group.update_hidden_z(sums); });
  all_groups(output_phase_, [&](LayerGroup& group) { group.update_output_z(sums); });
  all_groups(q_phase_, [&](LayerGroup& group) { group.update_q(quantiser_, sums); });
  all_groups(q_phase_, [&](LayerGroup& group) { group.end(quantiser_); });
  const double share = (messages.waited() - waited) / (seconds_since_start() - begun);
  const std::string exchanged = exchange(k, share, messages.bytes_sent() - sent);
  for (const std::string& text : texts_of_parts(parts_, exchanged))
    if (!text.empty()) result.remarks.push_back(text);
  std::string own;
  for (const std::string& note : notes) own += (own.empty() ? "" : "; ") + note;
  for (const std::string& text : texts_of_parts(parts_, own))
    if (!text.empty()) result.notes.push_back(text);
  result.pass = report(k, sums);
  return result;
}

std::string PdadmmSweep::exchange(Index k, double waited, double bytes) const {
  if (parts_.count() == 1 || network_.grid().ledger() != nullptr || k != end_of_stage()) return "";
  char text[128];
  const int part = parts_.here().front();
  std::snprintf(text, sizeof text,
                "layers %d to %d waited %.0f %% of the iteration for others, and sent %.0f bytes",
                parts_.first(part), parts_.last(part), 100.0 * waited,
                parts_.grid(part).sum(bytes));
  return text;
}

IterationReport PdadmmSweep::report(Index k, const PdadmmSums& own) {
  take_weights();
  const PdadmmSums sums = own.over_ranks(network_.grid());
  double decay = 0.0;
  const int L = network_.layers();
  const Index bias = network_.topology().bias ? 1 : 0;
  for (int l = 1; l <= L && parameters_.decay > 0.0; ++l)
    if (l < depth() || l == L) decay += sum_of_squares(network_.W(l), network_.W(l).cols() - bias);
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
  LayerGroup* const group = group_of(l);
  const auto add = [&](const std::string& path, Index rows, BlockCyclicMatrix* matrix) {
    view.tensors.push_back({path, rows, train_.samples, {{matrix, 0, train_.samples, 0}}, false});
  };
  const std::string place = "iterate/layer_" + std::to_string(l) + "/";
  const Index units = network_.topology().width(l);
  add(place + "z", units, group ? &group->layer(l).z() : nullptr);
  if (l == network_.layers()) return;
  Coupling* const coupling = group ? &group->coupling(l) : nullptr;
  add(place + "q", units, coupling ? &coupling->q : nullptr);
  add(place + "u", units, coupling ? &coupling->u : nullptr);
  // The exact p follows from the rest.
  if (parameters_.subsolve == Subsolve::prox_gradient)
    add(place + "p", units, coupling ? &coupling->p : nullptr);
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
  if (last_stage() > 0 || parameters_.bits > 0 || parts_.count() > 1) return {};
  StateView view = state();
  view.scalars.clear();
  return view;
}

}  // namespace admmnet
