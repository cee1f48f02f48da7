#include "methods/taylor/full_batch_sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/products.h"
#include "proximal/loss_functions.h"
#include "proximal/output_z.h"
#include "runtime/error.h"

namespace admmnet {

static constexpr double kJitter = 1e-7;  // of the mean Gram diagonal, in the refit of W_L
static constexpr double kGrow = 1.2, kShrink = 0.4, kLongestStep = 2000.0;
static constexpr double kTolerated = 1.001;  // rise of the loss that is not a rejection

FullBatchSweep::FullBatchSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                               const SampleSet& train, const ResyncParameters& parameters,
                               Timers& timers)
    : train_(train),
      parameters_(parameters),
      network_(grid, topology, unit_block),
      accepted_(grid, topology, unit_block),
      forward_(network_, train.widest),
      targets_(network_, parameters, train.widest),
      output_(grid, topology.outputs(), train.widest),
      step_(parameters.step),
      accepted_loss_(std::numeric_limits<double>::infinity()),
      timers_(timers),
      forward_phase_(timers.phase("forward")),
      output_phase_(timers.phase("output z")),
      target_phase_(timers.phase("targets")),
      product_phase_(timers.phase("gram and outer products")),
      weight_phase_(timers.phase("weights")) {
  for (int l = 1; l < network_.layers(); ++l) systems_.emplace_back(network_, l);
  current_ = make_accumulated();
  trial_ = make_accumulated();
}

FullBatchSweep::Accumulated FullBatchSweep::make_accumulated() const {
  Accumulated result;
  for (int l = 1; l < network_.layers(); ++l) {
    result.R.push_back(network_.make_like_weight(l));
    result.G.push_back(network_.make_gram(l));
  }
  for (const SamplePanel& panel : train_.panels) {
    result.z_output.push_back(
        network_.make_sample_like(network_.topology().outputs(), train_.widest));
    result.z_output.back().set_cols(panel.count);
  }
  return result;
}

void FullBatchSweep::set_targets_as_output() {
  for (std::size_t p = 0; p < train_.panels.size(); ++p) {
    const SamplePanel& panel = train_.panels[p];
    output_.matrix().set_cols(panel.count);
    for (Index j = 0; j < output_.count(); ++j)
      for (Index i = 0; i < output_.outputs(); ++i)
        output_.column(j)[i] =
            target(output_.outputs(), i, panel.labels[static_cast<std::size_t>(j)]);
    output_.give(current_.z_output[p]);
  }
}

void FullBatchSweep::start(const Network& initial, bool /*trained*/) {
  network_.copy_weights_from(initial);
  accepted_.copy_weights_from(initial);
  set_targets_as_output();
  resume();
}

void FullBatchSweep::resume() {
  if (systems_.empty()) return;
  const auto timing = timers_.time(product_phase_);
  double keep = 0.0;  // the inputs never change, and neither does their Gram matrix
  for (const SamplePanel& panel : train_.panels) {
    accumulate_gram(1.0, panel.inputs, keep, systems_[0].G());
    keep = 1.0;
  }
  accepted_.copy_weights_from(network_);
}

void FullBatchSweep::hidden_weight_step(Index k, Notes& notes) {
  const auto timing = timers_.time(weight_phase_);
  const double decay = std::pow(parameters_.ridge_decay, static_cast<double>(k - 1));
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    systems_[i].R().copy_from(current_.R[i]);
    if (i > 0) systems_[i].G().copy_from(current_.G[i]);
    systems_[i].gram_changed();
    const double ridge = decay * (i == 0 ? parameters_.ridge : parameters_.ridge_hidden);
    systems_[i].step(
        {ridge, parameters_.proximal, step_, parameters_.momentum, parameters_.step_clip},
        network_.W(static_cast<int>(i) + 1), notes);
  }
}

void FullBatchSweep::refit_output(Notes& notes) {
  const int L = network_.layers();
  BlockCyclicMatrix G = network_.make_gram(L), S = network_.make_like_weight(L);
  double keep = 0.0;
  for (std::size_t p = 0; p < train_.panels.size(); ++p) {
    {
      const auto timing = timers_.time(forward_phase_);
      forward_.run(network_, train_.panels[p].inputs);
    }
    const auto timing = timers_.time(product_phase_);
    accumulate_gram(1.0, forward_.a(L - 1), keep, G);
    accumulate_outer(1.0, current_.z_output[p], forward_.a(L - 1), keep, S);
    keep = 1.0;
  }
  const auto timing = timers_.time(weight_phase_);
  fit_weights(S, G, parameters_.ridge_output, kJitter, network_.topology().bias ? 1 : 0,
              "weights of the output layer", network_.W(L), notes);
}

