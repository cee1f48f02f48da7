// Weights of samples and classes in the objectives: against the objective without them.
//
// Tolerances: a weight is one product more, so what it multiplies agrees to a few roundings of
// numbers of size 10.
#include <algorithm>
#include <cmath>
#include <memory>

#include "linalg/grids.h"
#include "network/classification.h"
#include "network/forward.h"
#include "network/metrics.h"
#include "network/regression.h"
#include "support/mpi_check.h"
#include "support/worst.h"

namespace admmnet::test {
namespace {

constexpr Index kSamples = 41;
constexpr double kRounding = 1e-13;
const std::vector<double> kClassWeights{0.5, 2.0, 0.25};

/// An objective with weights, the same one without, and outputs of size 1.
struct Fixture {
  ProcessGrid grid{MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)};
  std::unique_ptr<const Objective> weighted, plain;
  OutputColumns columns;
  Targets targets, alike;

  explicit Fixture(Loss loss)
      : columns(grid, loss->takes_classes() && loss != Loss::squared ? 3 : 2, kSamples) {
    const bool classes = columns.outputs() == 3;
    if (classes) {
      const double smoothing = loss == Loss::softmax ? 0.1 : 0.0;
      weighted = std::make_unique<Classification>(loss, smoothing, kClassWeights);
      plain = std::make_unique<Classification>(loss, smoothing);
    } else {
      const TargetCoding coding{{"a", "b"}, {1.0, -2.0}, {0.5, 3.0}, {0.3, 0.3}};
      weighted = std::make_unique<Regression>(loss, coding);
      plain = std::make_unique<Regression>(loss, coding);
    }
    columns.matrix().set_cols(kSamples);
    alike.width = classes ? 0 : 2;
    for (Index j = 0; j < columns.count(); ++j) {
      const Index sample = grid.rank() * slab_width(kSamples, grid.size()) + j;
      alike.classes.push_back(sample % 11 == 10 ? kNoLabel : classes ? static_cast<int>(j % 3) : 0);
      for (Index i = 0; i < columns.outputs(); ++i)
        columns.column(j)[i] = 2.0 * entry(i, sample, 5);
      for (Index t = 0; t < alike.width; ++t) alike.reals.push_back(3.0 * entry(7 + t, sample, 6));
    }
    targets = alike;
    for (Index j = 0; j < columns.count(); ++j)
      targets.weights.push_back(0.4 * static_cast<double>(j % 5));  // 0 too
  }

  /// What column j should count in the loss.
  double weight(Index j) const {
    const double own = targets.weights[static_cast<std::size_t>(j)];
    const int label = targets.class_of(j);
    return targets.width > 0 || label < 0 ? own
                                          : own * kClassWeights[static_cast<std::size_t>(label)];
  }
  /// Collective.
  OutputColumns copy() const {
    OutputColumns result(grid, columns.outputs(), kSamples);
    result.matrix().set_cols(kSamples);
    restore(result);
    return result;
  }
  void restore(OutputColumns& copy) const {
    for (Index j = 0; j < copy.count(); ++j)
      std::copy_n(columns.column(j), copy.outputs(), copy.column(j));
  }
  /// The largest |a - factor(j) b| over columns with a target.
  template <class Factor>
  Worst difference(const OutputColumns& a, const OutputColumns& b, Factor&& factor) const {
    Worst worst;
    for (Index j = 0; j < a.count(); ++j)
      for (Index i = 0; targets.given(j) && i < a.outputs(); ++i)
        worst.add(std::abs(a.column(j)[i] - factor(j) * b.column(j)[i]), "column", j, "output", i);
    return worst;
  }
};

const Loss kLosses[] = {
    Loss::softmax,    Loss::hinge,         Loss::multiclass_hinge, Loss::squared,
    Loss(huber_loss), Loss(absolute_loss), Loss(pinball_loss),     Loss(epsilon_insensitive_loss)};

}  // namespace

TEST_CASE("a weight is a factor of loss, gradient and curvature") {
  for (const Loss loss : kLosses) {
    INFO(loss->name);
    const Fixture f(loss);
    const auto w = [&](Index j) { return f.weight(j); };
    Worst losses;
    double sum = 0.0;
    for (Index j = 0; j < f.columns.count(); ++j) {
      if (!f.targets.given(j)) continue;
      CHECK(f.weighted->weight(f.targets, j) == f.weight(j));
      const double own = f.plain->loss(f.columns, f.alike, j);
      losses.add(std::abs(f.weighted->loss(f.columns, f.targets, j) - w(j) * own), "column", j);
      sum += w(j) * own;
    }
    CHECK(losses <= kRounding);
    OutputColumns g = f.copy(), g_plain = f.copy();
    const double of_gradient = f.weighted->to_gradient(f.targets, g);
    f.plain->to_gradient(f.alike, g_plain);
    CHECK(f.difference(g, g_plain, w) <= kRounding);
    if (loss != Loss::softmax) CHECK(of_gradient == Approx(sum).epsilon(1e-12));  // not smoothed
    if (!f.weighted->has_curvature()) continue;
    OutputColumns v = f.copy(), v_plain = f.copy();
    f.weighted->apply_curvature(f.columns, f.targets, v);
    f.plain->apply_curvature(f.columns, f.alike, v_plain);
    CHECK(f.difference(v, v_plain, w) <= kRounding);
    // E v v^T = w H: the same random column times sqrt(w).
    const CounterRandom random(3, Stream::curvature, 1);
    f.weighted->draw_curvature(f.columns, f.targets, random, 0, v);
    f.plain->draw_curvature(f.columns, f.alike, random, 0, v_plain);
    CHECK(f.difference(v, v_plain, [&](Index j) { return std::sqrt(w(j)); }) <= kRounding);
  }
}

