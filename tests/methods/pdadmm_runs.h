/// Runs of pdADMM on small problems, for its tests.
#pragma once

#include <vector>

#include "linalg/grids.h"
#include "methods/pdadmm/options.h"
#include "methods/pdadmm/parameters.h"
#include "methods/pdadmm/pdadmm.h"
#include "methods/pdadmm/pdadmm_sweep.h"
#include "methods/sample_sets.h"
#include "reference/synthetic.h"

namespace admmnet::test {

struct Case {
  const char* name;
  std::vector<Index> hidden;
  Index outputs;
  Loss loss;
  Activation activation;
  bool bias;
  Subsolve subsolve;
  Index bits;
  GrownOutput output;
  std::vector<Index> growth;
  Index inputs = 13;
};

inline const Activation kLeaky{ActivationKind::leaky_relu, 0.1};
inline const Case kCases[] = {{"exact, grown",
                               {9, 9, 9, 9},
                               4,
                               Loss::softmax,
                               {},
                               true,
                               Subsolve::exact,
                               0,
                               GrownOutput::fresh,
                               {2, 3, 5}},
                              {"exact, output kept, no biases",
                               {8, 8, 8},
                               3,
                               Loss::squared,
                               {},
                               false,
                               Subsolve::exact,
                               0,
                               GrownOutput::keep,
                               {2, 4}},
                              {"exact, leaky, of different widths",
                               {11, 6},
                               3,
                               Loss::softmax,
                               kLeaky,
                               true,
                               Subsolve::exact,
                               0,
                               GrownOutput::fresh,
                               {3}},
                              {"prox_gradient, grown",
                               {9, 9, 9, 9},
                               4,
                               Loss::softmax,
                               {},
                               true,
                               Subsolve::prox_gradient,
                               0,
                               GrownOutput::fresh,
                               {2, 3, 5}},
                              {"prox_gradient, 8 bits, grown",
                               {9, 9, 9},
                               4,
                               Loss::softmax,
                               {},
                               true,
                               Subsolve::prox_gradient,
                               8,
                               GrownOutput::fresh,
                               {2, 4}},
                              {"prox_gradient, no biases, hinge",
                               {7, 10},
                               3,
                               Loss::multiclass_hinge,
                               {},
                               false,
                               Subsolve::prox_gradient,
                               0,
                               GrownOutput::fresh,
                               {3}},
                              {"exact, more inputs than samples",
                               {9, 9},
                               4,
                               Loss::softmax,
                               {},
                               true,
                               Subsolve::exact,
                               0,
                               GrownOutput::fresh,
                               {2, 3},
                               97}};

inline constexpr Index kPasses = 18;

inline reference::Problem problem_of(const Case& c) {
  reference::Problem problem = reference::synthetic_problem(c.inputs, 83, c.hidden, c.outputs);
  problem.loss = c.loss;
  problem.activation = c.activation;
  problem.bias = c.bias;
  return problem;
}

inline PdadmmParameters parameters_of(const Case& c, const reference::Problem& problem,
                                      int groups = 1) {
  Options options;
  PdadmmOptions& pdadmm = pdadmm_options(options);
  pdadmm.subsolve = c.subsolve;
  pdadmm.growth = c.growth;
  pdadmm.stage_iterations = {6};
  pdadmm.growth_output = c.output;
  pdadmm.bits = c.bits;
  pdadmm_method().resolve({topology_of(problem), problem.samples(), 0, 0}, options);
  return pdadmm_parameters(options, groups);
}

/// A run on a grid, not started yet.
struct Run {
  Run(const reference::Problem& problem, const PdadmmParameters& parameters,
      const ProcessGrid& grid, Index block)
      : set(sample_set(problem, grid, block, {0, problem.samples()})),
        sweep(topology_of(problem), block, grid, set, parameters, timers),
        initial(grid, topology_of(problem), block) {
    initial.initialise(problem.init, problem.seed);
  }
  void start() { sweep.start(initial, false); }

  Timers timers;
  SampleSet set;
  PdadmmSweep sweep;
  Network initial;
};

}  // namespace admmnet::test
