#include "methods/gauss_newton/gauss_newton.h"

#include <algorithm>
#include <cmath>

#include "linalg/elementwise.h"
#include "methods/ridge_fit.h"
#include "methods/weighted_samples.h"
#include "methods/weights.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {

static constexpr double kLeastDamping = 1e-12, kLargestDamping = 1e6;
static constexpr double kFirstRidge = 1e-6;    // of the first output layer
static constexpr Index kFirstColumns = 5000;   // which it is fitted to
static constexpr double kLogits = 4.0;         // on centred targets, to begin a softmax with
static constexpr double kRounding = 1e-9;      // of the work of a run
static constexpr double kForward = 1.0 / 3.0;  // of the work of going forth and back

double first_ridge(Index columns, Index inputs) {
  constexpr Index kEnough = 10;  // columns for each input
  constexpr double kOfFew = 0.1;
  return columns >= kEnough * inputs ? kFirstRidge : kOfFew;
}

double next_damping(double lambda, double gain, bool accepted) {
  if (gain > 0.75) lambda = std::max(0.4 * lambda, kLeastDamping);
  if (!(gain >= 0.25)) lambda *= 3.0;
  return accepted ? lambda : 2.0 * lambda;
}

GaussNewton::GaussNewton(const Topology& topology, const MethodPlace& place, const Options& options)
    : train_(place.train),
      options_(gauss_newton_options(options)),
      passes_(options.train.iterations.value()),
      seed_(options.init.seed),
      stages_(stages_of(options_.stages.value(), static_cast<Index>(train_.panels.size()))),
      network_(place.grid, topology, place.unit_block),
      gradient_(zeros_like(network_)),
      there_(zeros_like(network_)),
      gradient_there_(zeros_like(network_)),
      step_(zeros_like(network_)),
      backpropagation_(network_, train_.widest),
      linear_(network_, train_.widest, static_cast<std::size_t>(stages_.back().curvature)),
      factors_(network_),
      direction_(network_, options_.cg_iterations),
      trained_(topology, !options.net.huber),
      lambda_(options_.damping),
      timers_(place.timers),
      gradient_phase_(timers_.phase("gradient")),
      curvature_phase_(timers_.phase("curvature")),
      factor_phase_(timers_.phase("factors")),
      direction_phase_(timers_.phase("direction")) {}

double GaussNewton::share(Index columns) const {
  return static_cast<double>(columns) / static_cast<double>(train_.samples);
}

Evaluation GaussNewton::evaluate(const Network& at, Network& g) {
  const auto timing = timers_.time(gradient_phase_);
  std::vector<const SamplePanel*> panels;
  Index columns = 0;
  for (Index p = 0; p < stage().panels; ++p) {
    panels.push_back(&train_.panels[static_cast<std::size_t>(p)]);
    columns += panels.back()->count;
  }
  work_ += share(columns);
  return backpropagation_.run(at, panels, g, &trained_.get());
}

void GaussNewton::start(const Network& initial, bool trained) {
  network_.copy_weights_from(initial);
  if (!trained) fit_output_layer();
  work_ = 0.0;
  outer_steps_ = steps_of_pass_ = stage_ = 0;
  lambda_ = options_.damping;
  seen_ = evaluate(network_, gradient_);
  if (!std::isfinite(seen_.f))
    throw NumericalBreakdown(
        "the first forward pass gives no finite loss: check -init_scheme and -data_scaling");
}

/// W_L := argmin sum w |T - W a~|^2 with a small ridge, over the first columns; of a loss that
/// wants logits T is centred, and W_L larger.
void GaussNewton::fit_output_layer() {
  const Topology& topology = network_.topology();
  const int L = network_.layers();
  const bool logits = topology.loss->wants_logits;
  ForwardPass forward(network_, train_.widest);
  OutputColumns output(network_.grid(), topology.outputs(), train_.widest);
  BlockCyclicMatrix targets = network_.make_sample_like(topology.outputs(), train_.widest);
  std::vector<const SamplePanel*> panels;
  Index columns = 0;
  for (const SamplePanel& panel : train_.panels) {
    if (columns >= kFirstColumns) break;
    panels.push_back(&panel);
    columns += panel.count;
  }
  WeightedSamples weighted(network_, L, train_.widest);
  RidgeFit fit(network_, L, WeightSolver::cholesky, columns, "first output layer",
               topology.weighted);
  fit.begin();
  for (int l = 1; l < L; ++l) forward.use(network_, l);
  for (const SamplePanel* panel : panels) {
    forward.run_hidden(panel->a());
    fill_coded_targets(network_.objective(), *panel,
                       logits ? 1.0 / static_cast<double>(topology.outputs()) : 0.0, output);
    targets.set_cols(panel->count);
    output.give(targets);
    const auto [t, a] = weighted.of(*panel, targets, forward.a(L - 1));
    fit.add(t, a);
  }
  fit.finish();
  Notes notes;
  fit.solve(first_ridge(columns, topology.extended(L - 1)), network_.W(L), notes);
  if (logits) for_each_entry([](double& w) { w *= kLogits; }, network_.W(L));
}

