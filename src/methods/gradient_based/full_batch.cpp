#include "methods/gradient_based/full_batch.h"

#include <algorithm>
#include <cmath>

#include "runtime/error.h"

namespace admmnet {

// Of the slope at the end of a step: the usual values for directions that are scaled well, and for
// those that should be conjugate.
static constexpr double kLooseCurvature = 0.9, kTightCurvature = 0.1;
static constexpr double kLeastCosine = 1e-8;  // of s and y, to be kept as a pair

FullBatchGradient::FullBatchGradient(const Topology& topology, const MethodPlace& place,
                                     const GradientOptions& options)
    : train_(place.train),
      options_(options),
      network_(place.grid, topology, place.unit_block),
      gradient_(zeros_like(network_)),
      direction_(zeros_like(network_)),
      there_(zeros_like(network_)),
      gradient_there_(zeros_like(network_)),
      backpropagation_(network_, train_.widest),
      timers_(place.timers),
      gradient_phase_(place.timers.phase("gradient")),
      direction_phase_(place.timers.phase("direction")) {
  for (const SamplePanel& panel : train_.panels) panels_.push_back(&panel);
  for (Index i = 0; options_.rule == GradientRule::lbfgs && i < options_.memory; ++i) {
    steps_.push_back(zeros_like(network_));
    changes_.push_back(zeros_like(network_));
  }
}

void FullBatchGradient::start(const Network& initial, bool) {
  network_.copy_weights_from(initial);
  const auto timing = timers_.time(gradient_phase_);
  f_ = backpropagation_.run(network_, panels_, gradient_).f;
}

LinePoint FullBatchGradient::trial(double t) {
  const auto timing = timers_.time(gradient_phase_);
  for_each_weight([t](double& there, double here, double d) { there = here + t * d; }, there_,
                  network_, direction_);
  seen_ = backpropagation_.run(there_, panels_, gradient_there_);
  return {t, seen_.f, inner_product(gradient_there_, direction_)};
}

void FullBatchGradient::set_steepest() {
  for_each_weight([](double& d, double g) { d = -g; }, direction_, gradient_);
}

/// d := -g + max(0, <g, g - g'>/|g'|^2) d, of Polak and Ribiere; g' the gradient before
void FullBatchGradient::set_conjugate() {
  const double square = inner_product(gradient_, gradient_);
  const double beta = std::max(0.0, (square - mixed_) / old_square_);
  for_each_weight([beta](double& d, double g) { d = beta * d - g; }, direction_, gradient_);
}

/// d := -H g, H = the inverse BFGS matrix of the pairs (s, y), from gamma I on, in two loops
void FullBatchGradient::set_quasi_newton() {
  const Index oldest = std::max<Index>(0, pairs_ - options_.memory), newest = pairs_ - 1;
  std::vector<double> alpha(static_cast<std::size_t>(pairs_ - oldest));
  Network& r = direction_;
  r.copy_weights_from(gradient_);
  for (Index i = newest; i >= oldest; --i) {
    // alpha_i = <s_i, r> / <s_i, y_i>,  r := r - alpha_i y_i
    const double a = inner_product(s(i), r) / inner_product(s(i), y(i));
    for_each_weight([a](double& ri, double yi) { ri -= a * yi; }, r, y(i));
    alpha[static_cast<std::size_t>(i - oldest)] = a;
  }
  // gamma = <s, y> / <y, y> of the newest
  const double gamma = inner_product(s(newest), y(newest)) / inner_product(y(newest), y(newest));
  for_each_weight([gamma](double& ri) { ri *= -gamma; }, r);
  for (Index i = oldest; i <= newest; ++i) {
    // -r: r := r + (alpha_i - <y_i, r> / <s_i, y_i>) s_i
    const double b = -alpha[static_cast<std::size_t>(i - oldest)] -
                     inner_product(y(i), r) / inner_product(s(i), y(i));
    for_each_weight([b](double& ri, double si) { ri += b * si; }, r, s(i));
  }
}

/// s = t d, y = g - g', where they have a curvature to tell of
void FullBatchGradient::keep_pair(double t) {
  for_each_weight(
      [t](double& si, double& yi, double d, double g, double old) {
        si = t * d;
        yi = g - old;
      },
      s(pairs_), y(pairs_), direction_, gradient_there_, gradient_);
  const double curvature = inner_product(s(pairs_), y(pairs_)),
               size = inner_product(s(pairs_), s(pairs_)) * inner_product(y(pairs_), y(pairs_));
  // Else the oldest pair is gone, too: it lay there.
  pairs_ = curvature > kLeastCosine * std::sqrt(size) ? pairs_ + 1 : 0;
}

void FullBatchGradient::set_direction(LinePoint& here) {
  const auto timing = timers_.time(direction_phase_);
  const GradientRule rule = options_.rule;
  if (rule == GradientRule::lbfgs && pairs_ > 0)
    set_quasi_newton();
  else if (rule == GradientRule::conjugate_gradient && old_square_ > 0.0)
    set_conjugate();
  else
    set_steepest();
  here.slope = inner_product(gradient_, direction_);
  if (!(here.slope < 0.0)) {  // no direction of descent: begin anew
    set_steepest();
    here.slope = -inner_product(gradient_, gradient_);
    pairs_ = 0;
    old_square_ = 0.0;
  }
}

LinePoint FullBatchGradient::go(const LinePoint& here) {
  // The first t: of Newton's method 1, else as long a step to first order as the one before.
  double first = pairs_ > 0 ? 1.0 : 1.0 / std::sqrt(-here.slope);
  if (options_.rule != GradientRule::lbfgs && length_ > 0.0) first = length_ * slope_ / here.slope;
  if (options_.rate) first = *options_.rate;
  if (options_.rate || network_.grid().ledger() != nullptr) return trial(first);
  const bool tight = options_.rule == GradientRule::conjugate_gradient;
  return search_line(here, first, tight ? kTightCurvature : kLooseCurvature,
                     [this](double t) { return trial(t); });
}

StepReport FullBatchGradient::step(Index k) {
  StepReport report;
  LinePoint here{0.0, f_, 0.0};
  set_direction(here);
  const LinePoint there = go(here);
  if (!std::isfinite(there.f) || !there_.all_finite())
    throw NumericalBreakdown("NaN or infinity in the weights or the loss of iteration " +
                             std::to_string(k) +
                             (options_.rate ? ": lower -gradient_rate" : ": check -data_scaling"));
  if (there.t > 0.0) {
    mixed_ = inner_product(gradient_there_, gradient_);
    old_square_ = inner_product(gradient_, gradient_);
    if (options_.rule == GradientRule::lbfgs) keep_pair(there.t);
    length_ = there.t;
    slope_ = here.slope;
  } else {  // Wolfe's conditions hold nowhere near: at a kink, or to rounding at a minimum
    report.notes.push_back("iteration " + std::to_string(k) +
                           ": no step along the direction lowers the loss; begins anew with the "
                           "gradient");
    pairs_ = 0;
    old_square_ = length_ = 0.0;
  }
  network_.copy_weights_from(there_);
  gradient_.copy_weights_from(gradient_there_);
  f_ = there.f;
  report.pass.emplace();
  report.pass->objective = f_;
  report.pass->train = seen_.sums.means(network().objective().score());
  return report;
}

StateView FullBatchGradient::state() {
  StateView view;
  network_.append_state("iterate/", view);
  gradient_.append_state("iterate/gradient/", view);
  if (options_.rule == GradientRule::conjugate_gradient)
    direction_.append_state("iterate/direction/", view);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const std::string pair = "iterate/pair_" + std::to_string(i) + "/";
    steps_[i].append_state(pair + "step/", view);
    changes_[i].append_state(pair + "change/", view);
  }
  view.scalars = {{"iterate/f", &f_, nullptr},
                  {"iterate/slope", &slope_, nullptr},
                  {"iterate/length", &length_, nullptr, 0.0, kLargest},
                  {"iterate/mixed", &mixed_, nullptr},
                  {"iterate/old_square", &old_square_, nullptr, 0.0, kLargest},
                  {"iterate/pairs", nullptr, &pairs_, 0.0, largest_count}};
  return view;
}

}  // namespace admmnet
