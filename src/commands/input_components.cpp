#include "commands/input_components.h"

#include <algorithm>

#include "commands/topology.h"
#include "config/value.h"
#include "data/components.h"
#include "data/sparse_dataset.h"
#include "data/spectrum.h"
#include "methods/method.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// What is asked for: the deck's value, or what auto stands for.
Components asked_for(const Options& options, const DataShape& shape) {
  if (options.data.components) return *options.data.components;
  const bool wanted = method_named(options.train.method).default_components(options);
  return default_components(options.data, wanted && shape.features <= kRotatedFeatures);
}

/// Without components where features are to stay as they are.
Preprocessing learn_dense_components(const Options& options, const DataShape& shape,
                                     const Components& asked, MPI_Comm comm) {
  check_rotated("-data_components", shape.features, "set none");
  // Too many are found out before anything is read.
  if (asked == Components::number) component_count(asked, shape.features, {});
  Preprocessing learned = learn_eigenvectors(options.data, shape, options.init.seed, comm);
  keep_components(component_count(asked, shape.features, learned.eigenvalues), learned);
  whiten_components(shape.train, learned);
  return learned;
}

Components numbered(Index count) {
  return count > 0 ? Components::of(count) : Components(Components::none);
}

}  // namespace

void take_components(const CheckpointContents& of_run, DataOptions& options) {
  const NetworkDescription& network = of_run.network;
  if (!options.components || network.eigenvalues.empty()) return;
  const Components& asked = *options.components;
  if (!(asked == Components::share) && !(asked == Components::all)) return;
  if (component_count(asked, network.features(), network.eigenvalues, network.rest_of_trace) ==
      network.inputs)
    options.components = Components::of(network.inputs);
}

std::optional<Preprocessing> learn_components(Options& options, const DataShape& shape,
                                              Timers& timers, MPI_Comm comm) {
  const Components asked = asked_for(options, shape);
  options.data.components = asked;
  if (asked == Components::none) return std::nullopt;
  options.data.storage = storage_of(shape, options);
  const auto timing = timers.time(timers.phase("components"));
  const bool sparse = options.data.storage == Storage::sparse;
  Preprocessing learned =
      sparse ? learn_sparse_components(options.data, shape, asked, options.init.seed, comm)
             : learn_dense_components(options, shape, asked, comm);
  options.data.components = numbered(learned.has_components() ? learned.inputs() : 0);
  if (!learned.has_components()) return std::nullopt;
  return learned;
}

std::string assume_components(Options& options, const DataShape& shape) {
  const bool open = !options.data.components, imagined = options.plan.samples.has_value();
  if (open && imagined) options.data.components = Components(Components::none);
  const Components asked = asked_for(options, shape);
  options.data.components = asked;
  options.data.storage = storage_of(shape, options);
  Index most = most_components(asked, shape.features);
  if (has_components(options.data) && options.data.storage == Storage::sparse) {
    check_sparse_components(asked, shape.features, shape.train);
    if (asked == Components::share)
      most = std::min(kMostOfShare, most_sparse_components(shape.features, shape.train));
  }
  options.data.components = asked == Components::none ? asked : Components::of(most);
  if (!(asked == Components::share)) return "";
  return "-data_components " + (open ? "auto" : Codec<Components>::write(asked)) +
         ": planned with " + std::to_string(most) + " of " + std::to_string(shape.features) +
         " components, the most that a run can take" +
         (open ? "; if these hold less than " + Codec<double>::write(asked.part) +
                     " of the trace it takes the features as they are"
               : "");
}

}  // namespace admmnet
