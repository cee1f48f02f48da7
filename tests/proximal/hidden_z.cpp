#include "proximal/hidden_z.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "proximal/activation_functions.h"
#include "random_numbers.h"
#include "runtime/error.h"
#include "support/worst.h"

using namespace admmnet;
using admmnet::test::RandomNumbers;
using admmnet::test::Worst;

namespace {

const std::vector<Activation> activations{{ActivationKind::relu},
                                          {ActivationKind::leaky_relu, 0.01},
                                          {ActivationKind::leaky_relu, 0.3},
                                          {ActivationKind::hard_sigmoid},
                                          {ActivationKind::hard_tanh},
                                          {ActivationKind::tanh},
                                          {ActivationKind::sigmoid},
                                          {ActivationKind::softplus}};
/// Rounding of an objective, about 10 operations, relative to 1 plus itself.
constexpr double kRounding = 1e-14;
const std::vector<double> ratios{1e-3, 1e-2, 0.1, 1.0 / 3.0, 1.0, 10.0, 1e3};  // beta/gamma

struct Pair {
  double a, m;
};

/// Every pair of values on, at and between the kinks, then random ones.
std::vector<Pair> pairs(int random_count) {
  const std::vector<double> special{-3.0, -2.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 2.0, 3.0};
  std::vector<Pair> result;
  for (const double a : special)
    for (const double m : special) result.push_back({a, m});
  RandomNumbers random(11);
  for (int i = 0; i < random_count; ++i)
    result.push_back({random.uniform(-4.0, 4.0), random.uniform(-4.0, 4.0)});
  return result;
}

double objective(const Activation& h, Pair p, double gamma, double beta, double z) {
  return 0.5 * gamma * std::pow(p.a - activate(h, z), 2) + 0.5 * beta * std::pow(z - p.m, 2);
}

/// The smallest objective on a grid of step 1/64 over [-8, 8], which holds every kink.
double smallest_on_grid(const Activation& h, Pair p, double gamma, double beta) {
  double smallest = std::numeric_limits<double>::infinity();
  for (int i = -512; i <= 512; ++i)
    smallest = std::min(smallest, objective(h, p, gamma, beta, i / 64.0));
  return smallest;
}

/// The two minima cost the same at m = -kappa a, which decides without the objectives.
double relu_decision(Pair p, double gamma, double beta) {
  const double kappa = std::sqrt(1.0 + gamma / beta) - 1.0;
  const double t = (gamma * p.a + beta * p.m) / (gamma + beta);
  if (p.m >= 0.0) return std::max(t, 0.0);
  return p.a > 0.0 && p.m >= -kappa * p.a ? t : p.m;
}

}  // namespace

TEST_CASE("hidden z is never worse than a grid or than a point nearby") {
  for (const Activation& h : activations)
    for (const double ratio : ratios) {
      Worst worst;
      for (const Pair p : pairs(150)) {
        const double beta = ratio, gamma = 1.0;
        const double z = minimise_hidden_z(h, p.a, p.m, gamma, beta);
        const double reached = objective(h, p, gamma, beta, z);
        double wanted = smallest_on_grid(h, p, gamma, beta);
        for (const double shift : {1e-2, 1e-4, 1e-6})
          for (const double side : {-shift, shift})
            wanted = std::min(wanted, objective(h, p, gamma, beta, z + side));
        worst.add((reached - wanted) / (1.0 + wanted), "a", p.a, "m", p.m);
      }
      INFO("kind " << h.kind->name << " slope " << h.slope << " ratio " << ratio);
      CHECK(worst <= kRounding);
    }
}