void GaussNewton::resume() {
  trained_.resume();
  const auto timing = timers_.time(factor_phase_);
  if (outer_steps_ % stage().factors_every != 0) factors_.decompose();
}

/// A later stage begins with f and g on its columns; there is no way back, also with more passes.
void GaussNewton::enter_stage() {
  const Index now = stage_after(stages_, work_ / static_cast<double>(passes_));
  if (now <= stage_) return;
  stage_ = now;
  seen_ = evaluate(network_, gradient_);
}

/// The curvature at the weights, on the panels whose turn it is, and its factors on theirs.
void GaussNewton::linearise() {
  {
    const auto timing = timers_.time(curvature_phase_);
    std::vector<const SamplePanel*> panels;
    for (const Index p : curvature_panels(stage(), outer_steps_))
      panels.push_back(&train_.panels[static_cast<std::size_t>(p)]);
    linear_.set(network_, panels);
  }
  work_ += kForward * share(linear_.columns());
  if (trained_.is_due(outer_steps_)) {
    trained_.refresh(linear_, network_.grid());
    seen_ = evaluate(network_, gradient_);
  }
  if (outer_steps_ % stage().factors_every != 0) return;
  const auto timing = timers_.time(factor_phase_);
  linear_.form(CounterRandom(seed_, Stream::curvature, static_cast<int>(outer_steps_)), factors_);
  work_ += share(linear_.columns());
}

/// D := about argmin phi, and W := W + D if that lowers f; whether it does.
bool GaussNewton::try_direction() {
  Direction::Result found;
  {
    const auto timing = timers_.time(direction_phase_);
    found = direction_.find(linear_, factors_, gradient_, lambda_, step_);
    for_each_weight([](double& there, double here, double d) { there = here + d; }, there_,
                    network_, step_);
  }
  work_ += static_cast<double>(found.products) * share(linear_.columns());
  const Evaluation there = evaluate(there_, gradient_there_);
  // gain = (f - f(W + D)) / (-<g, D> - 1/2 <D, A D>)
  const double gain =
      (seen_.f - there.f) / std::max(found.decrease, std::numeric_limits<double>::min());
  const bool accepted = there.f < seen_.f || network_.grid().ledger() != nullptr;
  lambda_ = next_damping(lambda_, gain, accepted);
  if (!accepted) return false;
  network_.copy_weights_from(there_);
  gradient_.copy_weights_from(gradient_there_);
  seen_ = there;
  return true;
}

void GaussNewton::outer_step(Index k, StepReport& report) {
  enter_stage();
  linearise();
  Index rejected = 0;
  while (!try_direction()) {
    ++rejected;
    if (lambda_ <= kLargestDamping) continue;
    report.notes.push_back("iteration " + std::to_string(k) + ", outer step " +
                           std::to_string(outer_steps_ + 1) + ": none of " +
                           std::to_string(rejected) + " directions lowers the loss");
    break;
  }
  lambda_ = std::min(lambda_, kLargestDamping);
  ++outer_steps_;
}

StepReport GaussNewton::step(Index k) {
  const auto passes = static_cast<double>(k) - kRounding;
  StepReport report;
  double cost = 1.0;
  if (work_ < passes) {
    const double before = work_;
    outer_step(k, report);
    ++steps_of_pass_;
    cost = work_ - before;
  }
  report.loss = seen_.sums.means(network_.objective().score()).loss;
  report.done = report.of = std::max<Index>(1, steps_of_pass_);
  if (work_ < passes) {
    report.of += static_cast<Index>(std::ceil((passes - work_) / cost));
    return report;
  }
  steps_of_pass_ = 0;
  report.pass.emplace();
  report.pass->objective = seen_.f;
  report.pass->train = seen_.sums.means(network_.objective().score());
  return report;
}

StateView GaussNewton::state() {
  constexpr double kLargest = std::numeric_limits<double>::max();
  StateView view;
  network_.append_state("iterate/", view);
  gradient_.append_state("iterate/gradient/", view);
  if (stages_.front().factors_every > 1) factors_.append_state("iterate/factors/", view);
  view.scalars = {
      {"iterate/f", &seen_.f, nullptr, -kLargest, kLargest},
      {"iterate/loss", &seen_.sums.loss, nullptr, 0.0, kLargest},
      {"iterate/score", &seen_.sums.score, nullptr, 0.0, kLargest},
      {"iterate/samples", &seen_.sums.samples, nullptr, 0.0, kLargest},
      {"iterate/damping", &lambda_, nullptr, kLeastDamping, kLargestDamping},
      {"iterate/work", &work_, nullptr, 0.0, kLargest},
      {"iterate/outer_steps", nullptr, &outer_steps_, 0.0, largest_count},
      {"iterate/steps_of_pass", nullptr, &steps_of_pass_, 0.0, largest_count},
      {"iterate/stage", nullptr, &stage_, 0.0, static_cast<double>(stages_.size() - 1)}};
  trained_.append_state("iterate/", view);
  return view;
}

}  // namespace admmnet
