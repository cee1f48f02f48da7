#include "data/storage.h"

#include <cstdio>

#include "config/names.h"
#include "data/components.h"
#include "data/formats.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// What keeps the inputs from being sparse, with the remedy; empty: nothing.
std::string obstacle(const DataOptions& options, const Sparsity& sparsity,
                     const std::string& needs_dense) {
  const std::string dense = ", or set -data_storage dense";
  if (!options.graph.empty())
    return "inputs of a graph are sums over neighbours, and dense: set dense or auto";
  if (!sparsity.known())
    return "the file of -data_format " + options.format + " holds dense samples: set dense or auto";
  if (options.components && *options.components == Components::all)
    return "-data_components all takes as many dense inputs as there are features: set a number, a "
           "share or none" +
           dense;
  const bool whitens = options.scaling == Scaling::whiten && !has_components(options);
  if (options.scaling == Scaling::sqn || whitens)
    return "-data_scaling " + name_of(*options.scaling) +
           " makes every 0 another number: set deviation, standard, centred, unit or none" +
           (whitens ? ", give a number of -data_components" : "") + dense;
  if (!needs_dense.empty()) return needs_dense + " needs dense inputs: set -data_storage dense";
  return "";
}

double share_of(const Sparsity& s, Index features) {
  return s.entries / (s.samples * static_cast<double>(features));
}

Storage choose(const DataOptions& options, const Sparsity& sparsity, Index features,
               const std::string& against) {
  if (options.storage == Storage::sparse && !against.empty())
    throw BadInput("-data_storage sparse: " + against);
  if (options.storage) return *options.storage;
  const bool few = sparsity.known() && share_of(sparsity, features) <= kSparseShare;
  return few && against.empty() ? Storage::sparse : Storage::dense;
}

}  // namespace

Storage choose_storage(const DataOptions& options, const DataShape& shape,
                       const std::string& needs_dense) {
  return choose(options, shape.train_file.sparsity, shape.features,
                obstacle(options, shape.train_file.sparsity, needs_dense));
}

Storage choose_storage(const DataOptions& options, const DataShape& shape,
                       const Preprocessing& preprocessing) {
  DataOptions as_trained = options;
  as_trained.scaling = preprocessing.kind;
  as_trained.components = Components(Components::none);
  if (preprocessing.has_components())
    as_trained.components = Components::of(preprocessing.inputs());
  return choose(options, shape.test_file.sparsity, shape.features,
                obstacle(as_trained, shape.test_file.sparsity, ""));
}

std::optional<SparseInputs> sparse_inputs(const DataOptions& options, const DataShape& shape) {
  if (options.storage != Storage::sparse || has_components(options)) return std::nullopt;
  const bool shifted = options.scaling == Scaling::centred || options.scaling == Scaling::standard;
  return SparseInputs{shape.train_file.sparsity, shifted};
}

ComponentSize component_size(const DataOptions& options, const DataShape& shape) {
  if (!has_components(options)) return {};
  const Index inputs = most_components(*options.components, shape.features);
  const bool sparse = options.storage == Storage::sparse;
  return {shape.features, inputs, sparse ? shape.train_file.sparsity : Sparsity()};
}

std::string storage_text(const DataOptions& options, const DataShape& shape) {
  if (options.storage != Storage::sparse) return "dense";
  const Sparsity& s = shape.train_file.sparsity;
  const double all = s.samples * static_cast<double>(shape.features);
  char text[160];
  std::snprintf(text, sizeof text,
                "sparse: %.3g %% of %.3g values are not 0, %.3g GB in the place of %.3g GB",
                100.0 * share_of(s, shape.features), all,
                8e-9 * sparse_doubles(s.entries, shape.features), 8e-9 * all);
  return text + std::string(has_components(options) ? "; dense inputs are made of them" : "");
}

}  // namespace admmnet
