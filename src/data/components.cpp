#include "data/components.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/formats.h"
#include "linalg/symmetric_eigen.h"
#include "runtime/error.h"

namespace admmnet {

static bool has_mean_zero(const DataOptions& options) {
  const Scaling kind = options.scaling.value_or(usual_scaling(options));
  return kind == Scaling::centred || kind == Scaling::standard || kind == Scaling::sqn;
}

Components default_components(const DataOptions& options, bool wanted) {
  if (!wanted || !format_of(options).images || !has_mean_zero(options)) return {};
  Components result(Components::share);
  result.part = kDefaultShare;
  result.most_inputs = 0.5;
  return result;
}

Index component_count(const Components& components, Index n, const std::vector<double>& eigenvalues,
                      double rest) {
  switch (components.kind) {
    case Components::none:
      return 0;
    case Components::all:
      return n;
    case Components::number:
      if (components.count > n)
        throw BadInput("-data_components " + std::to_string(components.count) +
                       ": the samples have " + std::to_string(n) + " features; set " +
                       std::to_string(n) + " at most, or all");
      return components.count;
    case Components::share:
      break;
  }
  // Least k with sum_{i<=k} lambda_i >= part tr(G), and at least 1
  const auto known = static_cast<Index>(eigenvalues.size());
  const double trace = std::accumulate(eigenvalues.begin(), eigenvalues.end(), 0.0) + rest;
  double sum = eigenvalues.front();
  Index k = 1;
  while (k < known && sum < components.part * trace)
    sum += eigenvalues[static_cast<std::size_t>(k++)];
  if (known < n && sum < components.part * trace) return 0;
  return static_cast<double>(k) <= components.most_inputs * static_cast<double>(n) ? k : 0;
}

Index most_components(const Components& components, Index features) {
  switch (components.kind) {
    case Components::none:
    case Components::all:
      return features;
    case Components::number:
      return std::min(components.count, features);
    case Components::share:
      break;
  }
  const double most = std::floor(components.most_inputs * static_cast<double>(features));
  return std::max<Index>(1, static_cast<Index>(most));
}

Index most_sparse_components(Index features, Index samples) {
  return std::min({features, samples, std::max<Index>(1, kMostOfDirections / features)});
}

void check_sparse_components(const Components& components, Index features, Index samples) {
  if (!(components == Components::number)) return;
  component_count(components, features, {});
  const Index most = most_sparse_components(features, samples);
  if (components.count <= most) return;
  const std::string what = "-data_components " + std::to_string(components.count) + ": ";
  const std::string remedy = "; set " + std::to_string(most) + " at most, or none";
  if (most == samples)
    throw BadInput(what + "there are " + std::to_string(samples) + " training samples" + remedy);
  throw BadInput(what + "so many directions of " + std::to_string(features) +
                 " features are more numbers than the " + std::to_string(kMostOfDirections) +
                 " that each rank can hold" + remedy);
}

void keep_components(Index count, Preprocessing& preprocessing) {
  if (count == 0) {
    preprocessing.eigenvalues.clear();
    preprocessing.rest_of_trace = 0.0;
  }
  preprocessing.rotation.resize(static_cast<std::size_t>(count * preprocessing.features()));
  preprocessing.rotation.shrink_to_fit();
}

void whiten_components(Index samples, Preprocessing& preprocessing) {
  if (!preprocessing.has_whitened_components()) return;
  const Index n = preprocessing.features();
  for (Index j = 0; j < preprocessing.inputs(); ++j) {
    const double lambda =
        preprocessing.eigenvalues[static_cast<std::size_t>(j)] / static_cast<double>(samples);
    const double factor = 1.0 / std::sqrt(lambda + kWhiteningRidge);
    double* u = preprocessing.rotation.data() + j * n;
    std::transform(u, u + n, u, [factor](double x) { return factor * x; });
  }
}

bool has_components(const DataOptions& options) {
  return options.components && !(*options.components == Components::none);
}

bool are_open(const std::optional<Components>& components) {
  return !components || *components == Components::share || *components == Components::all;
}

bool has_uncorrelated_inputs(const DataOptions& options) {
  return has_components(options) && (has_mean_zero(options) || options.scaling == Scaling::whiten);
}

std::string components_text(const Preprocessing& preprocessing) {
  return preprocessing.has_components()
             ? kept_text(preprocessing.inputs(), preprocessing.features(),
                         preprocessing.eigenvalues, preprocessing.rest_of_trace)
             : "none";
}

}  // namespace admmnet
