// Real targets as an objective: against formulas by hand, difference quotients and brute force.
#include "network/regression.h"

#include <cmath>

#include "linalg/grids.h"
#include "network/forward.h"
#include "network/prediction.h"
#include "support/mpi_check.h"
#include "support/worst.h"

namespace admmnet::test {
namespace {

constexpr Index kSamples = 37;

struct Case {
  Loss loss;
  std::vector<double> parameters;  // of two targets
};
const std::vector<Case> cases{{Loss(squared_loss), {0.0, 0.0}},
                              {Loss(absolute_loss), {0.0, 0.0}},
                              {Loss(huber_loss), {0.4, 1.0}},
                              {Loss(pinball_loss), {0.1, 0.5, 0.9, 0.1, 0.5, 0.9}},
                              {Loss(epsilon_insensitive_loss), {0.2, 0.1}}};

TargetCoding coding_of(const Case& c) {
  return {{"force", "heat, inside"}, {3.0, -200.0}, {0.5, 40.0}, c.parameters};
}

/// Output columns with numbers of size 1, and targets in their units; every seventh has none.
struct Fixture {
  ProcessGrid grid{MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)};
  TargetCoding coding;
  OutputColumns columns;
  Targets targets;

  explicit Fixture(const Case& c)
      : coding(coding_of(c)), columns(grid, static_cast<Index>(c.parameters.size()), kSamples) {
    columns.matrix().set_cols(kSamples);
    const Index slab = slab_width(kSamples, grid.size());
    targets.width = 2;
    for (Index j = 0; j < columns.count(); ++j) {
      const Index sample = grid.rank() * slab + j;
      targets.classes.push_back(sample % 7 == 6 ? kNoLabel : 0);
      for (Index i = 0; i < columns.outputs(); ++i) columns.column(j)[i] = entry(i, sample, 5);
      // Of other rows than the outputs: entry(0, sample, .) is the same for all.
      targets.reals.push_back(3.0 + 0.5 * entry(7, sample, 6));
      targets.reals.push_back(-200.0 + 40.0 * entry(8, sample, 6));
    }
  }
  OutputColumns copy() const {
    OutputColumns result(grid, columns.outputs(), kSamples);
    result.matrix().set_cols(kSamples);
    result.matrix().copy_from(const_cast<OutputColumns&>(columns).matrix());
    return result;
  }
  double goal(Index j, Index i) const {
    const auto t = static_cast<std::size_t>(i / coding.outputs_of_target());
    return (targets.reals_of(j)[t] - coding.centre[t]) / coding.scale[t];
  }
};

}  // namespace

TEST_CASE("the loss of real targets is that of the coded ones, and its gradient the quotient") {
  constexpr double h = 1e-6;  // exact off the kinks; else h^2, and eps/h of rounding
  for (const Case& c : cases) {
    Fixture f(c);
    const Regression objective(c.loss, f.coding);
    Worst loss, gradient;
    double sum = 0.0;
    OutputColumns slopes = f.copy();
    const double of_gradient = objective.to_gradient(f.targets, slopes);
    for (Index j = 0; j < f.columns.count(); ++j) {
      if (!f.targets.given(j)) {
        gradient.add(std::abs(slopes.column(j)[0]), "without a target", j);
        continue;
      }
      double expected = 0.0;
      for (Index i = 0; i < f.columns.outputs(); ++i)
        expected += c.loss->reals->value(f.columns.column(j)[i] - f.goal(j, i),
                                         c.parameters[static_cast<std::size_t>(i)]);
      sum += expected;
      loss.add(std::abs(objective.loss(f.columns, f.targets, j) - expected), j);
      for (Index i = 0; i < f.columns.outputs(); ++i) {
        double& z = f.columns.column(j)[i];
        const double kept = z;
        z = kept + h;
        const double right = objective.loss(f.columns, f.targets, j);
        z = kept - h;
        const double left = objective.loss(f.columns, f.targets, j);
        z = kept;
        gradient.add(std::abs((right - left) / (2.0 * h) - slopes.column(j)[i]), j, i);
      }
    }
    INFO(c.loss->name);
    CHECK(loss <= 1e-13);
    CHECK(gradient <= 1e-8);
    CHECK(of_gradient == Approx(sum).epsilon(1e-13));
  }
}

