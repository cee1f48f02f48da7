#include "proximal/output_z.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "random_numbers.h"
#include "runtime/error.h"
#include "support/worst.h"

using namespace admmnet;
using admmnet::test::RandomNumbers;
using admmnet::test::Worst;

namespace {

using Vector = std::vector<double>;

const std::vector<Loss> losses{Loss::squared, Loss::hinge, Loss::multiclass_hinge, Loss::softmax};
const Vector betas{1e-8, 1e-4, 5e-3, 1e-2, 0.1, 0.3, 1.0, 10.0, 1e3};

bool needs_two(Loss loss) {
  return loss == Loss::multiclass_hinge || loss == Loss::softmax;
}

Vector minimiser(Loss loss, const Vector& v, int label, double beta) {
  const auto outputs = static_cast<Index>(v.size());
  Vector z(v.size());
  minimise_output_z(loss, outputs, 1, v.data(), outputs, &label, beta, z.data(), outputs);
  return z;
}

double objective(Loss loss, const Vector& v, int label, double beta, const Vector& z) {
  double square = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) square += (z[i] - v[i]) * (z[i] - v[i]);
  return loss_value(loss, static_cast<Index>(z.size()), z.data(), label) + 0.5 * beta * square;
}

double largest(const Vector& v) {
  double result = 0.0;
  for (const double x : v) result = std::max(result, std::abs(x));
  return result;
}

/// -lambda = beta (v - z) in dl(z)? Rounding z costs eps |z| in z, and that times 1 + beta in the
/// condition; |z| <= |v| + 1 up to logarithms. 1e-13 is the rounding of sums
/// of up to 1000 terms, in the solvers and in the checker.
bool is_optimal(Loss loss, const Vector& v, int label, double beta, const Vector& z) {
  Vector s(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) s[i] = beta * (v[i] - z[i]);
  const double rounding = 4.0 * std::numeric_limits<double>::epsilon() * (1.0 + largest(v));
  return in_loss_subdifferential(loss, static_cast<Index>(z.size()), z.data(), label, s.data(),
                                 1e-13 + (1.0 + beta) * rounding);
}

struct Problem {
  Vector v;
  int label;
  double beta;
};

/// Random columns of 1 to 10 and 1000 outputs, from flat to extreme, for every beta.
std::vector<Problem> problems(Loss loss, std::uint64_t seed) {
  RandomNumbers random(seed);
  std::vector<Problem> result;
  for (const std::size_t outputs : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u, 10u, 1000u}) {
    if (outputs == 1 && needs_two(loss)) continue;
    const int classes = std::max(static_cast<int>(outputs), 2);
    for (const double beta : betas)
      for (const double scale : {0.0, 0.1, 1.0, 10.0, 1e3})
        for (int repeat = 0; repeat < (outputs == 1000 ? 1 : 4); ++repeat) {
          Problem p{random.vector(outputs, -scale, scale), random.below(classes), beta};
          if (repeat == 3)  // entries of equal size, on the kinks of the hinges for small scales
            for (double& x : p.v) x = std::round(x);
          result.push_back(p);
        }
  }
  return result;
}

}  // namespace

TEST_CASE("output z satisfies the optimality condition") {
  for (const Loss loss : losses)
    for (const Problem& p : problems(loss, 21)) {
      const Vector z = minimiser(loss, p.v, p.label, p.beta);
      INFO("loss " << loss->name << ", " << p.v.size() << " outputs, beta " << p.beta
                   << ", largest |v| " << largest(p.v));
      CHECK(is_optimal(loss, p.v, p.label, p.beta, z));
    }
}

TEST_CASE("no perturbation of output z improves the objective") {
  RandomNumbers random(22);
  for (const Loss loss : losses) {
    Worst worst;
    for (const Problem& p : problems(loss, 23)) {
      const Vector z = minimiser(loss, p.v, p.label, p.beta);
      const double reached = objective(loss, p.v, p.label, p.beta, z);
      for (const double size : {1.0, 1e-2, 1e-4, 1e-6}) {
        Vector other = z;
        if (random.below(2) == 0)
          for (double& x : other) x += random.uniform(-size, size);
        else
          other[static_cast<std::size_t>(random.below(static_cast<int>(z.size())))] +=
              random.uniform(-size, size);
        const double gain = reached - objective(loss, p.v, p.label, p.beta, other);
        worst.add(gain / (1.0 + reached + largest(p.v)), p.v.size(), "outputs, beta", p.beta,
                  "largest |v|", largest(p.v));
      }
    }
    INFO("loss " << loss->name);
    CHECK(worst <= 1e-13);  // rounding of sums of up to 1000 terms
  }
}

