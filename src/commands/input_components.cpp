#include "commands/input_components.h"

#include "config/value.h"
#include "data/components.h"
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

Components numbered(Index count) {
  return count > 0 ? Components::of(count) : Components(Components::none);
}

}  // namespace

void take_components(const CheckpointContents& of_run, DataOptions& options) {
  const NetworkDescription& network = of_run.network;
  if (!options.components || network.eigenvalues.empty()) return;
  const Components& asked = *options.components;
  if (!(asked == Components::share) && !(asked == Components::all)) return;
  if (component_count(asked, network.eigenvalues) == network.inputs)
    options.components = Components::of(network.inputs);
}

std::optional<Preprocessing> learn_components(Options& options, const DataShape& shape,
                                              Timers& timers, MPI_Comm comm) {
  const Components asked = asked_for(options, shape);
  options.data.components = Components(Components::none);
  if (asked == Components::none) return std::nullopt;
  const auto timing = timers.time(timers.phase("components"));
  check_rotated("-data_components", shape.features, "set none");
  // Too many are found out before anything is read.
  if (asked == Components::number)
    component_count(asked, std::vector<double>(static_cast<std::size_t>(shape.features)));
  Preprocessing learned = learn_eigenvectors(options.data, shape, options.init.seed, comm);
  const Index count = component_count(asked, learned.eigenvalues);
  options.data.components = numbered(count);
  if (count == 0) return std::nullopt;
  keep_components(count, learned);
  return learned;
}

std::string assume_components(Options& options, const DataShape& shape) {
  const bool open = !options.data.components, imagined = options.plan.samples.has_value();
  if (open && imagined) options.data.components = Components(Components::none);
  const Components asked = asked_for(options, shape);
  const Index most = most_components(asked, shape.features);
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
