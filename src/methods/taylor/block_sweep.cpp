#include "methods/taylor/block_sweep.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "methods/taylor/weight_fit.h"
#include "methods/weighted_samples.h"
#include "runtime/error.h"

namespace admmnet {

static constexpr double kFirstRidge = 1e-2;  // of the first output layer
static constexpr double kLargestSum = std::numeric_limits<double>::max();
static constexpr double kShortSteps = 1e-2;  // of what was asked for: the training stands still

double step_schedule(Schedule schedule, Index pass, double done, Index passes) {
  const double k = static_cast<double>(pass), P = static_cast<double>(passes), half = 0.5 * P;
  switch (schedule) {
    case Schedule::cosine:  // .02 + .98 (1 + cos(pi t/P))/2
      return 0.02 + 0.49 * (1.0 + std::cos(M_PI * std::min(P, k - 1.0 + done) / P));
    case Schedule::linear:
      break;
  }
  return k <= half ? 1.0 : std::max(0.05, 1.0 - (k - half) / (half + 0.5));
}

double error_factor(ErrorRule rule, double error) {
  const double e = std::max(error, 1e-9);
  switch (rule) {
    case ErrorRule::root:
      return std::min(1.0, std::max(0.4, std::sqrt(0.02 / e)));
    case ErrorRule::linear:
      return std::min(1.0, std::max(0.1, 0.03 / e));
    case ErrorRule::off:
      break;
  }
  return 1.0;
}

BlockSweep::BlockSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                       const SampleSet& train, const ResyncParameters& parameters, Timers& timers)
    : train_(train),
      parameters_(parameters),
      network_(grid, topology, unit_block),
      safe_copy_(grid, topology, unit_block),
      work_(network_, parameters, train.widest, train.widest, 1, timers),
      input_squares_(static_cast<std::size_t>(topology.layers())),
      safeguard_(static_cast<Index>(train.panels.size())),
      error_(std::numeric_limits<double>::quiet_NaN()) {
  for (int l = 1; l <= network_.layers(); ++l) {
    const Index width = topology.width(l);
    weights_.push_back(make_block_weights(network_, l,
                                          parameters.solvers[static_cast<std::size_t>(l - 1)],
                                          train, weighting(l), parameters.step_clip > 0.0));
    if (weights(l).uses_room() && rooms_.count(width) == 0)
      rooms_.emplace(width, network_.make_sample_like(width, train.widest));
  }
}

BlockWeights::Weighting BlockSweep::weighting(int l) const {
  const bool output = l == network_.layers();
  const double hidden_ridge = l == 1 ? parameters_.ridge : parameters_.ridge_hidden;
  return {output ? parameters_.ridge_output : hidden_ridge,
          output ? parameters_.proximal_output : parameters_.proximal, parameters_.gram_memory};
}

void BlockSweep::start(const Network& initial, bool trained) {
  network_.copy_weights_from(initial);
  form_input_gram();
  Notes notes;
  if (!trained) fit_output_layer(notes);
  safe_copy_.copy_weights_from(network_);
}

/// W_L = c S (G + ...)^-1 on the first blocks, by weights. A softmax wants logits rather than 0/1
/// targets: centred and four times as large.
void BlockSweep::fit_output_layer(Notes& notes) {
  const Topology& topology = network_.topology();
  const int L = network_.layers();
  const bool logits = topology.loss->wants_logits;
  const double shift = logits ? 1.0 / static_cast<double>(topology.outputs()) : 0.0;
  WeightFit fit(network_, L, parameters_.fit.solver, parameters_.fit_samples);
  WeightedSamples weighted(network_, L, train_.widest);
  Index columns = 0;
  for (const SamplePanel& panel : train_.panels) {
    if (columns >= parameters_.fit_samples) break;
    work_.run_forward(network_, panel);
    work_.set_coded_targets(network_, panel, shift);
    const auto [t, a] = weighted.of(panel, work_.targets().D_output(), work_.forward().a(L - 1));
    fit.add(t, a);
    columns += panel.count;
  }
  fit.solve(kFirstRidge, kFitJitter, topology.bias ? 1 : 0, "first output layer", network_.W(L),
            notes);
  if (logits) for_each_entry([](double& w) { w *= 4.0; }, network_.W(L));
}