TEST_CASE("the sum that comes with a gradient is what the gradient belongs to, by weights") {
  constexpr double h = 1e-6;  // h^2, and eps/h of rounding
  Fixture f(Loss::softmax);
  OutputColumns slopes = f.copy();
  f.weighted->to_gradient(f.targets, slopes);
  Worst worst;
  OutputColumns moved = f.copy();
  for (Index j = 0; j < f.columns.count(); ++j) {
    double sum[2];
    for (const int side : {0, 1}) {
      f.restore(moved);
      moved.column(j)[1] += side == 0 ? -h : h;
      sum[side] = f.weighted->to_gradient(f.targets, moved);
    }
    worst.add(std::abs((sum[1] - sum[0]) / (2.0 * h) - slopes.column(j)[1]), "column", j);
  }
  REQUIRE_ALL(worst <= 1e-7);  // a sum of 40 losses of size 1
}

TEST_CASE("the minimiser by weights is that of the penalty over the weight, and v where it is 0") {
  for (const Loss loss : kLosses)
    for (const double beta : {0.07, 3.0}) {
      INFO(loss->name << ", beta " << beta);
      Fixture f(loss);
      for (std::vector<int>* classes : {&f.targets.classes, &f.alike.classes})
        for (int& label : *classes) label = std::max(label, 0);  // all samples to train on have one
      OutputColumns z = f.copy(), expected = f.copy();
      f.weighted->minimise(f.targets, beta, z);
      bool same = true, holds = true;
      for (Index j = 0; j < z.count(); ++j) {
        f.restore(expected);
        if (f.weight(j) > 0.0) f.plain->minimise(f.alike, beta / f.weight(j), expected);
        std::vector<double> s;
        for (Index i = 0; i < z.outputs(); ++i) {
          same = same && z.column(j)[i] == expected.column(j)[i];
          s.push_back(beta * (f.columns.column(j)[i] - z.column(j)[i]));
        }
        // beta (v - z) is rounded in units of beta eps, and a subgradient of w l.
        holds = holds && f.weighted->in_subdifferential(z, f.targets, j, s.data(), 1e-11);
        for (double& slope : s) slope += 10.0;  // beyond every slope here
        holds = holds && !f.weighted->in_subdifferential(z, f.targets, j, s.data(), 1e-6);
      }
      CHECK(same);
      CHECK(holds);
    }
}

TEST_CASE("scores count samples by their own weights, losses by those of their classes too") {
  for (const Loss loss : {Loss::softmax, Loss::squared}) {
    const Fixture f(loss);
    MetricSums sums;
    f.weighted->add(f.columns, f.targets, sums);
    std::vector<double> errors;
    f.weighted->add_errors(f.columns, f.targets, errors);
    double weights = 0.0, losses = 0.0, scores = 0.0;
    std::vector<double> by_hand(errors.size(), 0.0);
    for (Index j = 0; j < f.columns.count(); ++j) {
      if (!f.targets.given(j)) continue;
      Targets one = f.alike;  // alone: the others have no label
      for (Index k = 0; k < f.columns.count(); ++k)
        if (k != j) one.classes[static_cast<std::size_t>(k)] = kNoLabel;
      MetricSums alone;
      f.plain->add(f.columns, one, alone);
      std::vector<double> own;
      f.plain->add_errors(f.columns, one, own);
      const double w = f.targets.weights[static_cast<std::size_t>(j)];
      weights += w;
      losses += f.weight(j) * alone.loss;
      scores += w * alone.score;
      for (std::size_t i = 0; i < own.size(); ++i) by_hand[i] += w * own[i];
    }
    CHECK(sums.samples == Approx(weights).epsilon(1e-13));
    CHECK(sums.loss == Approx(losses).epsilon(1e-13));
    CHECK(sums.score == Approx(scores).epsilon(1e-13));
    REQUIRE(errors.size() == (loss == Loss::squared ? 8U : 0U));
    for (std::size_t i = 0; i < errors.size(); ++i)
      CHECK(errors[i] == Approx(by_hand[i]).epsilon(1e-12).margin(1e-12));
  }
}

}  // namespace admmnet::test
