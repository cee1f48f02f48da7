#include "methods/taylor/block_sweep.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/taylor/weight_fit.h"
#include "runtime/error.h"

namespace admmnet {

static constexpr double kFirstRidge = 1e-2;  // of the first output layer
static constexpr double kShortSteps = 1e-2;  // of what was asked for: the training stands still

double step_schedule(Index pass, Index passes) {
  const double k = static_cast<double>(pass), half = 0.5 * static_cast<double>(passes);
  return k <= half ? 1.0 : std::max(0.05, 1.0 - (k - half) / (half + 0.5));
}

BlockSweep::BlockSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                       const SampleSet& train, const ResyncParameters& parameters, Timers& timers)
    : train_(train),
      parameters_(parameters),
      network_(grid, topology, unit_block),
      safe_copy_(grid, topology, unit_block),
      work_(network_, parameters, train.widest, train.widest, 1, timers),
      safeguard_(static_cast<Index>(train.panels.size())) {
  for (int l = 1; l <= network_.layers(); ++l)
    systems_.emplace_back(network_, l, parameters.solvers[static_cast<std::size_t>(l - 1)].solver);
}

void BlockSweep::start(const Network& initial, bool trained) {
  network_.copy_weights_from(initial);
  work_.form_input_gram(train_, system(1).G());
  Notes notes;
  if (!trained) fit_output_layer(notes);
  safe_copy_.copy_weights_from(network_);
}

/// W_L = c S (G + ...)^-1 on the first blocks. A softmax wants logits rather than 0/1 targets:
/// centred and four times as large.
void BlockSweep::fit_output_layer(Notes& notes) {
  const Topology& topology = network_.topology();
  const int L = network_.layers();
  const bool logits = topology.loss == Loss::softmax;
  const double shift = logits ? 1.0 / static_cast<double>(topology.outputs()) : 0.0;
  WeightFit fit(network_, L, parameters_.fit.solver, parameters_.fit_samples);
  Index columns = 0;
  for (const SamplePanel& panel : train_.panels) {
    if (columns >= parameters_.fit_samples) break;
    work_.run_forward(network_, panel);
    work_.set_coded_targets(panel, shift);
    fit.add(work_.targets().D_output(), work_.forward().a(L - 1));
    columns += panel.count;
  }
  fit.solve(kFirstRidge, kFitJitter, topology.bias ? 1 : 0, "first output layer", network_.W(L),
            notes);
  if (logits) for_each_entry([](double& w) { w *= 4.0; }, network_.W(L));
}

void BlockSweep::resume() {
  work_.form_input_gram(train_, system(1).G());
  for (WeightSystem& weights : systems_) weights.gram_changed();
}

double BlockSweep::add_block_metrics(const SamplePanel& panel, MetricSums& pass_sums) {
  MetricSums sums;
  sums.add(network_.topology().loss, work_.output(), panel.labels);
  const Metrics block = sums.reduce(network_.grid().comm());
  if (std::isfinite(block.loss)) {
    pass_sums.loss += sums.loss;
    pass_sums.correct += sums.correct;
    pass_sums.samples += sums.samples;
  }
  return block.loss;
}

bool BlockSweep::accept(double block_loss, IterationReport& report) {
  const double factor_before = safeguard_.step_factor();
  const Safeguard::Verdict verdict = safeguard_.judge(block_loss);
  if (verdict == Safeguard::Verdict::good && blocks_done_ % 2 == 0)
    safe_copy_.copy_weights_from(network_);
  if (verdict != Safeguard::Verdict::rejected) return true;
  network_.copy_weights_from(safe_copy_);
  for (WeightSystem& weights : systems_) weights.V().fill_constant(0.0);
  report.notes.push_back("block " + std::to_string(blocks_done_ % train_.panels.size() + 1) +
                         ": loss " + std::to_string(block_loss) + " rejected (running mean " +
                         std::to_string(safeguard_.running_loss()) +
                         "); last good weights restored, steps halved");
  if (safeguard_.step_factor() < kShortSteps && factor_before >= kShortSteps)
    report.warnings.push_back(short_steps_warning());
  return false;
}

