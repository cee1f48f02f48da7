#include "methods/gradient_based/mini_batch.h"

#include <cmath>
#include <limits>

#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {

// The usual constants of each rule.
static constexpr double kAdagradLeast = 1e-10;
static constexpr double kAdadeltaMemory = 0.9, kAdadeltaLeast = 1e-6;
static constexpr double kAdamMean = 0.9, kAdamSquare = 0.999, kAdamLeast = 1e-8;

MiniBatchGradient::MiniBatchGradient(const Topology& topology, const MethodPlace& place,
                                     const GradientOptions& options, Index seed)
    : train_(place.train),
      options_(options),
      seed_(seed),
      network_(place.grid, topology, place.unit_block),
      gradient_(zeros_like(network_)),
      backpropagation_(network_, train_.widest),
      timers_(place.timers),
      gradient_phase_(place.timers.phase("gradient")),
      update_phase_(place.timers.phase("update")) {
  const GradientRule rule = options_.rule;
  if (rule != GradientRule::adagrad) first_.emplace(zeros_like(network_));
  if (rule != GradientRule::sgd) second_.emplace(zeros_like(network_));
}

void MiniBatchGradient::start(const Network& initial, bool) {
  network_.copy_weights_from(initial);
}

StepReport MiniBatchGradient::step(Index k) {
  const auto batches = static_cast<Index>(train_.panels.size());
  const Index batch = batches_done_ % batches;
  if (batch == 0) pass_ = {};
  const Shuffle order(batches, seed_, Stream::batches, static_cast<int>(k));
  const SamplePanel& panel = train_.panels[static_cast<std::size_t>(order(batch))];
  Evaluation seen;
  {
    const auto timing = timers_.time(gradient_phase_);
    seen = backpropagation_.run(network_, {&panel}, gradient_);
  }
  if (!std::isfinite(seen.f))
    throw NumericalBreakdown("NaN or infinity in the loss of a batch of iteration " +
                             std::to_string(k) + ": lower -gradient_rate");
  pass_ += seen.sums;
  ++batches_done_;
  {
    const auto timing = timers_.time(update_phase_);
    update();
  }
  StepReport report;
  report.done = batch + 1;
  report.of = batches;
  report.loss = pass_.means(network().objective().score()).loss;
  if (report.done < batches) return report;
  if (!network_.all_finite())
    throw NumericalBreakdown("NaN or infinity in the weights after iteration " + std::to_string(k) +
                             ": lower -gradient_rate");
  report.pass.emplace();
  report.pass->train = pass_.means(network().objective().score());
  report.pass->objective = report.pass->train.loss;
  return report;
}

void MiniBatchGradient::update() {
  switch (options_.rule) {
    case GradientRule::sgd:
      return update_sgd();
    case GradientRule::adagrad:
      return update_adagrad();
    case GradientRule::adadelta:
      return update_adadelta();
    default:
      return update_adam();
  }
}

void MiniBatchGradient::update_sgd() {
  // v := momentum v + g,  W := W - rate v
  const double rate = *options_.rate, momentum = options_.momentum;
  for_each_weight(
      [=](double& w, double& v, double g) {
        v = momentum * v + g;
        w -= rate * v;
      },
      network_, *first_, gradient_);
}

void MiniBatchGradient::update_adagrad() {
  // s := s + g^2,  W := W - rate g / (sqrt(s) + eps)
  const double rate = *options_.rate;
  for_each_weight(
      [=](double& w, double& s, double g) {
        s += g * g;
        w -= rate * g / (std::sqrt(s) + kAdagradLeast);
      },
      network_, *second_, gradient_);
}

void MiniBatchGradient::update_adadelta() {
  // s := rho s + (1 - rho) g^2,  d = g sqrt(u + eps) / sqrt(s + eps),
  // u := rho u + (1 - rho) d^2,  W := W - rate d
  const double rate = *options_.rate;
  for_each_weight(
      [=](double& w, double& u, double& s, double g) {
        s = kAdadeltaMemory * s + (1.0 - kAdadeltaMemory) * g * g;
        const double d = g * std::sqrt((u + kAdadeltaLeast) / (s + kAdadeltaLeast));
        u = kAdadeltaMemory * u + (1.0 - kAdadeltaMemory) * d * d;
        w -= rate * d;
      },
      network_, *first_, *second_, gradient_);
}

void MiniBatchGradient::update_adam() {
  // m := b1 m + (1 - b1) g,  s := b2 s + (1 - b2) g^2,
  // W := W - rate m/(1 - b1^t) / (sqrt(s/(1 - b2^t)) + eps)
  const auto t = static_cast<double>(batches_done_);
  const double rate = *options_.rate / (1.0 - std::pow(kAdamMean, t));
  const double scale = 1.0 / (1.0 - std::pow(kAdamSquare, t));
  for_each_weight(
      [=](double& w, double& m, double& s, double g) {
        m = kAdamMean * m + (1.0 - kAdamMean) * g;
        s = kAdamSquare * s + (1.0 - kAdamSquare) * g * g;
        w -= rate * m / (std::sqrt(scale * s) + kAdamLeast);
      },
      network_, *first_, *second_, gradient_);
}

StateView MiniBatchGradient::state() {
  constexpr double kLargest = std::numeric_limits<double>::max();
  StateView view;
  network_.append_state("iterate/", view);
  if (first_) first_->append_state("iterate/first/", view);
  if (second_) second_->append_state("iterate/second/", view);
  view.scalars = {{"iterate/batches_done", nullptr, &batches_done_, 0.0, largest_count},
                  {"iterate/pass_loss", &pass_.loss, nullptr, 0.0, kLargest},
                  {"iterate/pass_score", &pass_.score, nullptr, 0.0, kLargest},
                  {"iterate/pass_samples", &pass_.samples, nullptr, 0.0, kLargest}};
  return view;
}

}  // namespace admmnet
