#include "methods/taylor/full_batch_sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/products.h"
#include "methods/taylor/weight_fit.h"
#include "runtime/error.h"

namespace admmnet {

static constexpr double kGrow = 1.2, kShrink = 0.4, kLongestStep = 2000.0;
/// The first step is -admm_step, which may be longer.
static constexpr double kLongestFirstStep = 1e6;
static constexpr double kTolerated = 1.001;  // rise of the loss that is not a rejection

FullBatchSweep::FullBatchSweep(const Topology& topology, Index unit_block, const ProcessGrid& grid,
                               const SampleSet& train, const ResyncParameters& parameters,
                               Timers& timers)
    : train_(train),
      parameters_(parameters),
      network_(grid, topology, unit_block),
      accepted_(grid, topology, unit_block),
      work_(network_, parameters, train.widest, train.samples,
            parameters.keep_forward ? train.panels.size() : 1, timers),
      step_(parameters.step),
      accepted_loss_(std::numeric_limits<double>::infinity()) {
  for (int l = 1; l < network_.layers(); ++l) {
    systems_.emplace_back(network_, l, parameters.solvers[static_cast<std::size_t>(l - 1)],
                          l == 1 ? &train : nullptr);
    gram_sums_.emplace_back(Triangle::lower);
    outer_sums_.emplace_back(Triangle::full);
  }
  current_ = make_accumulated();
  trial_ = make_accumulated();
}

FullBatchSweep::Accumulated FullBatchSweep::make_accumulated() const {
  Accumulated result;
  for (int l = 1; l < network_.layers(); ++l) {
    result.R.push_back(network_.make_like_weight(l));
    // That of the inputs stays what it is, in their system.
    result.G.push_back(l > 1 ? network_.make_gram(l) : BlockCyclicMatrix());
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
    fill_coded_targets(network_.objective(), train_.panels[p], 0.0, work_.output());
    work_.output().give(current_.z_output[p]);
  }
}

void FullBatchSweep::start(const Network& initial, bool /*trained*/) {
  network_.copy_weights_from(initial);
  accepted_.copy_weights_from(initial);
  set_targets_as_output();
  resume();
}

void FullBatchSweep::resume() {
  if (!systems_.empty() && !systems_[0].knows_samples())
    work_.form_input_gram(train_, systems_[0].G());
  accepted_.copy_weights_from(network_);
}

/// V_l = mu V_l + eta (R_l - rho mbar W_l I') (G_l + rho mbar I' + p mbar I)^-1, W~_l += V_l,
/// rho = rho_l decay^(k-1)
void FullBatchSweep::hidden_weight_step(Index k, Notes& notes) {
  const auto timing = work_.time_weights();
  const double decay = std::pow(parameters_.ridge_decay, static_cast<double>(k - 1));
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    systems_[i].R().copy_from(current_.R[i]);
    if (i > 0) systems_[i].G().copy_from(current_.G[i]);
    systems_[i].gram_changed();
    const double ridge = decay * (i == 0 ? parameters_.ridge : parameters_.ridge_hidden);
    systems_[i].step(
        {ridge, parameters_.proximal, {step_, parameters_.momentum, parameters_.step_clip}},
        network_.W(static_cast<int>(i) + 1), notes);
  }
}

void FullBatchSweep::begin_refit() {
  work_.use_hidden(network_);
  refit_.emplace(network_, network_.layers(), parameters_.fit.solver, parameters_.fit_samples);
}

void FullBatchSweep::refit_panel(std::size_t p) {
  work_.run_hidden(train_.panels[p], place(p));
  const auto timing = work_.time_products();
  refit_->add(current_.z_output[p], work_.forward().a(network_.layers() - 1));
}

/// W_L = argmin sum |z_L - W a~|^2 + rho_L mbar |W I'|^2
bool FullBatchSweep::end_refit(Notes& notes) {
  {
    const auto timing = work_.time_products();
    if (!std::isfinite(refit_->trace())) return false;
  }
  const auto timing = work_.time_weights();
  const int L = network_.layers();
  refit_->solve(parameters_.ridge_output, kFitJitter, network_.topology().bias ? 1 : 0,
                "weights of the output layer", network_.W(L), notes);
  return true;
}

/// X_{l+1}^T = W'^T (W' W'^T + kappa s I)^-1 of the weights as they are
void FullBatchSweep::begin_targets(Notes& notes) {
  metrics_ = {};
  work_.use_output(network_);
  std::vector<double*> sums;
  work_.targets().take_weights(network_, sums);
  network_.grid().sum(sums);
  work_.form_backward(network_, notes);
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    outer_sums_[i].begin(trial_.R[i]);
    if (i > 0) gram_sums_[i].begin(trial_.G[i]);
  }
}