Metrics FullBatchSweep::accumulate_targets(Notes& notes) {
  const int L = network_.layers();
  const Loss loss = network_.topology().loss;
  MetricSums sums;
  targets_.form(network_, notes);
  for (std::size_t p = 0; p < train_.panels.size(); ++p) {
    const SamplePanel& panel = train_.panels[p];
    {
      const auto timing = timers_.time(forward_phase_);
      forward_.run(network_, panel.inputs);
      output_.take(forward_.z(L));
    }
    {
      const auto timing = timers_.time(output_phase_);
      sums.add(loss, output_, panel.labels);
      minimise_output_z(loss, output_.outputs(), output_.count(), output_.data(), output_.stride(),
                        panel.labels.data(), parameters_.beta_output, output_.data(),
                        output_.stride());
      output_.give(trial_.z_output[p]);
      targets_.set_output(forward_, output_);
    }
    {
      const auto timing = timers_.time(target_phase_);
      targets_.run(network_, forward_);
    }
    const auto timing = timers_.time(product_phase_);
    const double keep = p == 0 ? 0.0 : 1.0;
    for (int l = 1; l < L; ++l) {
      const auto i = static_cast<std::size_t>(l - 1);
      accumulate_outer(1.0, targets_.D(l), forward_.a(l - 1), keep, trial_.R[i]);
      if (l > 1) accumulate_gram(1.0, forward_.a(l - 1), keep, trial_.G[i]);
    }
  }
  return sums.reduce(network_.grid().comm());
}

IterationReport FullBatchSweep::iterate(Index k) {
  IterationReport report;
  const bool first = passes_++ == 0;
  if (!first) hidden_weight_step(k, report.notes);
  refit_output(report.notes);
  const Metrics metrics = accumulate_targets(report.notes);
  report.primal_residual = targets_.take_residual(network_.grid().comm());
  const bool rises =
      !first && metrics.loss > kTolerated * accepted_loss_ && step_ > 0.25 * parameters_.step;
  if (first && !std::isfinite(metrics.loss))
    throw NumericalBreakdown(
        "the first forward pass gives no finite loss: check -init_scheme and "
        "-data_scaling");
  report.train = metrics;
  report.objective = metrics.loss;
  if (!std::isfinite(metrics.loss) || rises) {
    network_.copy_weights_from(accepted_);
    for (WeightSystem& weights : systems_) weights.V().fill_constant(0.0);
    step_ *= kShrink;
    ++rejections_;
    report.notes.push_back("loss " + std::to_string(metrics.loss) + " rejected (accepted " +
                           std::to_string(accepted_loss_) + "); weights restored, step now " +
                           std::to_string(step_));
    return report;
  }
  accepted_.copy_weights_from(network_);
  std::swap(current_, trial_);
  accepted_loss_ = metrics.loss;
  if (!first) step_ = std::min(kGrow * step_, kLongestStep);
  return report;
}

StateView FullBatchSweep::state() {
  StateView view;
  network_.append_state("iterate/", view);
  for (int l = 1; l < network_.layers(); ++l) {
    const auto i = static_cast<std::size_t>(l - 1);
    const std::string layer = "iterate/layer_" + std::to_string(l) + "/";
    view.tensors.push_back(whole_tensor(layer + "V", systems_[i].V()));
    view.tensors.push_back(whole_tensor(layer + "R", current_.R[i]));
    if (l > 1) view.tensors.push_back(whole_tensor(layer + "G", current_.G[i]));
  }
  StateTensor z{"iterate/layer_" + std::to_string(network_.layers()) + "/z",
                network_.topology().outputs(),
                train_.samples,
                {}};
  for (std::size_t p = 0; p < train_.panels.size(); ++p)
    z.parts.push_back({&current_.z_output[p], 0, train_.panels[p].count, train_.panels[p].first});
  view.tensors.push_back(z);
  view.scalars = {{"iterate/step", &step_, nullptr},
                  {"iterate/accepted_loss", &accepted_loss_, nullptr},
                  {"iterate/passes", nullptr, &passes_},
                  {"iterate/rejections", nullptr, &rejections_}};
  return view;
}

}  // namespace admmnet