TEST_CASE("output z beats every point of a grid in one and two outputs") {
  const Vector special{-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 1.5, 3.0};
  for (const Loss loss : losses)
    for (const double beta : {0.25, 1.0, 4.0})
      for (const double first : special) {
        for (int label = 0; label < 2; ++label) {
          if (!needs_two(loss)) {
            const double reached =
                objective(loss, {first}, label, beta, minimiser(loss, {first}, label, beta));
            double smallest = reached;
            for (int i = -512; i <= 512; ++i)
              smallest = std::min(smallest, objective(loss, {first}, label, beta, {i / 64.0}));
            CHECK(reached - smallest <= 1e-14);
          }
          const Vector v{first, special[static_cast<std::size_t>(label) + 2]};
          const double reached = objective(loss, v, label, beta, minimiser(loss, v, label, beta));
          double smallest = reached;
          for (int i = -50; i <= 50; ++i)
            for (int j = -50; j <= 50; ++j)
              smallest =
                  std::min(smallest, objective(loss, v, label, beta, {i * 0.125, j * 0.125}));
          CHECK(reached - smallest <= 1e-14);
        }
      }
}

TEST_CASE("output z is exact where the answer is known") {
  CHECK(minimiser(Loss::squared, {3.0}, 1, 1.0) == Vector{2.0});
  CHECK(minimiser(Loss::squared, {3.0, -1.0}, 1, 1.0) == Vector{1.5, 0.0});
  CHECK(minimiser(Loss::hinge, {0.5}, 1, 1.0) == Vector{1.0});    // the kink
  CHECK(minimiser(Loss::hinge, {-2.0}, 1, 1.0) == Vector{-1.0});  // v + 1/beta
  CHECK(minimiser(Loss::hinge, {4.0}, 1, 1.0) == Vector{4.0});
  CHECK(minimiser(Loss::hinge, {0.5}, 0, 1.0) == Vector{0.0});
  CHECK(minimiser(Loss::hinge, {3.0}, 0, 0.5) == Vector{1.0});
  CHECK(minimiser(Loss::hinge, {-3.0}, 0, 1.0) == Vector{-3.0});
  CHECK(minimiser(Loss::hinge, {0.5, 0.5, -1.0}, 1, 1.0) == Vector{0.0, 1.0, -1.0});
  // The margin is met already; met by sharing the move; out of reach.
  CHECK(minimiser(Loss::multiclass_hinge, {2.0, 0.5}, 0, 1.0) == Vector{2.0, 0.5});
  CHECK(minimiser(Loss::multiclass_hinge, {0.5, 0.0}, 0, 1.0) == Vector{0.75, -0.25});
  CHECK(minimiser(Loss::multiclass_hinge, {0.0, 8.0}, 0, 1.0) == Vector{1.0, 7.0});
  CHECK(minimiser(Loss::multiclass_hinge, {0.0, 8.0, 8.0}, 0, 1.0) == Vector{1.0, 7.5, 7.5});
}

TEST_CASE("the multiplier of an output step has the invariants of its loss") {
  // The step starts from v = m - lambda/beta and sets lambda to beta (z - v).
  const double slack = 1e-13;  // rounding of sums of up to 1000 terms
  for (const Loss loss : losses)
    for (const Problem& p : problems(loss, 24)) {
      const auto outputs = static_cast<Index>(p.v.size());
      const double rounding = slack + 4e-16 * (1.0 + p.beta) * (1.0 + largest(p.v));
      const Vector z = minimiser(loss, p.v, p.label, p.beta);
      double sum = 0.0;
      Worst outside, off;
      for (Index i = 0; i < outputs; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double lambda = p.beta * (z[at] - p.v[at]), y = target(outputs, i, p.label);
        sum += lambda;
        off.add(std::abs(lambda - (y - z[at])), "row", i);
        outside.add(y == 1.0 ? std::max(-lambda, lambda - 1.0) : std::max(lambda, -1.0 - lambda),
                    "row", i);
      }
      if (loss == Loss::squared)
        CHECK(off <= rounding);
      else
        CHECK(outside <= rounding);
      if (needs_two(loss)) CHECK(std::abs(sum) <= static_cast<double>(outputs) * rounding);
    }
}

