#include "proximal/softmax_prox.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "proximal/wright_omega.h"
#include "random_numbers.h"
#include "support/worst.h"

using namespace admmnet;
using admmnet::test::RandomNumbers;
using admmnet::test::Worst;

namespace {

using Vector = std::vector<double>;
constexpr double eps = std::numeric_limits<double>::epsilon();

Worst distance(const Vector& a, const Vector& b) {
  Worst result;
  for (std::size_t i = 0; i < a.size(); ++i) result.add(std::abs(a[i] - b[i]), "entry", i);
  return result;
}

}  // namespace

TEST_CASE("Wright's omega inverts w + ln w") {
  CHECK(wright_omega(1.0) == Approx(1.0).epsilon(1e-15));
  CHECK(wright_omega(0.0) == Approx(0.56714329040978387300).epsilon(1e-15));
  CHECK(wright_omega(1.0 + std::exp(1.0)) == Approx(std::exp(1.0)).epsilon(1e-15));
  Worst worst;
  for (int i = -3000; i <= 3000; ++i) {
    const double w = std::pow(10.0, 0.1 * i);
    const double x = w + std::log(w);
    // x is known to eps |x|, which moves omega by that over 1 + w, relatively.
    const double known = 10.0 * eps + eps * std::abs(x) / (1.0 + w);
    worst.add(std::abs(wright_omega(x) / w - 1.0) / known, "w", w);
  }
  CHECK(worst <= 1.0);
  CHECK(wright_omega(-1e4) == 0.0);
  CHECK(std::isnan(wright_omega(std::nan(""))));
}

TEST_CASE("Newton and the scalar root find the same softmax minimiser") {
  RandomNumbers random(31);
  for (const Index outputs : {2, 3, 10, 100, 1000})
    for (const double beta : {1e-3, 1e-2, 0.1, 0.3, 1.0, 10.0, 1e3})
      for (const double scale : {0.1, 1.0, 10.0, 100.0}) {
        SoftmaxProx prox(outputs, beta);
        const Vector v = random.vector(static_cast<std::size_t>(outputs), -scale, scale);
        const int label = random.below(static_cast<int>(outputs));
        Vector by_newton(v.size()), by_root(v.size());
        INFO(outputs << " outputs, beta " << beta << ", scale " << scale);
        // Newton is only used from 1e-2 on; below it may fail, and says so.
        const bool converged = prox.minimise_by_newton(v.data(), label, by_newton.data());
        if (beta >= 1e-2) CHECK(converged);
        prox.minimise_by_root(v.data(), label, by_root.data());
        // Errors of 1e-14 in the gradient are 1e-14/beta in z; plus rounding of z itself.
        if (converged)
          CHECK(distance(by_newton, by_root) <= 2e-14 / beta + 1e-14 + 8.0 * eps * scale);
      }
}

TEST_CASE("softmax with two equal entries has the textbook solution") {
  // v = 0, two outputs: z = (x, -x), beta x = 1/(1 + e^2x). x = 1/2 for beta = 2/(1 + e).
  const double beta = 2.0 / (1.0 + std::exp(1.0));
  SoftmaxProx prox(2, beta);
  const Vector v{0.0, 0.0};
  for (int label = 0; label < 2; ++label) {
    Vector expected{-0.5, -0.5}, z(2);
    expected[static_cast<std::size_t>(label)] = 0.5;
    prox.minimise(v.data(), label, z.data());
    CHECK(distance(z, expected) <= 4e-16);  // 4 eps of one half
    prox.minimise_by_root(v.data(), label, z.data());
    CHECK(distance(z, expected) <= 4e-16);
  }
}

TEST_CASE("a tiny beta costs the softmax minimiser no digits") {
  // v = 0, C outputs: z_j = -w, z_y = (C - 1) w, with beta w = p_j: ln beta + ln w = -w - s, and
  // s = ln(e^z_y + (C - 1) e^-w), so ln(beta w) = -ln(e^Cw + C - 1).
  const Index outputs = 10;
  const Vector v(outputs, 0.0);
  for (const double beta : {1e-3, 1e-6, 1e-9, 1e-12, 1e-15}) {
    Vector z(v.size());
    SoftmaxProx(outputs, beta).minimise(v.data(), 4, z.data());
    const double w = -z[0], c = static_cast<double>(outputs);
    const double left = std::log(beta * w), right = -std::log(std::exp(c * w) + c - 1.0);
    CHECK(left == Approx(right).epsilon(4e-15));
    CHECK(z[4] == Approx((c - 1.0) * w).epsilon(4e-15));
  }
}

TEST_CASE("the softmax minimiser has the symmetries of its problem") {
  RandomNumbers random(33);
  for (const double beta : {1e-4, 0.3}) {
    const Vector v = random.vector(10, -4, 4);
    Vector shifted = v, reversed(v.rbegin(), v.rend()), z(10), other(10);
    SoftmaxProx prox(10, beta);
    prox.minimise(v.data(), 3, z.data());
    for (double& x : shifted) x += 16.0;
    prox.minimise(shifted.data(), 3, other.data());
    for (double& x : other) x -= 16.0;
    CHECK(distance(other, z) <= 1e-13);  // 20 times the rounding of entries up to 20
    prox.minimise(reversed.data(), 6, other.data());
    std::reverse(other.begin(), other.end());
    CHECK(distance(other, z) <= 1e-13);
  }
}

TEST_CASE("the softmax minimiser returns from the largest numbers") {
  for (const double size : {1e6, 1e12, 1e100, 1e300})
    for (const double beta : {1e-300, 1e-8, 1e-2, 1.0, 1e8, 1e300}) {
      const Vector v{size, -size, 0.0, 0.5 * size};
      for (int label = 0; label < 4; ++label) {
        Vector z(4);
        SoftmaxProx(4, beta).minimise(v.data(), label, z.data());
        CHECK(distance(z, v) <= (1.0 / beta) * (1.0 + 1e-9) + 4.0 * eps * size);  // |p - e_y| <= 1
      }
    }
}
