/// Which solver each layer's weights get in each sweep.
#pragma once

#include <vector>

#include "linalg/solver_choice.h"
#include "methods/taylor/parameters.h"

namespace admmnet {

/// One solver a layer for -linalg_weight_solver, none of them auto, by sizes alone; the other
/// options of the sweep are resolved. A weight step of blocks and full knows nothing but Gram
/// matrices (in blocks, running means of them), so that qr and dual, which need the samples, serve
/// the fit of the output layer in full, with auto for the hidden layers; in blocks they are
/// refused. In printed every layer has its samples at hand, and dual serves those with more inputs
/// than samples. Throws BadInput where the solver asked for serves no layer.
std::vector<WeightSolver> resolve_solvers(const ProblemSize& problem, const Options& options);

/// Fills in p.solvers, p.fit and p.fit_samples from the rest of p and the resolved options.
void choose_solvers(const Options& options, const ProblemSize& problem, ResyncParameters& p);

/// The solver of each layer with its reason, of resolved options.
std::vector<SolverChoice> printed_solvers(const Options& options, const ProblemSize& problem);

}  // namespace admmnet
