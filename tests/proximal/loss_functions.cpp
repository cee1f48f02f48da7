#include "proximal/loss_functions.h"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "random_numbers.h"
#include "runtime/error.h"

using namespace admmnet;
using admmnet::test::RandomNumbers;

namespace {

const std::vector<Loss> losses{Loss::squared, Loss::hinge, Loss::multiclass_hinge, Loss::softmax};

using Vector = std::vector<double>;

double value(Loss loss, const Vector& z, int label) {
  return loss_value(loss, static_cast<Index>(z.size()), z.data(), label);
}

bool is_subgradient(Loss loss, const Vector& z, int label, const Vector& s, double tolerance) {
  return in_loss_subdifferential(loss, static_cast<Index>(z.size()), z.data(), label, s.data(),
                                 tolerance);
}

/// Central differences of step h: of error h^2 for smooth losses, exact away from the kinks of
/// others.
Vector difference_gradient(Loss loss, const Vector& z, int label, double h) {
  Vector gradient(z.size());
  for (std::size_t i = 0; i < z.size(); ++i) {
    Vector right = z, left = z;
    right[i] += h;
    left[i] -= h;
    gradient[i] = (value(loss, right, label) - value(loss, left, label)) / (2.0 * h);
  }
  return gradient;
}

}  // namespace

TEST_CASE("losses have their values") {
  const Vector z{2.0, -1.0, 0.5};
  CHECK(value(Loss::squared, z, 0) == Approx(0.5 * (1.0 + 1.0 + 0.25)));
  CHECK(value(Loss::hinge, z, 0) == Approx(0.0 + 0.0 + 0.5));
  CHECK(value(Loss::hinge, z, 1) == Approx(2.0 + 2.0 + 0.5));
  CHECK(value(Loss::multiclass_hinge, z, 0) == Approx(0.0));
  CHECK(value(Loss::multiclass_hinge, z, 1) == Approx(3.0 + 1.0));
  CHECK(value(Loss::multiclass_hinge, {0.0, 0.25}, 1) == Approx(0.75));
  CHECK(value(Loss::softmax, z, 2) ==
        Approx(std::log(std::exp(2.0) + std::exp(-1.0) + std::exp(0.5)) - 0.5));
  CHECK(value(Loss::squared, {0.25}, 1) == Approx(0.5 * 0.75 * 0.75));
  CHECK(value(Loss::hinge, {0.25}, 1) == Approx(0.75));
  CHECK(value(Loss::hinge, {0.25}, 0) == Approx(0.25));
  CHECK(value(Loss::hinge, {1.5}, 1) == 0.0);
  CHECK(value(Loss::hinge, {-1.5}, 0) == 0.0);
}

TEST_CASE("softmax neither overflows nor loses small losses") {
  CHECK(value(Loss::softmax, {1e3, -1e3}, 0) == 0.0);
  CHECK(value(Loss::softmax, {1e3, -1e3}, 1) == Approx(2e3));
  CHECK(value(Loss::softmax, {-1e3, -1e3, -1e3}, 1) == Approx(std::log(3.0)));
}

TEST_CASE("a NaN in z reaches the loss, wherever it stands") {
  for (const Loss loss : losses)
    for (std::size_t i = 0; i < 4; ++i)
      for (int label = 0; label < 4; ++label) {
        Vector z{0.1, 0.2, -0.3, 0.4};
        z[i] = std::numeric_limits<double>::quiet_NaN();
        CHECK(std::isnan(value(loss, z, label)));
        CHECK_FALSE(is_subgradient(loss, z, label, {0, 0, 0, 0}, 1e9));
        CHECK_FALSE(is_subgradient(loss, {0, 0, 0, 0}, label, z, 1e-9));
      }
}

TEST_CASE("targets are one-hot, or the label with one output") {
  CHECK(target(3, 0, 2) == 0.0);
  CHECK(target(3, 2, 2) == 1.0);
  CHECK(target(1, 0, 0) == 0.0);
  CHECK(target(1, 0, 1) == 1.0);
}