TEST_CASE("hidden z is exact where the answer is known") {
  const Activation relu{ActivationKind::relu}, sigmoid{ActivationKind::hard_sigmoid};
  const Activation hard_tanh{ActivationKind::hard_tanh};
  CHECK(minimise_hidden_z(relu, 2.0, 1.0, 3.0, 1.0) == 1.75);
  CHECK(minimise_hidden_z(relu, -2.0, 1.0, 3.0, 1.0) == 0.0);   // clipped at the kink
  CHECK(minimise_hidden_z(relu, 1.0, -4.0, 3.0, 1.0) == -4.0);  // stays inactive
  CHECK(minimise_hidden_z(relu, 1.0, -0.5, 3.0, 1.0) == 0.625);
  CHECK(minimise_hidden_z(hard_tanh, 1.0, 5.0, 1.0, 1.0) == 5.0);
  CHECK(minimise_hidden_z(hard_tanh, -1.0, -5.0, 1.0, 1.0) == -5.0);
  CHECK(minimise_hidden_z(hard_tanh, 3.0, 0.5, 3.0, 1.0) == 1.0);  // clipped at the kink
  CHECK(minimise_hidden_z(sigmoid, 0.25, 0.75, 1.0, 1.0) == 0.5);
  CHECK(minimise_hidden_z(sigmoid, 1.0, 7.0, 1.0, 1.0) == 7.0);
  CHECK(minimise_hidden_z(sigmoid, 0.0, -7.0, 1.0, 1.0) == -7.0);
}

TEST_CASE("a tie between the pieces goes to the steepest") {
  // gamma = 3 beta, m = -a: kappa = 1, and both minima cost 3/2 exactly.
  const Activation relu{ActivationKind::relu};
  CHECK(objective(relu, {1.0, -1.0}, 3.0, 1.0, 0.5) ==
        objective(relu, {1.0, -1.0}, 3.0, 1.0, -1.0));
  CHECK(minimise_hidden_z(relu, 1.0, -1.0, 3.0, 1.0) == 0.5);
  CHECK(minimise_hidden_z({ActivationKind::hard_sigmoid}, 0.5, -0.5, 3.0, 1.0) == 0.25);
}

TEST_CASE("the closed decision for relu gives the same z") {
  const Activation relu{ActivationKind::relu};
  Worst worst;
  int different = 0;
  for (const double ratio : ratios)
    for (const Pair p : pairs(20000)) {
      const double z = minimise_hidden_z(relu, p.a, p.m, 1.0, ratio);
      const double closed = relu_decision(p, 1.0, ratio);
      // At a tie rounding may choose the other minimum: then the objectives agree instead.
      if (!(std::abs(z - closed) <= 1e-13)) ++different;
      const double f = objective(relu, p, 1.0, ratio, z);
      worst.add(std::abs(f - objective(relu, p, 1.0, ratio, closed)) / (1.0 + f), "a", p.a, "m",
                p.m, "ratio", ratio);
    }
  CHECK(worst <= kRounding);
  // Of the special pairs six have m = -a, a tie at ratio 1/3; random ones practically never tie.
  CHECK(different <= 6);
}

TEST_CASE("the array form of hidden z is the scalar one, over a and over m too") {
  RandomNumbers random(5);
  const std::size_t n = 1003;
  const std::vector<double> a = random.vector(n, -3, 3), m = random.vector(n, -3, 3);
  for (const Activation& h : activations) {
    std::vector<double> z(n), over_a = a, over_m = m;
    minimise_hidden_z(h, n, a.data(), m.data(), 2.0, 0.7, z.data());
    minimise_hidden_z(h, n, over_a.data(), m.data(), 2.0, 0.7, over_a.data());
    minimise_hidden_z(h, n, a.data(), over_m.data(), 2.0, 0.7, over_m.data());
    Worst worst;
    for (std::size_t i = 0; i < n; ++i)
      worst.add(std::abs(z[i] - minimise_hidden_z(h, a[i], m[i], 2.0, 0.7)), "a", a[i], "m", m[i]);
    // The compiler may fuse multiply and add in one form only: some eps of values below 4.
    CHECK(worst <= 1e-14);
    CHECK(over_a == z);
    CHECK(over_m == z);
  }
}

TEST_CASE("only the ratio of the penalties matters") {
  for (const Activation& h : activations)
    for (const Pair p : pairs(50)) {
      const double z = minimise_hidden_z(h, p.a, p.m, 1.5, 0.25);
      CHECK(minimise_hidden_z(h, p.a, p.m, 1.5 * 0x1p60, 0.25 * 0x1p60) == z);
      CHECK(minimise_hidden_z(h, p.a, p.m, 1.5 * 0x1p-60, 0.25 * 0x1p-60) == z);
    }
}

