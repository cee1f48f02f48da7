/// Runs of dlADMM on small problems, for its tests.
#pragma once

#include <cstring>
#include <memory>

#include "linalg/grids.h"
#include "methods/dladmm/dladmm.h"
#include "methods/dladmm/sweep.h"
#include "methods/sample_sets.h"
#include "reference/dladmm.h"
#include "reference/synthetic.h"
#include "support/mpi_check.h"

namespace admmnet::test {

using reference::DladmmOmega;
using reference::DladmmSettings;

inline DladmmRegulariser regulariser_of(DladmmOmega omega) {
  if (omega == DladmmOmega::ridge) return DladmmRegulariser::ridge;
  return omega == DladmmOmega::l1 ? DladmmRegulariser::l1 : DladmmRegulariser::none;
}

inline Options options_for(const DladmmSettings& settings, const reference::Problem& problem) {
  Options options;
  DladmmOptions& dladmm = dladmm_options(options);
  dladmm.subsolve = settings.exact ? DladmmSubsolve::exact : DladmmSubsolve::prox_gradient;
  dladmm.rho = settings.rho;
  dladmm.nu = settings.nu;
  dladmm.ridge_first = settings.ridge_first;
  dladmm.ridge_last = settings.ridge_last;
  dladmm.regulariser = regulariser_of(settings.omega);
  dladmm.weight = settings.weight;
  options.train.iterations = settings.iterations;
  dladmm_method().resolve({topology_of(problem), problem.samples(), 0, 0}, options);
  return options;
}

/// A method on a grid, with what it refers to.
struct Run {
  SampleSet set;
  Timers timers;
  std::unique_ptr<TrainingMethod> method;

  DladmmSweep& sweep() { return dynamic_cast<DladmmSweep&>(*method); }
};

inline std::unique_ptr<Run> make_run(const DladmmSettings& settings,
                                     const reference::Problem& problem, const ProcessGrid& grid,
                                     Index block) {
  auto run = std::make_unique<Run>();
  const Index N = problem.samples();
  run->set = sample_set(problem, grid, block, {0, N / 3, 2 * N / 3, N});
  run->method =
      dladmm_method().make({topology_of(problem), N, 0, 0}, options_for(settings, problem),
                           {grid, block, run->set, 0, run->timers});
  return run;
}

inline Network weights_at_start(const reference::Problem& problem, const ProcessGrid& grid,
                                Index block) {
  Network network(grid, topology_of(problem), block);
  network.initialise(problem.init, problem.seed);
  return network;
}

inline std::unique_ptr<Run> started(const DladmmSettings& settings,
                                    const reference::Problem& problem, const ProcessGrid& grid,
                                    Index block = 3) {
  auto run = make_run(settings, problem, grid, block);
  run->method->start(weights_at_start(problem, grid, block), false);
  return run;
}

inline bool same_weights(const Network& a, const Network& b) {
  for (int l = 1; l <= a.layers(); ++l)
    if (gather(a.W(l)) != gather(b.W(l))) return false;
  return true;
}

/// Copies this rank's parts of one state into another of the same grid.
inline void copy_state(const StateView& from, const StateView& to) {
  REQUIRE(from.tensors.size() == to.tensors.size());
  for (std::size_t t = 0; t < from.tensors.size(); ++t)
    for (std::size_t p = 0; p < from.tensors[t].parts.size(); ++p) {
      const auto& source = from.tensors[t].parts[p];
      const auto& target = to.tensors[t].parts[p];
      for (Index j = 0; j < source.matrix->local_cols(); ++j) {
        const Index column = source.matrix->global_col(j);
        if (column < source.first_col || column >= source.first_col + source.cols) continue;
        std::memcpy(target.matrix->column(j), source.matrix->column(j),
                    static_cast<std::size_t>(source.matrix->local_rows()) * sizeof(double));
      }
    }
  for (std::size_t s = 0; s < from.scalars.size(); ++s) {
    if (from.scalars[s].real) *to.scalars[s].real = *from.scalars[s].real;
    if (from.scalars[s].integer) *to.scalars[s].integer = *from.scalars[s].integer;
  }
}

inline DladmmSettings exact(double rho = 1.0, double nu = 0.025) {
  DladmmSettings settings;
  settings.rho = rho;
  settings.nu = nu;
  settings.iterations = 2;
  return settings;
}

inline DladmmSettings published(DladmmOmega omega = DladmmOmega::none, double weight = 0.0) {
  DladmmSettings settings = exact(1.0, 0.1);
  settings.exact = false;
  settings.omega = omega;
  settings.weight = weight;
  return settings;
}

inline const reference::Problem& small_problem() {
  static const reference::Problem problem = [] {
    auto p = reference::synthetic_problem(10, 120, {12, 7}, 3);
    p.loss = Loss::squared;
    return p;
  }();
  return problem;
}

}  // namespace admmnet::test