TEST_CASE("the minimiser of real targets leaves a subgradient behind") {
  for (const Case& c : cases)
    for (const double beta : {0.05, 1.0, 20.0}) {
      Fixture f(c);
      const Regression objective(c.loss, f.coding);
      OutputColumns z = f.copy();
      objective.minimise(f.targets, beta, z);
      bool holds = true, refuses = true;
      for (Index j = 0; j < z.count(); ++j) {
        if (!f.targets.given(j)) continue;
        std::vector<double> s, wrong;
        for (Index i = 0; i < z.outputs(); ++i) {
          s.push_back(beta * (f.columns.column(j)[i] - z.column(j)[i]));
          wrong.push_back(s.back() + 2.5);  // beyond every slope of these losses
        }
        // beta (v - z) is rounded in units of beta eps.
        holds =
            holds && objective.in_subdifferential(z, f.targets, j, s.data(), 1e-12 * (1 + beta));
        refuses = refuses && !objective.in_subdifferential(z, f.targets, j, wrong.data(), 1e-6);
      }
      INFO(c.loss->name << ", beta " << beta);
      CHECK(holds);
      CHECK(refuses);
    }
}

TEST_CASE("scores of real targets are root mean squares and R^2 in their units") {
  for (const Case& c : cases) {
    Fixture f(c);
    const Regression objective(c.loss, f.coding);
    const Index outputs = f.coding.outputs_of_target(), central = outputs / 2;
    double samples = 0.0, squares[2] = {}, sum[2] = {}, sum_of_squares[2] = {};
    for (Index j = 0; j < f.columns.count(); ++j) {
      if (!f.targets.given(j)) continue;
      samples += 1.0;
      for (Index t = 0; t < 2; ++t) {
        const double y = f.targets.reals_of(j)[t];
        const auto of = static_cast<std::size_t>(t);
        const double predicted =
            f.coding.centre[of] + f.coding.scale[of] * f.columns.column(j)[t * outputs + central];
        squares[t] += (y - predicted) * (y - predicted);
        sum[t] += y;
        sum_of_squares[t] += y * y;
      }
    }
    double all[7] = {samples, squares[0],        squares[1],       sum[0],
                     sum[1],  sum_of_squares[0], sum_of_squares[1]};
    f.grid.sum(all, 7);
    MetricSums sums;
    objective.add(f.columns, f.targets, sums);
    const Metrics metrics = sums.over_ranks(f.grid).means(objective.score());
    CHECK(metrics.samples == static_cast<Index>(all[0]));
    CHECK(metrics.score == Approx(std::sqrt((all[1] + all[2]) / 2.0 / all[0])).epsilon(1e-12));
    std::vector<double> errors;
    objective.add_errors(f.columns, f.targets, errors);
    f.grid.sum(errors.data(), static_cast<Index>(errors.size()));
    for (std::size_t t = 0; t < 2; ++t) {
      const double n = errors[4 * t], mean = all[3 + t] / all[0];
      const double spread = errors[4 * t + 3] - errors[4 * t + 2] * errors[4 * t + 2] / n;
      CHECK(errors[4 * t + 1] == Approx(all[1 + t]).epsilon(1e-12));
      // Squares of numbers around -200 cancel to a thousandth of them.
      CHECK(spread == Approx(all[5 + t] - all[0] * mean * mean).epsilon(1e-9));
    }
  }
}

TEST_CASE("predictions of real targets have a column an output, in units", "[ranks:1]") {
  const Case& quantiles = cases[3];
  Fixture f(quantiles);
  const Regression objective(quantiles.loss, f.coding);
  OutputColumns columns = f.copy();
  objective.to_predictions(columns);
  CHECK(columns.column(2)[0] == 3.0 + 0.5 * f.columns.column(2)[0]);
  CHECK(columns.column(2)[5] == -200.0 + 40.0 * f.columns.column(2)[5]);
  Prediction prediction;
  prediction.values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.5};
  CHECK(objective.as_csv(prediction, {}, {0, kNotSelected, kNoLabel}, false) ==
        "sample,predicted_force_q0.1,predicted_force_q0.5,predicted_force_q0.9,"
        "\"predicted_heat, inside_q0.1\",\"predicted_heat, inside_q0.5\","
        "\"predicted_heat, inside_q0.9\"\n"
        "0,1,2,3,4,5,6\n2,7,8,9,10,11,12.5\n");
}

}  // namespace admmnet::test
