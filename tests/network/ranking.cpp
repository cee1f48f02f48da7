// Area under the curve against the count of all pairs; balanced accuracy by hand.
#include "network/ranking.h"

#include <cmath>
#include <limits>

#include "linalg/grids.h"
#include "network/prediction.h"
#include "support/mpi_check.h"

namespace admmnet::test {

TEST_CASE("the area under the curve counts pairs, ties by half, over all ranks") {
  constexpr Index kFirst = 90, kSecond = 41;
  const auto of_first = [](Index i) { return std::round(4.0 * entry(i, 0, 3)) / 4.0; };  // ties
  const auto of_second = [](Index i) { return std::round(4.0 * entry(i, 1, 3)) / 4.0 + 0.5; };
  double pairs = 0.0;
  for (Index i = 0; i < kFirst; ++i)
    for (Index j = 0; j < kSecond; ++j)
      pairs += of_second(j) > of_first(i) ? 1.0 : of_second(j) == of_first(i) ? 0.5 : 0.0;
  RankedOutputs own;
  const int rank = rank_of(MPI_COMM_WORLD), ranks = size_of(MPI_COMM_WORLD);
  for (Index i = rank; i < kFirst; i += ranks) own.of_first.push_back(of_first(i));
  for (Index j = rank; j < kSecond; j += ranks) own.of_second.push_back(of_second(j));
  const auto area = area_under_curve(own, MPI_COMM_WORLD);
  REQUIRE_ALL(area.has_value());
  // Sums of halves: exact.
  REQUIRE_ALL(*area == pairs / (kFirst * kSecond));
  REQUIRE_ALL(*area > 0.6);

  own.of_second.clear();
  REQUIRE_ALL(!area_under_curve(own, MPI_COMM_WORLD).has_value());
  own.of_second.push_back(std::numeric_limits<double>::quiet_NaN());
  REQUIRE_ALL(std::isnan(*area_under_curve(own, MPI_COMM_WORLD)));
}

TEST_CASE("balanced accuracy is the mean recall of the classes that are there", "[ranks:1]") {
  CHECK(*balanced_accuracy({9, 1, 0, /**/ 2, 2, 0, /**/ 0, 0, 0}) == Approx(0.5 * (0.9 + 0.5)));
  CHECK(!balanced_accuracy({0, 0, 0, 0}));
}

}  // namespace admmnet::test
