#include "data/missing.h"

#include "data/moments.h"
#include "runtime/error.h"

namespace admmnet {

std::vector<double> means_for_missing(const Moments& moments,
                                      const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < moments.present.size(); ++i)
    if (moments.present[i] == 0.0)
      throw BadInput("-data_missing mean: no training sample has a value of feature " +
                     std::to_string(i + 1) + (names.empty() ? "" : ", '" + names[i] + "'") +
                     "; take the column out of the files");
  return moments.mean;
}

std::vector<double> means_of(const Preprocessing& preprocessing) {
  if (!preprocessing.fill.empty()) return preprocessing.fill;
  if (preprocessing.kind == Scaling::none || preprocessing.kind == Scaling::unit)
    throw BadInput(
        "-data_missing mean: the network was trained without it and does not know the means of its "
        "features; use drop, or train with -data_missing mean");
  return preprocessing.shift;
}

}  // namespace admmnet