TEST_CASE("the residual form steps to the minimiser around m = z") {
  for (const Activation& h : activations)
    for (const double ratio : ratios) {
      std::vector<double> z, delta;
      for (const Pair p : pairs(2000)) {
        z.push_back(p.m);
        delta.push_back(p.a);
      }
      std::vector<double> step = delta;
      hidden_z_step(h, z.size(), z.data(), ratio, step.data());
      Worst worst;
      int different = 0;
      for (std::size_t i = 0; i < z.size(); ++i) {
        const Pair p{activate(h, z[i]) + delta[i], z[i]};
        const double wanted = minimise_hidden_z(h, p.a, p.m, 1.0, ratio);
        if (!(std::abs(z[i] + step[i] - wanted) <= 1e-13)) ++different;
        const double f = objective(h, p, 1.0, ratio, wanted);
        const double reached = objective(h, p, 1.0, ratio, z[i] + step[i]);
        worst.add(std::abs(reached - f) / (1.0 + f), "a", p.a, "m", p.m);
      }
      INFO("kind " << h.kind->name << " slope " << h.slope << " ratio " << ratio);
      CHECK(worst <= kRounding);
      CHECK(different <= 6);  // the ties of relu at ratio 1/3, as above
    }
}

TEST_CASE("the residual form of relu has the printed cases") {
  // ratio 1/3: c = 3/4, r = 1 up to rounding.
  const double ratio = 1.0 / 3.0;
  const std::vector<double> z{2.0, 2.0, 0.0, 0.0, -1.0, -1.0, -1.0};
  std::vector<double> d{0.5, -4.0, 1.0, -1.0, 1.5, 0.5, -2.0};
  const std::vector<double> expected{0.375, -2.0, 0.75, 0.0, 1.875, 0.0, 0.0};
  hidden_z_step({ActivationKind::relu}, z.size(), z.data(), ratio, d.data());
  for (std::size_t i = 0; i < z.size(); ++i) CHECK(d[i] == Approx(expected[i]).margin(1e-15));
}

TEST_CASE("hidden z: NaN in, NaN out; no value is invented") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Activation& h : activations) {
    for (const double x : {-2.0, -0.5, 0.0, 0.5, 2.0}) {
      CHECK(std::isnan(minimise_hidden_z(h, nan, x, 1.0, 0.5)));
      CHECK(std::isnan(minimise_hidden_z(h, x, nan, 1.0, 0.5)));
      std::vector<double> a(5, nan), m(5, x), z(5, x), delta(5, nan);
      minimise_hidden_z(h, 5, a.data(), m.data(), 1.0, 0.5, a.data());
      hidden_z_step(h, 5, z.data(), 0.5, delta.data());
      std::vector<double> from_nan(5, x), nan_z(5, nan);
      hidden_z_step(h, 5, nan_z.data(), 0.5, from_nan.data());
      for (int i = 0; i < 5; ++i) {
        CHECK(std::isnan(a[i]));
        CHECK(std::isnan(delta[i]));
        CHECK(std::isnan(from_nan[i]));
      }
    }
  }
}

TEST_CASE("the smooth activations: no z of a fine grid is better, near and far out") {
  const Activation tanh{ActivationKind::tanh}, sigmoid{ActivationKind::sigmoid},
      softplus{ActivationKind::softplus};
  RandomNumbers random(3);
  for (const Activation& h : {tanh, sigmoid, softplus})
    for (const double ratio : {1e-4, 1e-3, 1e-2, 0.05, 0.3, 3.0}) {
      Worst worst;
      for (int i = 0; i < 100; ++i) {
        const Pair p{random.uniform(-2.5, 2.5), random.uniform(-12.0, 12.0)};
        const double reached =
            objective(h, p, 1.0, ratio, minimise_hidden_z(h, p.a, p.m, 1.0, ratio));
        double wanted = reached;
        for (int g = -1600; g <= 1600; ++g)
          wanted = std::min(wanted, objective(h, p, 1.0, ratio, g / 128.0));
        worst.add((reached - wanted) / (1.0 + wanted), "a", p.a, "m", p.m);
      }
      INFO("kind " << h.kind->name << " ratio " << ratio);
      CHECK(worst <= kRounding);
    }
}