void BlockSweep::form_input_gram() {
  if (BlockCyclicMatrix* G = weights(1).input_gram()) work_.form_input_gram(train_, *G);
}

void BlockSweep::resume() {
  form_input_gram();
  for (const auto& layer : weights_) layer->resume();
}

Metrics BlockSweep::sum_up_forward(const SamplePanel& panel) {
  MetricSums sums;
  network_.objective().add(work_.output(), panel.targets, sums);
  std::vector<double*> numbers{&sums.loss, &sums.score, &sums.samples};
  for (int l = 1; l <= network_.layers(); ++l) {
    if (!weights(l).looks_at_input_squares()) continue;
    double& squares = input_squares_[static_cast<std::size_t>(l - 1)];
    squares = own_sum_of_squares(work_.forward().a(l - 1));
    numbers.push_back(&squares);
  }
  work_.targets().take_weights(network_, numbers);
  network_.grid().sum(numbers);
  if (std::isfinite(sums.loss)) pass_metrics_ += sums;
  return sums.means(network_.objective().score());
}

double BlockSweep::length_factor(Index k, Index block, double error) {
  const auto blocks = static_cast<double>(train_.panels.size());
  // e <- .9 e + .1 e_B
  error_ = std::isnan(error_) ? error : 0.9 * error_ + 0.1 * error;
  return step_schedule(parameters_.schedule, k, static_cast<double>(block) / blocks,
                       parameters_.iterations) *
         error_factor(parameters_.error_rule, error_ * (1.0 - 1.0 / blocks));
}

