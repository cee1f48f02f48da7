#include "data/real_targets.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/error.h"

namespace admmnet {

RealTargets::RealTargets(const SourceFile& file, Index width) : file_(file), width_(width) {
  for (std::size_t i = 0; i < file.classes.size(); ++i)
    if (file.classes[i] != kNotSelected) places_.push_back(static_cast<Index>(i));
}

void RealTargets::give(SampleSet& set, const ProcessGrid& grid,
                       const std::function<Index(Index)>& sample_of) const {
  const Index first_of_rank = slab_width(set.widest, grid.size()) * grid.rank();
  for (SamplePanel& panel : set.panels) {
    panel.targets.width = width_;
    panel.targets.reals.reserve(static_cast<std::size_t>(panel.targets.count() * width_));
    for (Index j = 0; j < panel.targets.count(); ++j) {
      const double* y = of_selected(sample_of(panel.first + first_of_rank + j));
      panel.targets.reals.insert(panel.targets.reals.end(), y, y + width_);
    }
  }
}

void give_real_targets(const DataShape& shape, Index seed, HoldOut how, const ProcessGrid& grid,
                       Dataset& data) {
  if (shape.targets == 0) return;
  const RealTargets of_train(shape.train_file, shape.targets);
  const Placement placement(shape, seed, how);
  of_train.give(data.train, grid, [&](Index p) { return placement.sample_at(0, p); });
  of_train.give(data.validation, grid, [&](Index p) { return placement.sample_at(1, p); });
  if (shape.test_of_train)
    of_train.give(data.test, grid, [&](Index p) { return placement.sample_at(2, p); });
  else if (shape.test > 0)
    RealTargets(shape.test_file, shape.targets).give(data.test, grid, [](Index p) { return p; });
}

namespace {

/// Changes the order of the values.
double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

struct Spread {
  double mean, deviation;
};

/// In two passes over values divided by their largest size, so that no square overflows.
Spread moments_of(const std::vector<double>& values) {
  double largest = 0.0, sum = 0.0, squares = 0.0;
  for (const double y : values) largest = std::max(largest, std::abs(y));
  if (largest == 0.0) return {0.0, 0.0};
  const auto n = static_cast<double>(values.size());
  for (const double y : values) sum += y / largest;
  const double mean = sum / n;
  for (const double y : values) squares += (y / largest - mean) * (y / largest - mean);
  return {largest * mean, largest * std::sqrt(squares / n)};
}

}  // namespace

TargetSpread spread_of_targets(const DataShape& shape, Index seed, bool robust) {
  const auto targets = static_cast<std::size_t>(shape.targets);
  TargetSpread spread{std::vector<double>(targets, 0.0), std::vector<double>(targets, 1.0)};
  if (shape.train_file.reals.empty()) return spread;
  const RealTargets all(shape.train_file, shape.targets);
  const Placement placement(shape, seed);
  std::vector<double> values(static_cast<std::size_t>(shape.train));
  for (std::size_t t = 0; t < targets; ++t) {
    for (Index p = 0; p < shape.train; ++p)
      values[static_cast<std::size_t>(p)] = all.of_selected(placement.sample_at(0, p))[t];
    const auto [mean, deviation] = moments_of(values);
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    if (*least == *most)
      throw BadInput(shape.train_file.path + ": the target " + shape.target_names[t] + " is " +
                     std::to_string(*least) + " in all " + std::to_string(shape.train) +
                     " samples to train on, and there is nothing to learn: is it the right column? "
                     "-data_label_column says where targets stand");
    spread.centre[t] = mean;
    spread.scale[t] = deviation;
    if (!robust) continue;
    constexpr double kOfNormal = 1.4826;  // deviation over median deviation of normal numbers
    spread.centre[t] = median_of(values);
    for (double& y : values) y = std::abs(y - spread.centre[t]);
    const double median_deviation = kOfNormal * median_of(values);
    if (median_deviation > 0.0) spread.scale[t] = median_deviation;
  }
  return spread;
}

}  // namespace admmnet
