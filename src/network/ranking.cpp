#include "network/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/gathered.h"

namespace admmnet {

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
