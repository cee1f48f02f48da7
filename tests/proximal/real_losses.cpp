// Losses of real targets against brute force.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "proximal/real_loss.h"
#include "random_numbers.h"
#include "support/worst.h"

using namespace admmnet;
using admmnet::test::RandomNumbers;
using admmnet::test::Worst;

namespace {

struct Case {
  const RealLoss* loss;
  double parameter;
};
const std::vector<Case> cases{{&squared_error, 0.0}, {&absolute_error, 0.0}, {&huber_error, 0.3},
                              {&huber_error, 1.345}, {&pinball_error, 0.1},  {&pinball_error, 0.5},
                              {&tube_error, 0.0},    {&tube_error, 0.4}};

double objective(const Case& c, double r, double beta, double s) {
  return c.loss->value(s, c.parameter) + 0.5 * beta * (s - r) * (s - r);
}

/// Of a convex function, by golden sections of [low, high]: its least value.
template <class F>
double least(F&& f, double low, double high) {
  const double part = (std::sqrt(5.0) - 1.0) / 2.0;
  for (int i = 0; i < 100; ++i) {
    const double left = high - part * (high - low), right = low + part * (high - low);
    (f(left) < f(right) ? high : low) = f(left) < f(right) ? right : left;
  }
  return f(0.5 * (low + high));
}

}  // namespace

TEST_CASE("losses of real targets have their values") {
  CHECK(squared_error.value(-3.0, 0.0) == 4.5);
  CHECK(absolute_error.value(-3.0, 0.0) == 3.0);
  CHECK(huber_error.value(0.5, 1.0) == 0.125);
  CHECK(huber_error.value(-3.0, 1.0) == 2.5);
  CHECK(pinball_error.value(2.0, 0.25) == 1.5);
  CHECK(pinball_error.value(-2.0, 0.25) == 0.5);
  CHECK(tube_error.value(-0.25, 0.5) == 0.0);
  CHECK(tube_error.value(-2.0, 0.5) == 1.5);
}

TEST_CASE("minimisers of real losses are the least of what brute force finds") {
  RandomNumbers random(11);
  Worst excess, condition;
  for (const Case& c : cases)
    for (int i = 0; i < 4000; ++i) {
      const double r = random.uniform(-6.0, 6.0), beta = std::pow(10.0, random.uniform(-2.0, 1.5));
      const double s = c.loss->minimiser(r, c.parameter, beta);
      const double found = least([&](double t) { return objective(c, r, beta, t); },
                                 -std::abs(r) - 0.2, std::abs(r) + 0.2);
      // Golden sections find s to sqrt(eps), and the least value to some eps of itself.
      excess.add((objective(c, r, beta, s) - found) / (1.0 + found), "r", r, "beta", beta);
      // beta (r - s) in dl(s): rounding of s costs eps (1 + beta) (|r| + 1).
      const auto slopes = c.loss->subdifferential(s, c.parameter);
      const double pull = beta * (r - s), unit = (1.0 + beta) * (std::abs(r) + 1.0);
      // At the edge of the tube s is that edge to a rounding, and so is on one side of it.
      const auto edge = c.loss->subdifferential(s * (1.0 + 1e-15), c.parameter);
      const auto inside = c.loss->subdifferential(s * (1.0 - 1e-15), c.parameter);
      const double low = std::min({slopes.low, edge.low, inside.low});
      const double high = std::max({slopes.high, edge.high, inside.high});
      condition.add(std::max(low - pull, pull - high) / unit, "r", r, "beta", beta);
    }
  CHECK(excess <= 1e-14);
  CHECK(condition <= 8.0 * std::numeric_limits<double>::epsilon());
}

TEST_CASE("slopes of real losses are those of difference quotients, and NaN stays") {
  RandomNumbers random(12);
  Worst error;
  constexpr double h = 1e-6;  // exact on both sides of a kink; else h^2, and eps/h of rounding
  for (const Case& c : cases) {
    for (int i = 0; i < 1000; ++i) {
      const double r = random.uniform(-3.0, 3.0), p = c.parameter;
      const bool near_kink = std::abs(r) < 2 * h || std::abs(std::abs(r) - p) < 2 * h;
      if (near_kink) continue;
      const double quotient = (c.loss->value(r + h, p) - c.loss->value(r - h, p)) / (2.0 * h);
      error.add(std::abs(quotient - c.loss->slope(r, p)), "r", r);
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(std::isnan(c.loss->value(nan, c.parameter)));
    CHECK(std::isnan(c.loss->slope(nan, c.parameter)));
    CHECK(std::isnan(c.loss->minimiser(nan, c.parameter, 0.5)));
  }
  CHECK(error <= 1e-8);
}

TEST_CASE("parabolas of that curvature touch a real loss and lie above it") {
  RandomNumbers random(13);
  Worst below;
  for (const Case& c : cases)
    for (int i = 0; i < 4000; ++i) {
      const double r = random.uniform(-3.0, 3.0), s = random.uniform(-6.0, 6.0), p = c.parameter;
      if (std::min({std::abs(r), std::abs(r - p), std::abs(r + p)}) < 0.01) continue;
      const double above = c.loss->value(r, p) + c.loss->slope(r, p) * (s - r) +
                           0.5 * c.loss->curvature(r, p) * (s - r) * (s - r);
      below.add(c.loss->value(s, p) - above, "r", r, "s", s);
    }
  CHECK(below <= 1e-12);  // rounding of numbers up to some thousand, 1/0.01 times 9^2
  CHECK(absolute_error.curvature(0.5, 0.0) == 2.0);
  CHECK(absolute_error.curvature(0.0, 0.0) == 100.0);
}
