#include "data/sample_weights.h"

#include <algorithm>
#include <cmath>

#include "data/contents.h"
#include "data/csv_columns.h"
#include "data/selected_samples.h"
#include "runtime/error.h"

namespace admmnet {

void check_weights(const Contents& contents) {
  const std::vector<double>& weights = contents.weights;
  const auto bad = std::find_if(weights.begin(), weights.end(),
                                [](double w) { return !(std::isfinite(w) && w >= 0.0); });
  if (bad != weights.end())
    throw BadInput(contents.path + ": the weight of sample " +
                   std::to_string(bad - weights.begin() + 1) + " is " + std::to_string(*bad) +
                   "; a weight is a finite number >= 0, and with 0 a sample does not count");
}

static BadInput all_zero(const std::string& path, Index samples, const std::string& what) {
  return BadInput(path + ": the weights of all " + std::to_string(samples) + " " + what +
                  " samples are 0, so that none of them counts; is it the right column? "
                  "-data_weight_column says where weights stand");
}

static bool are_zero(const std::vector<double>& weights) {
  return std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0.0; });
}

std::vector<double> training_weights(const DataShape& shape, const Placement& placement) {
  std::vector<double> weights(static_cast<std::size_t>(shape.train), 1.0);
  if (shape.train_file.weights.empty()) return weights;
  const SelectedSamples selected(shape.train_file);
  for (std::size_t p = 0; p < weights.size(); ++p)
    weights[p] =
        shape.train_file.weights[selected.place(placement.sample_at(0, static_cast<Index>(p)))];
  if (are_zero(weights)) throw all_zero(shape.train_file.path, shape.train, "training");
  return weights;
}

/// Each is divided by the largest first, so that no sum overflows.
static double mean_of(const std::vector<double>& weights) {
  const double largest = *std::max_element(weights.begin(), weights.end());
  double sum = 0.0;
  for (const double w : weights) sum += w / largest;
  return largest * (sum / static_cast<double>(weights.size()));
}

void give_weights(const DataShape& shape, Index seed, HoldOut how, const ProcessGrid& grid,
                  Dataset& data) {
  if (shape.train_file.weights.empty() && shape.test_file.weights.empty()) return;
  double mean = 1.0;
  if (!shape.train_file.weights.empty())
    mean = mean_of(training_weights(shape, Placement(shape, seed, how)));
  for_each_set_of(
      shape, seed, how, data, [&](SampleSet& set, const SourceFile& file, const auto& sample_of) {
        if (file.weights.empty() || set.samples == 0) return;
        const SelectedSamples selected(file);
        std::vector<double> of_set;
        for (Index p = 0; p < set.samples; ++p)
          of_set.push_back(file.weights[selected.place(sample_of(p))]);
        if (are_zero(of_set))
          throw all_zero(file.path, set.samples, &set == &data.test ? "test" : "validation");
        selected.give(set, grid, sample_of, [&](Targets& targets, std::size_t place) {
          targets.weights.push_back(file.weights[place] / mean);
        });
      });
}

bool has_weights(const DataShape& shape, Index seed, const ClassWeights& asked) {
  if (shape.train_file.weights.empty()) return asked.kind != ClassWeights::none;
  training_weights(shape, Placement(shape, seed));  // refuses them where all are 0
  return true;
}

/// Of each class the sum of the weights of its samples to train on.
static std::vector<double> sizes_of_classes(const DataShape& shape, Index seed) {
  const Placement placement(shape, seed);
  const std::vector<double> weights = training_weights(shape, placement);
  const SelectedSamples selected(shape.train_file);
  std::vector<double> sizes(shape.class_labels.size(), 0.0);
  for (std::size_t p = 0; p < weights.size(); ++p) {
    const std::size_t place = selected.place(placement.sample_at(0, static_cast<Index>(p)));
    const int label = shape.train_file.classes[place];
    if (label >= 0) sizes[static_cast<std::size_t>(label)] += weights[p];
  }
  return sizes;
}

static void check_list(const ClassWeights& asked, const std::vector<std::string>& labels) {
  if (asked.values.size() != labels.size())
    throw BadInput("-net_class_weights: " + std::to_string(asked.values.size()) + " weights for " +
                   std::to_string(labels.size()) + " classes, " + listed(labels) +
                   "; give one a class in this order, or balanced");
}

std::vector<double> class_weights(const DataShape& shape, Index seed, const ClassWeights& asked) {
  if (asked.kind == ClassWeights::none) return {};
  const std::vector<std::string>& labels = shape.class_labels;
  const bool balanced = asked.kind == ClassWeights::balanced;
  if (!balanced) check_list(asked, labels);
  if (shape.train_file.classes.empty()) return std::vector<double>(labels.size(), 1.0);
  const std::vector<double> sizes = sizes_of_classes(shape, seed);
  // a_k = 1/n_k, or as listed;  c_k = a_k n / sum_k n_k a_k,  n = sum_k n_k
  std::vector<double> weights(labels.size(), 0.0);
  double n = 0.0, sum = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) {
    weights[k] = !balanced ? asked.values[k] : sizes[k] > 0.0 ? 1.0 / sizes[k] : 0.0;
    n += sizes[k];
    sum += sizes[k] * weights[k];
  }
  if (!(sum > 0.0 && std::isfinite(n / sum)))
    throw BadInput(
        "-net_class_weights: none of the classes that have training samples has a weight above 0; "
        "raise one, or take balanced");
  for (double& weight : weights) weight *= n / sum;
  return weights;
}

}  // namespace admmnet