TEST_CASE("the class is the first largest entry, or a threshold of one half") {
  CHECK(classify(4, Vector{0.1, 0.7, 0.7, -1.0}.data()) == 1);
  CHECK(classify(3, Vector{0.0, 0.0, 0.0}.data()) == 0);
  CHECK(classify(3, Vector{-3.0, -2.0, -1.0}.data()) == 2);
  CHECK(classify(1, Vector{0.5}.data()) == 1);
  CHECK(classify(1, Vector{0.4999}.data()) == 0);
}

TEST_CASE("where l is smooth, the subdifferential is the difference quotient alone") {
  RandomNumbers random(3);
  const double h = 1e-5;  // quotient: error h^2 + eps/h, both about 1e-10
  for (const Loss loss : losses)
    for (const std::size_t outputs : {2u, 3u, 10u})
      for (int trial = 0; trial < 20; ++trial) {
        const Vector z = random.vector(outputs, -3, 3);
        const int label = random.below(static_cast<int>(outputs));
        Vector s = difference_gradient(loss, z, label, h);
        CHECK(is_subgradient(loss, z, label, s, 1e-8));
        const auto entry = static_cast<std::size_t>(random.below(static_cast<int>(outputs)));
        const double kept = s[entry];
        for (const double change : {-1e-6, 1e-6}) {
          s[entry] = kept + change;
          CHECK_FALSE(is_subgradient(loss, z, label, s, 1e-8));
        }
      }
}

TEST_CASE("the gradient of a loss lies in its subdifferential, in place too, and keeps NaN") {
  RandomNumbers random(4);
  for (const Loss loss : losses)
    for (const std::size_t outputs : {2u, 3u, 10u})
      for (int trial = 0; trial < 20; ++trial) {
        Vector z = random.vector(outputs, -3, 3), s(outputs);
        if (trial % 2 == 1)
          for (double& entry : z) entry = std::round(entry);  // kinks and ties
        const int label = random.below(static_cast<int>(outputs));
        loss_gradient(loss, static_cast<Index>(outputs), z.data(), label, s.data());
        CHECK(is_subgradient(loss, z, label, s, 1e-12));
        Vector in_place = z;
        loss_gradient(loss, static_cast<Index>(outputs), in_place.data(), label, in_place.data());
        CHECK(in_place == s);
        z[1] = std::numeric_limits<double>::quiet_NaN();
        loss_gradient(loss, static_cast<Index>(outputs), z.data(), label, s.data());
        CHECK(std::isnan(s[1]));
      }
}

TEST_CASE("the subdifferential of the hinge at its kinks is an interval") {
  const double tolerance = 1e-12;
  for (const double s : {-1.0, -0.4, 0.0})
    CHECK(is_subgradient(Loss::hinge, {1.0}, 1, {s}, tolerance));
  for (const double s : {-1.001, 0.001, 1.0})
    CHECK_FALSE(is_subgradient(Loss::hinge, {1.0}, 1, {s}, tolerance));
  for (const double s : {0.0, 0.4, 1.0})
    CHECK(is_subgradient(Loss::hinge, {0.0}, 0, {s}, tolerance));
  for (const double s : {-0.001, 1.001, -1.0})
    CHECK_FALSE(is_subgradient(Loss::hinge, {0.0}, 0, {s}, tolerance));
  // Beside the kink only one slope is left.
  CHECK(is_subgradient(Loss::hinge, {0.999}, 1, {-1.0}, tolerance));
  CHECK_FALSE(is_subgradient(Loss::hinge, {0.999}, 1, {-0.5}, tolerance));
  CHECK(is_subgradient(Loss::hinge, {1.001}, 1, {0.0}, tolerance));
  CHECK_FALSE(is_subgradient(Loss::hinge, {1.001}, 1, {-0.5}, tolerance));
  // Columns: entry by entry.
  CHECK(is_subgradient(Loss::hinge, {1.0, 0.0, 3.0}, 0, {-0.5, 0.5, 1.0}, tolerance));
  CHECK_FALSE(is_subgradient(Loss::hinge, {1.0, 0.0, 3.0}, 0, {-0.5, 0.5, 0.5}, tolerance));
}