void FullBatchSweep::run_panel(std::size_t p) {
  const SamplePanel& panel = train_.panels[p];
  if (parameters_.keep_forward)
    work_.recall(panel, p);
  else
    work_.run_hidden(panel, 0);
  work_.run_output();
  network_.objective().add(work_.output(), panel.targets, metrics_);
  // z_L' = prox_{loss/beta_L}(W_L a~), D_L = z_L' - W_L a~
  work_.set_proximal_targets(network_, panel);
  work_.output().give(trial_.z_output[p]);
  work_.run_backward(network_);
}

/// R_l' += D_l a~_{l-1}^T, and for l >= 2 G_l' += a~_{l-1} a~_{l-1}^T
void FullBatchSweep::add_targets(std::size_t p) {
  run_panel(p);
  const auto timing = work_.time_products();
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    const int l = static_cast<int>(i) + 1;
    const SampleOperand a = work_.forward().a(l - 1);
    outer_sums_[i].add(1.0, work_.targets().D(l), a);
    if (l > 1) gram_sums_[i].add_gram(1.0, a);
  }
}

void FullBatchSweep::end_targets() {
  const auto timing = work_.time_products();
  std::vector<OuterSum*> sums;
  for (std::size_t i = 0; i < systems_.size(); ++i) {
    sums.push_back(&outer_sums_[i]);
    if (i > 0) sums.push_back(&gram_sums_[i]);
  }
  OuterSum::finish(sums);
}

void FullBatchSweep::reject(double loss, Notes& notes) {
  network_.copy_weights_from(accepted_);
  for (WeightSystem& weights : systems_) weights.V().fill_constant(0.0);
  step_ *= kShrink;  // eta := .4 eta
  ++rejections_;
  notes.push_back("loss " + std::to_string(loss) + " rejected (accepted " +
                  std::to_string(accepted_loss_) + "); weights restored, step now " +
                  std::to_string(step_));
}

IterationReport FullBatchSweep::judge(bool finite, Notes& notes) {
  const double infinity = std::numeric_limits<double>::infinity();
  const bool first = passes_ == 1;
  IterationReport report;
  if (finite) {
    report.train = metrics_.reduce(network_);
    report.primal_residual = work_.take_squares(network_).residual();
  }
  const double loss = finite ? report.train.loss : infinity;
  if (first && !std::isfinite(loss))
    throw NumericalBreakdown(
        "the first forward pass gives no finite loss: check -init_scheme and "
        "-data_scaling");
  // Rejected: f > 1.001 f_accepted while eta > eta_0/4, or f is not finite.
  const bool rises = !first && loss > kTolerated * accepted_loss_ &&
                     (step_ > 0.25 * parameters_.step || !std::isfinite(loss));
  if (rises || std::isnan(loss)) {
    reject(loss, notes);
    if (!std::isfinite(loss)) report.train = evaluate(network_, train_);
    report.objective = report.train.loss;
    return report;
  }
  report.objective = loss;
  accepted_.copy_weights_from(network_);
  std::swap(current_, trial_);
  accepted_loss_ = loss;
  // eta := min(1.2 eta, 2000)
  if (!first) step_ = std::min(kGrow * step_, kLongestStep);
  return report;
}

StepReport FullBatchSweep::step(Index k) {
  const std::size_t panels = train_.panels.size(), p = steps_done_ % panels;
  StepReport report;
  bool finite = true;
  if (steps_done_ < panels) {
    if (p == 0) {
      if (passes_++ > 0) hidden_weight_step(k, report.notes);
      begin_refit();
    }
    refit_panel(p);
    if (p + 1 == panels) finite = end_refit(report.notes);
  } else {
    if (p == 0) begin_targets(report.notes);
    add_targets(p);
    if (p + 1 == panels) end_targets();
  }
  ++steps_done_;
  report.done = static_cast<Index>(steps_done_);
  report.of = static_cast<Index>(2 * panels);
  report.resumable = !finite || steps_done_ == 2 * panels;
  if (!report.resumable) return report;
  steps_done_ = 0;
  refit_.reset();
  report.pass = judge(finite, report.notes);
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
  const double infinity = std::numeric_limits<double>::infinity();
  view.scalars = {{"iterate/step", &step_, nullptr, 0.0, kLongestFirstStep},
                  {"iterate/accepted_loss", &accepted_loss_, nullptr, -infinity, infinity},
                  {"iterate/passes", nullptr, &passes_, 0.0, largest_count},
                  {"iterate/rejections", nullptr, &rejections_, 0.0, largest_count}};
  return view;
}

}  // namespace admmnet
