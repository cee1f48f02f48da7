/// Which solver each layer's weights get in each sweep.
#pragma once

#include <vector>

#include "linalg/solver_choice.h"
#include "methods/taylor/parameters.h"

namespace admmnet {

/// Fills in p.solvers, p.fit and p.fit_samples from the rest of p. A weight step of resync knows
/// nothing but Gram matrices (with several blocks, running means of them), so that qr and dual,
/// which need the samples, serve the output layer's fit in full batch, with auto for the hidden
/// layers; with several blocks they are refused. Throws BadInput where the solver asked for serves
/// no layer.
void choose_solvers(const Options& options, const Topology& topology, Index samples,
                    ResyncParameters& p);

/// The solver of each layer; every one of them has its samples at hand. dual serves the layers with
/// more inputs than samples, with auto for the others. Throws BadInput as above.
std::vector<SolverChoice> printed_solvers(const Options& options, const Topology& topology,
                                          Index samples, double ridge);

}  // namespace admmnet
