#include "proximal/activation_functions.h"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "runtime/error.h"

using namespace admmnet;

namespace {

const Activation relu{ActivationKind::relu};
const Activation leaky{ActivationKind::leaky_relu, 0.25};
const Activation sigmoid{ActivationKind::hard_sigmoid};
const Activation tanh_like{ActivationKind::hard_tanh};
const Activation smooth[] = {{ActivationKind::tanh},
                             {ActivationKind::sigmoid},
                             {ActivationKind::softplus},
                             {ActivationKind::cos}};
const Activation all[] = {relu,      leaky,     sigmoid,   tanh_like,
                          smooth[0], smooth[1], smooth[2], smooth[3]};

}  // namespace

TEST_CASE("activations have their values on, at and between the kinks") {
  const std::vector<double> z{-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0};
  const std::vector<double> expected_relu{0, 0, 0, 0, 0.5, 1, 3};
  const std::vector<double> expected_leaky{-0.75, -0.25, -0.125, 0, 0.5, 1, 3};
  const std::vector<double> expected_sigmoid{0, 0, 0, 0, 0.5, 1, 1};
  const std::vector<double> expected_tanh{-1, -1, -0.5, 0, 0.5, 1, 1};
  for (std::size_t i = 0; i < z.size(); ++i) {
    CHECK(activate(relu, z[i]) == expected_relu[i]);
    CHECK(activate(leaky, z[i]) == expected_leaky[i]);
    CHECK(activate(sigmoid, z[i]) == expected_sigmoid[i]);
    CHECK(activate(tanh_like, z[i]) == expected_tanh[i]);
  }
}

TEST_CASE("the array form of an activation is the scalar one, also in place") {
  for (const Activation& h : all) {
    std::vector<double> z;
    for (int i = -37; i <= 37; ++i) z.push_back(0.1 * i);  // an odd count: a vector loop's rest too
    std::vector<double> a(z.size(), -7.0);
    activate(h, z.size(), z.data(), a.data());
    for (std::size_t i = 0; i < z.size(); ++i) CHECK(a[i] == activate(h, z[i]));
    activate(h, z.size(), z.data(), z.data());
    CHECK(z == a);
  }
}

TEST_CASE("activations let NaN through and saturate at infinity") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Activation& h : all) {
    CHECK(std::isnan(activate(h, nan)));
    std::vector<double> a(9, nan);
    activate(h, a.size(), a.data(), a.data());
    for (const double value : a) CHECK(std::isnan(value));
  }
  CHECK(activate(sigmoid, infinity) == 1.0);
  CHECK(activate(tanh_like, -infinity) == -1.0);
  CHECK(activate(relu, -infinity) == 0.0);
}

TEST_CASE("every activation of the table has its handle") {
  for (const Activation& h : all)
    CHECK(ActivationKind(*activation_table().find(h.kind->name)) == h.kind);
  CHECK(activation_table().names() ==
        "relu, leaky_relu, hard_sigmoid, hard_tanh, tanh, sigmoid, softplus, cos");
}

TEST_CASE("the smooth activations have their values") {
  for (const double z : {-800.0, -3.0, -0.5, 0.0, 1e-3, 2.0, 800.0}) {
    CHECK(activate(smooth[0], z) == Approx(std::tanh(z)).epsilon(1e-15));
    CHECK(activate(smooth[1], z) == Approx(0.5 + 0.5 * std::tanh(0.5 * z)).margin(1e-15));
    CHECK(activate(smooth[3], z) == Approx(std::cos(z)).epsilon(1e-15));
    const double softplus = z > 700.0 ? z : std::log1p(std::exp(z));  // exp(z) overflows
    CHECK(activate(smooth[2], z) == Approx(softplus).epsilon(1e-15));
  }
}

TEST_CASE("derivatives are difference quotients, and at kinks those from the left") {
  constexpr double h = 1e-6;  // error of the quotient: h^2 + eps/h
  for (const Activation& activation : all) {
    INFO(activation.kind->name);
    std::vector<double> z, delta;
    for (int i = -33; i <= 33; ++i) z.push_back(0.15 * i + 0.01);
    for (const double at : z) delta.push_back(2.0 + 0.1 * at);
    std::vector<double> changed = delta;
    backpropagate(activation, z.size(), z.data(), changed.data());
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double right = activate(activation, z[i] + h), left = activate(activation, z[i] - h);
      CHECK(changed[i] == Approx(delta[i] * (right - left) / (2.0 * h)).margin(1e-8));
    }
    for (double kink : {0.0, 1.0, -1.0}) {
      double one = 1.0;
      backpropagate(activation, 1, &kink, &one);
      const double quotient = (activate(activation, kink) - activate(activation, kink - h)) / h;
      CHECK(one == Approx(quotient).margin(1e-5));  // error h
    }
  }
}

TEST_CASE("a wrong slope is refused") {
  for (const double slope : {0.0, 1.0, -0.1, std::nan("")})
    CHECK_THROWS_AS(activate({ActivationKind::leaky_relu, slope}, 1.0), InternalError);
}
