#include "methods/ridge_pass.h"

#include <utility>

#include "methods/ridge_search.h"
#include "network/forward.h"
#include "runtime/error.h"

namespace admmnet {

RidgePass::RidgePass(const Topology& topology, const MethodPlace& place,
                     const RidgeOptions& options, WeightSolver solver, Prepare prepare)
    : train_(place.train),
      validation_(place.validation),
      options_(options),
      prepare_(std::move(prepare)),
      network_(place.grid, topology, place.unit_block),
      forward_(network_, train_.widest),
      output_(place.grid, topology.outputs(), train_.widest),
      targets_(network_.make_sample_like(topology.outputs(), train_.widest)),
      weighted_(network_, network_.layers(), train_.widest),
      fit_(network_, network_.layers(), solver, place.train.samples, "weights of the output layer",
           topology.weighted),
      timers_(place.timers),
      hidden_phase_(timers_.phase("hidden layers")),
      forward_phase_(timers_.phase("forward")),
      product_phase_(timers_.phase("gram and outer products")),
      weight_phase_(timers_.phase("weights")),
      search_phase_(timers_.phase("choice of the ridge")) {}

void RidgePass::start(const Network& initial, bool trained) {
  const auto timing = timers_.time(hidden_phase_);
  network_.copy_weights_from(initial);
  if (prepare_ && !trained) remark_ = prepare_(network_);
}

void RidgePass::begin() {
  const auto timing = timers_.time(forward_phase_);
  for (int l = 1; l < network_.layers(); ++l) forward_.use(network_, l);
  fit_.begin();
}

/// G += w a~ a~^T,  S += w t a~^T
void RidgePass::add(const SamplePanel& panel) {
  {
    const auto timing = timers_.time(forward_phase_);
    forward_.run_hidden(panel.a());
  }
  const auto timing = timers_.time(product_phase_);
  fill_coded_targets(network_.objective(), panel, 0.0, output_);
  targets_.set_cols(panel.count);
  output_.give(targets_);
  const auto [t, a] = weighted_.of(panel, targets_, forward_.a(network_.layers() - 1));
  fit_.add(t, a);
}

void RidgePass::fit(StepReport& report) {
  const int L = network_.layers();
  {
    const auto timing = timers_.time(product_phase_);
    fit_.finish();
  }
  {
    const auto timing = timers_.time(options_.ridge ? weight_phase_ : search_phase_);
    if (options_.ridge)
      fit_.solve(*options_.ridge, network_.W(L), report.notes);
    else
      report.remarks.push_back(
          fit_by_validation(fit_, options_.ridges, *validation_, network_, report.notes));
    if (!network_.all_finite())
      throw NumericalBreakdown(
          "the weights of the output layer are NaN or infinite; raise the "
          "ridge, and check -data_scaling");
  }
  const auto timing = timers_.time(forward_phase_);
  forward_.use(network_, L);
  sums_ = {};
}

void RidgePass::measure(const SamplePanel& panel) {
  const auto timing = timers_.time(forward_phase_);
  forward_.run(panel.a());
  output_.take(forward_.z(network_.layers()));
  network_.objective().add(output_, panel.targets, sums_);
}

StepReport RidgePass::step(Index /*k*/) {
  const std::size_t panels = train_.panels.size();
  const SamplePanel& panel = train_.panels[steps_ % panels];
  StepReport report;
  if (!remark_.empty()) report.remarks.push_back(std::exchange(remark_, ""));
  if (steps_ == 0) begin();
  if (steps_ < panels)
    add(panel);
  else
    measure(panel);
  ++steps_;
  if (steps_ == panels) fit(report);
  report.done = static_cast<Index>(steps_);
  report.of = static_cast<Index>(2 * panels);
  report.resumable = steps_ == 2 * panels;
  if (!report.resumable) return report;
  steps_ = 0;
  report.pass.emplace();
  report.pass->train = sums_.reduce(network_);
  report.pass->objective = report.pass->train.loss;
  return report;
}

StateView RidgePass::state() {
  StateView view;
  network_.append_state("iterate/", view);
  return view;
}

}  // namespace admmnet
