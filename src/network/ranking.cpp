#include "network/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/types.h"

namespace admmnet {

/// The numbers of all ranks, on the first one. Collective.
static std::vector<double> gathered(const std::vector<double>& own, MPI_Comm comm) {
  const auto count = static_cast<int>(own.size());
  std::vector<int> counts(static_cast<std::size_t>(size_of(comm))), begins(counts.size(), 0);
  ADMMNET_MPI(MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm));
  for (std::size_t r = 1; r < counts.size(); ++r) begins[r] = begins[r - 1] + counts[r - 1];
  std::vector<double> all(
      rank_of(comm) == 0 ? static_cast<std::size_t>(begins.back() + counts.back()) : 0);
  ADMMNET_MPI(MPI_Gatherv(own.data(), count, MPI_DOUBLE, all.data(), counts.data(), begins.data(),
                          MPI_DOUBLE, 0, comm));
  return all;
}

/// Pairs whose second is larger, and half of those that are equal.
static double pairs_in_order(std::vector<double> first, const std::vector<double>& second) {
  std::sort(first.begin(), first.end());
  double pairs = 0.0;
  for (const double z : second) {
    const auto [low, high] = std::equal_range(first.begin(), first.end(), z);
    pairs += static_cast<double>(low - first.begin()) + 0.5 * static_cast<double>(high - low);
  }
  return pairs;
}

std::optional<double> area_under_curve(const RankedOutputs& outputs, MPI_Comm comm) {
  const std::vector<double> first = gathered(outputs.of_first, comm);
  const std::vector<double> second = gathered(outputs.of_second, comm);
  constexpr double kNone = -1.0;
  double area = kNone;
  if (!first.empty() && !second.empty()) {
    const auto is_nan = [](double z) { return std::isnan(z); };
    const bool odd = std::any_of(first.begin(), first.end(), is_nan) ||
                     std::any_of(second.begin(), second.end(), is_nan);
    const double pairs = static_cast<double>(first.size()) * static_cast<double>(second.size());
    area = odd ? std::numeric_limits<double>::quiet_NaN() : pairs_in_order(first, second) / pairs;
  }
  ADMMNET_MPI(MPI_Bcast(&area, 1, MPI_DOUBLE, 0, comm));
  return area == kNone ? std::nullopt : std::optional<double>(area);
}

}  // namespace admmnet
