#include "commands/first_layer.h"

#include "commands/refit_scaling.h"
#include "commands/topology.h"
#include "data/components.h"
#include "network/component_start.h"

namespace admmnet {
namespace {

/// Shift and scale, and the rotation of whitened features.
Preprocessing without_components(Preprocessing p) {
  if (p.has_components()) keep_components(0, p);
  return p;
}

/// The old scaling into the first layer; says what was done, or why it could not be.
void keep_function(const NetworkDescription& old, const Preprocessing& before,
                   const Preprocessing& now, BlockCyclicMatrix& W, Log& log) {
  if (same_scaling(before, now)) return;
  const std::string reason = refit_scaling(before, now, W.rows(), old.bias, W);
  if (reason.empty())
    log.line("note: the features are scaled in another way than for the warm start (" +
             old.scaling + "): its first layer is adapted, so that it gives what it gave");
  else
    log.warning("the weights of the warm start have learned from features in another scaling (" +
                old.scaling + ") and start worse here: " + reason + "; set -data_scaling " +
                old.scaling + " if they are of the same data");
}

BlockCyclicMatrix like(const BlockCyclicMatrix& W, Index inputs, bool bias) {
  return {W.grid(), W.rows(), inputs + (bias ? 1 : 0), W.row_block(), W.col_block()};
}

}  // namespace

BlockCyclicMatrix first_layer_for(const NetworkDescription& old, const Preprocessing& now,
                                  Network& source, Log& log) {
  const Preprocessing before = preprocessing_of(old);
  BlockCyclicMatrix W = std::move(source.W(1));
  if (same_scaling(before, now)) return W;
  if (before.has_components()) {
    BlockCyclicMatrix of_components = std::move(W);
    W = like(of_components, before.features(), old.bias);
    unproject_inputs(of_components, before, old.bias, W);
  }
  keep_function(old, without_components(before), without_components(now), W, log);
  if (now.has_components()) {
    BlockCyclicMatrix of_features = std::move(W);
    W = like(of_features, now.inputs(), old.bias);
    project_inputs(of_features, now, old.bias, W);
  }
  if (before.has_components() || now.has_components())
    log.line(
        "note: the inputs are other components of the features than those of the warm start: its "
        "first layer is carried over, as far as those of this run hold it");
  return W;
}

}  // namespace admmnet
