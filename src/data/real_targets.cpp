#include "data/real_targets.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "data/sample_weights.h"
#include "data/selected_samples.h"
#include "runtime/error.h"

namespace admmnet {

template <class SampleOf>
static void give_of_file(const SourceFile& file, Index width, const ProcessGrid& grid,
                         SampleOf&& sample_of, SampleSet& set) {
  const SelectedSamples selected(file);
  for (SamplePanel& panel : set.panels) {
    panel.targets.width = width;
    panel.targets.reals.reserve(static_cast<std::size_t>(panel.targets.count() * width));
  }
  selected.give(set, grid, sample_of, [&](Targets& targets, std::size_t place) {
    const double* y = file.reals.data() + static_cast<Index>(place) * width;
    targets.reals.insert(targets.reals.end(), y, y + width);
  });
}

void give_real_targets(const DataShape& shape, Index seed, HoldOut how, const ProcessGrid& grid,
                       Dataset& data) {
  if (shape.targets == 0) return;
  for_each_set_of(shape, seed, how, data,
                  [&](SampleSet& set, const SourceFile& file, const auto& sample_of) {
                    give_of_file(file, shape.targets, grid, sample_of, set);
                  });
}

void give_real_targets(const DataShape& shape, const ProcessGrid& grid, SampleSet& test) {
  if (shape.targets == 0) return;
  give_of_file(
      shape.test_file, shape.targets, grid, [](Index p) { return p; }, test);
}

namespace {

/// A number and how often it counts, > 0.
struct Weighted {
  double value, weight;
};

/// Half of the weight lies below it and half above; the middle between two numbers where both are
/// that.
double median_of(std::vector<Weighted> numbers) {
  std::sort(numbers.begin(), numbers.end(),
            [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
  double all = 0.0, below = 0.0;
  for (const Weighted& y : numbers) all += y.weight;
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    below += numbers[i].weight;
    if (below > 0.5 * all) return numbers[i].value;
    if (below == 0.5 * all) return 0.5 * (numbers[i].value + numbers[i + 1].value);
  }
  return numbers.back().value;
}

struct Spread {
  double mean, deviation;
};

/// In two passes over values divided by their largest size, so that no square overflows.
Spread moments_of(const std::vector<Weighted>& numbers) {
  double largest = 0.0, n = 0.0, sum = 0.0, squares = 0.0;
  for (const auto& [y, w] : numbers) {
    largest = std::max(largest, std::abs(y));
    n += w;
  }
  if (largest == 0.0) return {0.0, 0.0};
  for (const auto& [y, w] : numbers) sum += w * (y / largest);
  const double mean = sum / n;
  for (const auto& [y, w] : numbers) squares += w * (y / largest - mean) * (y / largest - mean);
  return {largest * mean, largest * std::sqrt(squares / n)};
}

void require_different(const std::vector<Weighted>& numbers, const std::string& path,
                       const std::string& name) {
  const double first = numbers.front().value;
  if (std::any_of(numbers.begin(), numbers.end(),
                  [=](const Weighted& y) { return y.value != first; }))
    return;
  throw BadInput(path + ": the target " + name + " is " + std::to_string(first) + " in all " +
                 std::to_string(numbers.size()) +
                 " samples to train on, and there is nothing to learn: is it the right column? "
                 "-data_label_column says where targets stand");
}

/// Median, and deviation from it as of normal numbers; where that is 0, `deviation`.
Spread robust_spread(std::vector<Weighted> numbers, double deviation) {
  constexpr double kOfNormal = 1.4826;  // deviation over median deviation of normal numbers
  const double median = median_of(numbers);
  for (Weighted& y : numbers) y.value = std::abs(y.value - median);
  const double median_deviation = kOfNormal * median_of(std::move(numbers));
  return {median, median_deviation > 0.0 ? median_deviation : deviation};
}

}  // namespace

TargetSpread spread_of_targets(const DataShape& shape, Index seed, bool robust) {
  const auto targets = static_cast<std::size_t>(shape.targets);
  TargetSpread spread{std::vector<double>(targets, 0.0), std::vector<double>(targets, 1.0)};
  const SourceFile& file = shape.train_file;
  if (file.reals.empty()) return spread;
  const SelectedSamples selected(file);
  const Placement placement(shape, seed);
  const std::vector<double> weights = training_weights(shape, placement);
  for (std::size_t t = 0; t < targets; ++t) {
    std::vector<Weighted> numbers;
    for (std::size_t p = 0; p < weights.size(); ++p) {
      const std::size_t place = selected.place(placement.sample_at(0, static_cast<Index>(p)));
      if (weights[p] > 0.0) numbers.push_back({file.reals[place * targets + t], weights[p]});
    }
    require_different(numbers, file.path, shape.target_names[t]);
    Spread of_target = moments_of(numbers);
    if (robust) of_target = robust_spread(std::move(numbers), of_target.deviation);
    spread.centre[t] = of_target.mean;
    spread.scale[t] = of_target.deviation;
  }
  return spread;
}

}  // namespace admmnet