bool BlockSweep::accept(double block_loss, StepReport& report) {
  const double factor_before = safeguard_.step_factor();
  const Safeguard::Verdict verdict = safeguard_.judge(block_loss);
  if (verdict == Safeguard::Verdict::good && blocks_done_ % 2 == 0)
    safe_copy_.copy_weights_from(network_);
  if (verdict != Safeguard::Verdict::rejected) return true;
  network_.copy_weights_from(safe_copy_);
  for (const auto& layer : weights_) layer->V().fill_constant(0.0);
  report.notes.push_back("block " + std::to_string(block_of_pass() + 1) + ": loss " +
                         std::to_string(block_loss) + " rejected (running mean " +
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

BlockWeights::Block BlockSweep::block_of(const SamplePanel& panel, int l, double schedule) {
  const Index block = block_of_pass();
  const bool first = gram_updates_ == 0;
  const auto room = rooms_.find(network_.topology().width(l));
  if (room != rooms_.end()) room->second.set_cols(panel.count);
  return {length(l, schedule),
          static_cast<double>(train_.samples) / static_cast<double>(panel.count),
          first,
          first || block % parameters_.gram_every == 0,
          first || block % parameters_.basis_every == 0,
          work_.targets().D(l),
          work_.forward().z(l),
          work_.forward().a(l - 1),
          input_squares_[static_cast<std::size_t>(l - 1)],
          room == rooms_.end() ? nullptr : &room->second};
}

StepLength BlockSweep::length(int l, double schedule) const {
  const double eta = l == network_.layers() ? parameters_.step_output : parameters_.step;
  return {schedule * safeguard_.step_factor() * eta, parameters_.momentum, parameters_.step_clip};
}

bool BlockSweep::update_from_block(const SamplePanel& panel, double schedule, Notes& notes) {
  // D_L = prox_{loss/beta_L}(z_L) - z_L
  work_.set_proximal_targets(network_, panel);
  // D_l = argmin_z {gamma/2 (h(z_l) + X_{l+1}^T D_{l+1} - h(z))^2 + beta/2 (z - z_l)^2} - z_l
  work_.form_backward(network_, notes);
  work_.run_backward(network_);
  // R_l = N/N_b sum_B D_l a~_{l-1}^T, and what else the form of layer l needs of the samples
  {
    const auto timing = work_.time_products();
    std::vector<OuterSum*> sums;  // which cross the network together
    for (int l = 1; l <= network_.layers(); ++l)
      weights(l).take(block_of(panel, l, schedule), network_.W(l), sums, notes);
    OuterSum::finish(sums);
  }
  // V_l = mu V_l + s eta Delta_l,  W_l += V_l
  const auto timing = work_.time_weights();
  bool finite = true;
  for (int l = 1; l <= network_.layers(); ++l)
    finite = weights(l).step(block_of(panel, l, schedule), network_.W(l), notes) && finite;
  if (gram_updates_ == 0 || block_of_pass() % parameters_.gram_every == 0) ++gram_updates_;
  return finite;
}

bool BlockSweep::sum_up_block(bool finite) {
  const Squares own = work_.targets().take_own_squares();
  constexpr double kNot = std::numeric_limits<double>::quiet_NaN();
  double sums[3] = {own.change, own.size, finite ? 0.0 : kNot};
  network_.grid().sum(sums, 3);
  pass_squares_ += {sums[0], sums[1]};
  return std::isfinite(sums[2]);
}

StepReport BlockSweep::step(Index k) {
  const auto blocks = static_cast<Index>(train_.panels.size());
  const Index block = block_of_pass();
  if (block == 0) {
    pass_metrics_ = {};
    pass_squares_ = {};
  }
  const SamplePanel& panel = train_.panels[static_cast<std::size_t>(block)];
  StepReport report;
  // z_l = W~_l a~_{l-1}, a_l = h(z_l); f_B = mean l(z_L, y)
  work_.run_forward(network_, panel);
  const Metrics metrics = sum_up_forward(panel);
  const bool finite =
      accept(metrics.loss, report)
          ? update_from_block(panel, length_factor(k, block, 1.0 - metrics.score), report.notes)
          : network_.all_finite();
  ++blocks_done_;
  report.done = block + 1;
  report.of = blocks;
  report.loss = pass_metrics_.means(network_.objective().score()).loss;
  report.resumable = sum_up_block(finite);
  if (report.done < blocks) return report;
  if (!report.resumable)
    throw NumericalBreakdown("NaN or infinity in the weights after iteration " + std::to_string(k) +
                             ": lower -admm_step or raise -admm_proximal");
  report.pass.emplace();
  report.pass->train = pass_metrics_.means(network_.objective().score());
  report.pass->objective = report.pass->train.loss;
  report.pass->primal_residual = pass_squares_.residual();
  return report;
}

StateView BlockSweep::state() {
  StateView view;
  network_.append_state("iterate/", view);
  safe_copy_.append_state("safeguard/", view);
  for (int l = 1; l <= network_.layers(); ++l) {
    const std::string layer = "iterate/layer_" + std::to_string(l) + "/";
    weights(l).append_state(layer, view);
  }
  safeguard_.append_state(view);
  view.scalars.push_back({"iterate/blocks_done", nullptr, &blocks_done_, 0.0, largest_count});
  view.scalars.push_back({"iterate/gram_updates", nullptr, &gram_updates_, 0.0, largest_count});
  view.scalars.push_back({"iterate/error", &error_, nullptr, StateScalar::open, StateScalar::open,
                          StateScalar::Presence::optional});
  const auto add_sum = [&](const char* name, double& sum) {
    view.scalars.push_back({std::string("iterate/pass_") + name, &sum, nullptr, 0.0, kLargestSum,
                            StateScalar::Presence::optional});
  };
  add_sum("loss", pass_metrics_.loss);
  add_sum("score", pass_metrics_.score);
  add_sum("samples", pass_metrics_.samples);
  add_sum("change", pass_squares_.change);
  add_sum("size", pass_squares_.size);
  return view;
}

}  // namespace admmnet