TEST_CASE("the subdifferential of Crammer and Singer's hinge at a tie is a face of the simplex") {
  const double tolerance = 1e-12;
  const Loss loss = Loss::multiclass_hinge;
  const Vector z{1.0, 0.0, -2.0};  // label 0: 1 + z_1 = z_0 is a tie, row 2 is below
  CHECK(is_subgradient(loss, z, 0, {0.0, 0.0, 0.0}, tolerance));
  CHECK(is_subgradient(loss, z, 0, {-0.7, 0.7, 0.0}, tolerance));
  CHECK(is_subgradient(loss, z, 0, {-1.0, 1.0, 0.0}, tolerance));
  CHECK_FALSE(is_subgradient(loss, z, 0, {-1.1, 1.1, 0.0}, tolerance));  // p_0 < 0
  CHECK_FALSE(is_subgradient(loss, z, 0, {0.1, -0.1, 0.0}, tolerance));  // p_1 < 0
  CHECK_FALSE(is_subgradient(loss, z, 0, {-0.7, 0.6, 0.1}, tolerance));  // row 2 is not active
  CHECK_FALSE(is_subgradient(loss, z, 0, {-0.7, 0.6, 0.0}, tolerance));  // sum p = 0.9
}

TEST_CASE("what the checker accepts supports the loss from below") {
  RandomNumbers random(8);
  for (int trial = 0; trial < 200; ++trial) {
    // Entries on a coarse lattice meet the kinks often; so do the candidates for s.
    Vector z(3), s(3);
    for (double& x : z) x = random.below(5) - 2;
    for (double& x : s) x = 0.5 * (random.below(5) - 2);
    const int label = random.below(3);
    for (const Loss loss : {Loss::hinge, Loss::multiclass_hinge, Loss::squared}) {
      bool supports = true;  // l(x) >= l(z) + s'(x - z) on a lattice of half steps around z
      for (int code = 0; code < 9 * 9 * 9; ++code) {
        const int along[3] = {code % 9 - 4, code / 9 % 9 - 4, code / 81 - 4};
        const Vector x{z[0] + 0.5 * along[0], z[1] + 0.5 * along[1], z[2] + 0.5 * along[2]};
        double line = value(loss, z, label);
        for (int i = 0; i < 3; ++i) line += s[i] * (x[i] - z[i]);
        supports = supports && value(loss, x, label) >= line - 1e-12;
      }
      CHECK(is_subgradient(loss, z, label, s, 1e-9) == supports);
    }
  }
}

TEST_CASE("every loss of the table has its handle, and a name of its own") {
  for (const Loss loss : losses) CHECK(Loss(*loss_table().find(loss->name)) == loss);
  CHECK(losses_of(false) == "squared, hinge, multiclass_hinge, softmax");
  CHECK(losses_of(true) == "squared, absolute, huber, pinball, epsilon_insensitive");
  CHECK(loss_table().find("cross_entropy") == nullptr);
  CHECK_THROWS_AS(loss_table().add(softmax_loss), std::invalid_argument);
}

TEST_CASE("losses refuse labels and shapes that have no meaning") {
  const Vector z{0.0, 0.0, 0.0};
  for (const Loss loss : losses) {
    CHECK_THROWS_AS(loss_value(loss, 3, z.data(), 3), InternalError);
    CHECK_THROWS_AS(loss_value(loss, 3, z.data(), -1), InternalError);
    CHECK_THROWS_AS(loss_value(loss, 0, z.data(), 0), InternalError);
    CHECK_THROWS_AS(in_loss_subdifferential(loss, 3, z.data(), 7, z.data(), 1.0), InternalError);
  }
  CHECK_NOTHROW(loss_value(Loss::hinge, 1, z.data(), 1));
  CHECK_THROWS_AS(loss_value(Loss::hinge, 1, z.data(), 2), InternalError);
  CHECK_THROWS_AS(loss_value(Loss::softmax, 1, z.data(), 0), InternalError);
  CHECK_THROWS_AS(loss_value(Loss::multiclass_hinge, 1, z.data(), 1), InternalError);
}