TEST_CASE("the smooth activations stop at a zero of the derivative, to rounding") {
  // f'/2 = beta (z - m) - gamma (a - h) h' has terms of some 4 roundings of 1 + beta (|z| + |m|).
  RandomNumbers random(8);
  for (const double ratio : {1e-3, 0.1, 1.0 / 3.0, 1.0, 10.0}) {
    Worst worst;
    for (int i = 0; i < 10000; ++i) {
      const double a = random.uniform(-1.8, 1.8), m = random.uniform(-6.0, 6.0);
      const double z = minimise_hidden_z({ActivationKind::tanh}, a, m, 1.0, ratio);
      const double t = std::tanh(z);
      const double derivative = ratio * (z - m) - (a - t) * (1.0 - t * t);
      worst.add(std::abs(derivative) / (1.0 + ratio * (std::abs(z) + std::abs(m))), "a", a, "m", m);
    }
    INFO("ratio " << ratio);
    CHECK(worst <= kRounding);
    Worst softplus;
    for (int i = 0; i < 10000; ++i) {
      const double a = random.uniform(-3.0, 9.0), m = random.uniform(-20.0, 9.0);
      const double z = minimise_hidden_z({ActivationKind::softplus}, a, m, 1.0, ratio);
      const double slope = 1.0 / (1.0 + std::exp(-z)), h = std::log(1.0 + std::exp(z));
      const double derivative = ratio * (z - m) - (a - h) * slope;
      softplus.add(std::abs(derivative) / (1.0 + ratio * (std::abs(z) + std::abs(m))), "a", a, "m",
                   m);
    }
    CHECK(softplus <= kRounding);
  }
}

TEST_CASE("the smooth activations have the minimum that costs less, of two") {
  // tanh from m = -6: the line rho (z - m) cuts (a - t)(1 - t^2) three times, and whether z leaves
  // the flat part is a question of rho.
  const Activation tanh{ActivationKind::tanh};
  const double stays = minimise_hidden_z(tanh, 0.9, -6.0, 1.0, 0.2);
  const double leaves = minimise_hidden_z(tanh, 0.9, -6.0, 1.0, 0.01);
  CHECK(stays == Approx(-6.0).margin(1e-3));
  CHECK(leaves > 0.5);
  CHECK(minimise_hidden_z(tanh, -0.9, 6.0, 1.0, 0.01) == -leaves);
  CHECK(minimise_hidden_z(tanh, std::tanh(0.3), 0.3, 1.0, 0.1) == Approx(0.3).epsilon(1e-14));
}

TEST_CASE("an activation without a hidden z step says so") {
  double x = 1.0;
  CHECK_THROWS_AS(minimise_hidden_z({ActivationKind::cos}, 1.0, 1.0, 1.0, 1.0), InternalError);
  CHECK_THROWS_AS(hidden_z_step({ActivationKind::cos}, 1, &x, 1.0, &x), InternalError);
}

TEST_CASE("hidden z refuses penalties that are not positive") {
  const Activation relu{ActivationKind::relu};
  double x = 1.0;
  const double z = 1.0;
  CHECK_THROWS_AS(minimise_hidden_z(relu, 1.0, 1.0, 0.0, 1.0), InternalError);
  CHECK_THROWS_AS(minimise_hidden_z(relu, 1.0, 1.0, 1.0, 0.0), InternalError);
  CHECK_THROWS_AS(minimise_hidden_z(relu, 1, &x, &z, -1.0, 2.0, &x), InternalError);
  CHECK_THROWS_AS(minimise_hidden_z(relu, 1.0, 1.0, std::nan(""), 1.0), InternalError);
  CHECK_THROWS_AS(hidden_z_step(relu, 1, &z, 0.0, &x), InternalError);
  CHECK_THROWS_AS(hidden_z_step(relu, 1, &z, std::nan(""), &x), InternalError);
  CHECK(x == 1.0);
}
