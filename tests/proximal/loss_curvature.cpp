// The Hessian of smooth losses against difference quotients of their gradients, and the covariance
// of what is drawn for it against the Hessian.
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "proximal/loss_functions.h"
#include "random_numbers.h"

using namespace admmnet;
using admmnet::test::RandomNumbers;

namespace {

using Vector = std::vector<double>;

Vector gradient(Loss loss, const Vector& z, int label) {
  Vector s(z.size());
  loss_gradient(loss, static_cast<Index>(z.size()), z.data(), label, s.data());
  return s;
}

Vector times_hessian(Loss loss, const Vector& z, int label, Vector v) {
  loss->curvature(static_cast<Index>(z.size()), z.data(), label, v.data());
  return v;
}

}  // namespace

TEST_CASE("the curvature of a loss is the difference quotient of its gradient") {
  RandomNumbers random(11);
  constexpr double h = 1e-5;  // quotient: error h^2 + eps/h, both about 1e-10
  for (const Loss loss : {Loss::squared, Loss::softmax})
    for (const std::size_t outputs : {2u, 3u, 10u}) {
      const Vector z = random.vector(outputs, -3, 3), v = random.vector(outputs, -1, 1);
      const int label = random.below(static_cast<int>(outputs));
      Vector right = z, left = z;
      for (std::size_t i = 0; i < outputs; ++i) {
        right[i] += h * v[i];
        left[i] -= h * v[i];
      }
      const Vector up = gradient(loss, right, label), down = gradient(loss, left, label),
                   Hv = times_hessian(loss, z, label, v);
      for (std::size_t i = 0; i < outputs; ++i)
        CHECK(Hv[i] == Approx((up[i] - down[i]) / (2.0 * h)).margin(1e-9));
    }
  CHECK(Loss::hinge->curvature == nullptr);
  CHECK(Loss::multiclass_hinge->curvature == nullptr);
}

TEST_CASE("what softmax draws has mean 0 and its Hessian as covariance") {
  constexpr int kDraws = 20000;           // u on a lattice: each class as often as its probability,
  constexpr double kNear = 5.0 / kDraws;  // but for one draw at each of its ends
  const Vector z{0.3, -1.0, 2.0, 0.0};
  const auto n = static_cast<Index>(z.size());
  Vector mean(z.size(), 0.0), covariance(z.size() * z.size(), 0.0), v(z.size());
  for (int k = 0; k < kDraws; ++k) {
    Loss::softmax->draw_curvature(n, z.data(), 0, (k + 0.5) / kDraws, v.data());
    for (std::size_t i = 0; i < z.size(); ++i) {
      mean[i] += v[i] / kDraws;
      for (std::size_t j = 0; j < z.size(); ++j)
        covariance[i + j * z.size()] += v[i] * v[j] / kDraws;
    }
  }
  for (std::size_t j = 0; j < z.size(); ++j) {
    CHECK(mean[j] == Approx(0.0).margin(kNear));
    Vector unit(z.size(), 0.0);
    unit[j] = 1.0;
    const Vector column = times_hessian(Loss::softmax, z, 0, unit);
    for (std::size_t i = 0; i < z.size(); ++i)
      CHECK(covariance[i + j * z.size()] == Approx(column[i]).margin(kNear));
  }
}
