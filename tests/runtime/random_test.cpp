#include "runtime/random.h"

#include <cmath>
#include <set>
#include <vector>

#include "runtime/error.h"
#include "support/mpi_check.h"

using namespace admmnet;

/// Means of x, x^2, x^3, x^4 over a 400 x 500 matrix of draws.
template <class Draw>
static std::vector<double> moments(Draw draw) {
  std::vector<double> sums(4, 0.0);
  for (Index row = 0; row < 400; ++row)
    for (Index col = 0; col < 500; ++col) {
      double power = 1.0;
      for (double& sum : sums) sum += power *= draw(row, col);
    }
  for (double& sum : sums) sum /= 400.0 * 500.0;
  return sums;
}

// A mean over n draws of x^k has the standard deviation sqrt((E x^2k - (E x^k)^2) / n); all
// tolerances are five of them with n = 200 000.
TEST_CASE("moments of the uniform numbers") {
  const CounterRandom random(7, Stream::weights, 2);
  const auto mean = moments([&](Index row, Index col) { return random.uniform(row, col); });
  for (int k = 1; k <= 4; ++k) {
    const double expected = 1.0 / (k + 1);
    const double deviation = std::sqrt((1.0 / (2 * k + 1) - expected * expected) / 200000.0);
    CAPTURE(k);
    CHECK(std::abs(mean[static_cast<std::size_t>(k - 1)] - expected) < 5 * deviation);
  }
}

TEST_CASE("moments of the normal numbers") {
  const CounterRandom random(7, Stream::z, 1);
  const auto mean = moments([&](Index row, Index col) { return random.normal(row, col); });
  const double expected[] = {0.0, 1.0, 0.0, 3.0};
  const double variance[] = {1.0, 2.0, 15.0, 96.0};  // E x^2k - (E x^k)^2
  for (std::size_t k = 0; k < 4; ++k) {
    CAPTURE(k);
    CHECK(std::abs(mean[k] - expected[k]) < 5 * std::sqrt(variance[k] / 200000.0));
  }
}

TEST_CASE("neighbouring entries are uncorrelated") {
  const CounterRandom random(1, Stream::a, 1);
  double along_row = 0.0, along_col = 0.0;
  for (Index row = 0; row < 200; ++row)
    for (Index col = 0; col < 200; ++col) {
      along_row += random.normal(row, col) * random.normal(row, col + 1);
      along_col += random.normal(row, col) * random.normal(row + 1, col);
    }
  // A product of two independent normal numbers has variance 1: five deviations of the mean of 40
  // 000.
  CHECK(std::abs(along_row) / 40000 < 5.0 / 200);
  CHECK(std::abs(along_col) / 40000 < 5.0 / 200);
}

TEST_CASE("a number depends on nothing but seed, stream, row and column") {
  const CounterRandom random(123456789012345, Stream::weights, 3), again = random;
  std::vector<double> forward, backward;
  for (Index i = 0; i < 100; ++i) forward.push_back(random.normal(i, 2 * i));
  for (Index i = 99; i >= 0; --i) backward.insert(backward.begin(), again.normal(i, 2 * i));
  CHECK(forward == backward);

  const std::set<double> distinct = {
      random.uniform(0, 0),
      random.uniform(0, 1),
      random.uniform(1, 0),
      random.uniform(0, Index{1} << 32),
      random.uniform(Index{1} << 32, 0),
      CounterRandom(1, Stream::weights, 3).uniform(0, 0),
      CounterRandom(123456789012345, Stream::z, 3).uniform(0, 0),
      CounterRandom(123456789012345, Stream::weights, 4).uniform(0, 0)};
  CHECK(distinct.size() == 8);
}

TEST_CASE("every rank draws the same numbers") {
  const CounterRandom random(5, Stream::validation);
  double value = random.normal(17, 4);
  MPI_Bcast(&value, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  REQUIRE_ALL(value == random.normal(17, 4));
}

TEST_CASE("a shuffle is a permutation and knows its inverse") {
  for (Index size : {0, 1, 2, 3, 5, 64, 65, 1000, 60000}) {
    CAPTURE(size);
    const Shuffle shuffle(size, 42, Stream::shuffle);
    std::vector<int> seen(static_cast<std::size_t>(size), 0);
    Index wrong = 0;
    for (Index position = 0; position < size; ++position) {
      const Index item = shuffle(position);
      if (item < 0 || item >= size || shuffle.inverse(item) != position) {
        ++wrong;
      } else {
        ++seen[static_cast<std::size_t>(item)];
      }
    }
    CHECK(wrong == 0);
    for (int count : seen) wrong += count != 1;
    CHECK(wrong == 0);
  }
}

TEST_CASE("a shuffle leaves no trace of the order") {
  const Index size = 60000;
  const Shuffle shuffle(size, 3, Stream::shuffle);
  Index fixed = 0, neighbours = 0;
  double correlation = 0.0;
  const double mean = (static_cast<double>(size) - 1) / 2;
  for (Index i = 0; i < size; ++i) {
    fixed += shuffle(i) == i;
    neighbours += i > 0 && std::abs(shuffle(i) - shuffle(i - 1)) == 1;
    correlation += (static_cast<double>(i) - mean) * (static_cast<double>(shuffle(i)) - mean);
  }
  // A random permutation has 1 fixed point and 2 pairs of neighbours on average (Poisson), and a
  // rank correlation of deviation 1/sqrt(size). The bounds are beyond five deviations.
  CHECK(fixed <= 8);
  CHECK(neighbours <= 12);
  CHECK(std::abs(correlation) / (std::pow(static_cast<double>(size), 3) / 12) <
        5 / std::sqrt(60000.0));
}

TEST_CASE("seeds and streams give different shuffles") {
  const Shuffle one(1000, 1, Stream::shuffle), two(1000, 2, Stream::shuffle),
      three(1000, 1, Stream::validation);
  Index same_seed = 0, same_stream = 0;
  for (Index i = 0; i < 1000; ++i) {
    same_seed += one(i) == three(i);
    same_stream += one(i) == two(i);
  }
  CHECK(same_seed <= 8);  // 1 on average, Poisson
  CHECK(same_stream <= 8);
}

TEST_CASE("a shuffle refuses what is out of range") {
  const Shuffle shuffle(10, 1, Stream::shuffle);
  CHECK_THROWS_AS(shuffle(10), InternalError);
  CHECK_THROWS_AS(shuffle(-1), InternalError);
  CHECK_THROWS_AS(shuffle.inverse(10), InternalError);
  CHECK_THROWS_AS(Shuffle(-1, 1, Stream::shuffle), InternalError);
}