TEST_CASE("output z is a contraction: two minimisers are no farther apart than their v") {
  RandomNumbers random(25);
  for (const Loss loss : losses)
    for (const Problem& p : problems(loss, 26)) {
      Vector other = p.v;
      for (double& x : other) x += random.uniform(-1.0, 1.0);
      const Vector z = minimiser(loss, p.v, p.label, p.beta);
      const Vector other_z = minimiser(loss, other, p.label, p.beta);
      double apart = 0.0, allowed = 0.0;
      for (std::size_t i = 0; i < z.size(); ++i) {
        apart += std::pow(z[i] - other_z[i], 2);
        allowed += std::pow(p.v[i] - other[i], 2);
      }
      CHECK(std::sqrt(apart) <= std::sqrt(allowed) * (1.0 + 1e-7));
    }
}

TEST_CASE("many columns, leading dimensions and z over v") {
  RandomNumbers random(27);
  const Index outputs = 5, columns = 40, ldv = 7, ldz = 6;
  for (const Loss loss : losses) {
    Vector v = random.vector(ldv * columns, -2, 2);
    Vector z(ldz * columns, 99.0);
    std::vector<int> labels;
    for (Index j = 0; j < columns; ++j) labels.push_back(random.below(5));
    minimise_output_z(loss, outputs, columns, v.data(), ldv, labels.data(), 0.3, z.data(), ldz);
    Vector over = v;
    minimise_output_z(loss, outputs, columns, over.data(), ldv, labels.data(), 0.3, over.data(),
                      ldv);
    for (Index j = 0; j < columns; ++j) {
      const Vector column(v.begin() + j * ldv, v.begin() + j * ldv + outputs);
      const Vector expected = minimiser(loss, column, labels[static_cast<std::size_t>(j)], 0.3);
      CHECK(std::equal(expected.begin(), expected.end(), z.begin() + j * ldz));
      CHECK(std::equal(expected.begin(), expected.end(), over.begin() + j * ldv));
      CHECK(z[j * ldz + outputs] == 99.0);
      for (Index i = outputs; i < ldv; ++i) CHECK(over[j * ldv + i] == v[j * ldv + i]);
    }
    minimise_output_z(loss, outputs, 0, nullptr, ldv, nullptr, 0.3, nullptr, ldz);
  }
}

TEST_CASE("output z: what is not finite gives NaN in its own column only") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<int> labels{1, 1, 0};
  for (const Loss loss : losses)
    for (const double beta : {1e-4, 1.0})
      for (const double bad : {nan, infinity, -infinity})
        for (std::size_t row = 0; row < 3; ++row) {
          Vector v{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}, z(9);
          v[3 + row] = bad;
          minimise_output_z(loss, 3, 3, v.data(), 3, labels.data(), beta, z.data(), 3);
          CHECK_FALSE(std::isfinite(z[3 + row]));
          if (std::isnan(bad)) CHECK(std::isnan(z[3 + row]));
          if (needs_two(loss))
            for (std::size_t i = 3; i < 6; ++i) CHECK(std::isnan(z[i]));
          for (const std::size_t i : {0u, 1u, 2u, 6u, 7u, 8u}) CHECK(std::isfinite(z[i]));
        }
}

TEST_CASE("output z refuses what has no meaning") {
  const Vector v{0.0, 0.0, 0.0};
  Vector z(3);
  const int label = 1, wrong = 3;
  for (const Loss loss : losses) {
    CHECK_THROWS_AS(minimiser(loss, v, 1, 0.0), InternalError);
    CHECK_THROWS_AS(minimiser(loss, v, 1, -1.0), InternalError);
    CHECK_THROWS_AS(minimiser(loss, v, 1, std::nan("")), InternalError);
    CHECK_THROWS_AS(minimise_output_z(loss, 3, 1, v.data(), 3, &wrong, 1.0, z.data(), 3),
                    InternalError);
    CHECK_THROWS_AS(minimise_output_z(loss, 3, 1, v.data(), 2, &label, 1.0, z.data(), 3),
                    InternalError);
    CHECK_THROWS_AS(minimise_output_z(loss, 3, 1, v.data(), 3, &label, 1.0, z.data(), 2),
                    InternalError);
    if (needs_two(loss)) CHECK_THROWS_AS(minimiser(loss, {0.0}, 0, 1.0), InternalError);
  }
}