std::string BlockSweep::short_steps_warning() const {
  char text[160];
  std::snprintf(text, sizeof text,
                "after %lld rejected blocks steps are %.2g of what was asked for, and the training "
                "hardly moves: lower -admm_step (now %g)",
                static_cast<long long>(safeguard_.rejections()), safeguard_.step_factor(),
                parameters_.step);
  return std::string(text) +
         ", take fewer and larger blocks (-admm_blocks), or look at the scaling of the inputs "
         "(-data_scaling)";
}

void BlockSweep::update_from_block(const SamplePanel& panel, double schedule, Notes& notes) {
  const int L = network_.layers();
  work_.set_proximal_targets(network_.topology().loss, panel);
  work_.form_backward(network_, notes);
  work_.run_backward(network_);
  const double scale = static_cast<double>(train_.samples) / static_cast<double>(panel.count);
  const bool refresh = blocks_done_ % parameters_.gram_every == 0;
  {
    const auto timing = work_.time_products();
    const double keep = gram_updates_ == 0 ? 0.0 : parameters_.gram_memory;
    for (int l = 1; l <= L; ++l) {
      const BlockCyclicMatrix& a = work_.forward().a(l - 1);
      accumulate_outer(scale, work_.targets().D(l), a, 0.0, system(l).R());
      if (!refresh || l == 1) continue;
      accumulate_gram((1.0 - keep) * scale, a, keep, system(l).G());
      system(l).gram_changed();
    }
    if (refresh) ++gram_updates_;
  }
  const auto timing = work_.time_weights();
  for (int l = 1; l <= L; ++l) {
    const bool output = l == L;
    const double length = output ? parameters_.step_output : parameters_.step;
    const double hidden_ridge = l == 1 ? parameters_.ridge : parameters_.ridge_hidden;
    system(l).step(
        {output ? parameters_.ridge_output : hidden_ridge,
         output ? parameters_.proximal_output : parameters_.proximal,
         schedule * safeguard_.step_factor() * length, parameters_.momentum, parameters_.step_clip},
        network_.W(l), notes);
  }
}

IterationReport BlockSweep::iterate(Index k) {
  IterationReport report;
  MetricSums sums;
  const double schedule = step_schedule(k, parameters_.iterations);
  for (const SamplePanel& panel : train_.panels) {
    work_.run_forward(network_, panel);
    const double loss = add_block_metrics(panel, sums);
    if (accept(loss, report)) update_from_block(panel, schedule, report.notes);
    ++blocks_done_;
  }
  if (!network_.all_finite())
    throw NumericalBreakdown("NaN or infinity in the weights after iteration " + std::to_string(k) +
                             ": lower -admm_step or raise -admm_proximal");
  report.train = sums.reduce(network_.grid().comm());
  report.objective = report.train.loss;
  report.primal_residual = work_.targets().take_residual(network_.grid().comm());
  return report;
}

StateView BlockSweep::state() {
  StateView view;
  network_.append_state("iterate/", view);
  safe_copy_.append_state("safeguard/", view);
  for (int l = 1; l <= network_.layers(); ++l) {
    const std::string layer = "iterate/layer_" + std::to_string(l) + "/";
    view.tensors.push_back(whole_tensor(layer + "V", system(l).V()));
    if (l > 1) view.tensors.push_back(whole_tensor(layer + "G", system(l).G()));
  }
  safeguard_.append_state(view);
  view.scalars.push_back({"iterate/blocks_done", nullptr, &blocks_done_, 0.0, largest_count});
  view.scalars.push_back({"iterate/gram_updates", nullptr, &gram_updates_, 0.0, largest_count});
  return view;
}

}  // namespace admmnet
