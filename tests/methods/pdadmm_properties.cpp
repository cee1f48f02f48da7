// What must hold of pdADMM whatever the numbers (src/methods/pdadmm/README.md §8).
#include <cmath>
#include <limits>
#include <memory>

#include "methods/pdadmm_runs.h"
#include "reference/proximal.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

/// Largest |u_l - nu (q_l - h(z_l))| of this rank, relative to nu.
Worst multiplier_error(const PdadmmSweep& sweep, const Activation& h, double nu) {
  Worst worst;
  for (int l = 1; l < sweep.depth(); ++l) {
    const Coupling& c = sweep.coupling(l);
    for (Index j = 0; j < c.q.local_cols(); ++j)
      for (Index i = 0; i < c.q.local_rows(); ++i)
        worst.add(std::abs(c.u.at(i, j) / nu -
                           (c.q.at(i, j) - reference::activate(h, sweep.z(l).at(i, j)))),
                  "layer", l, "entry", i, j);
  }
  return worst;
}

/// Copies the local parts of one state into another of the same grid.
void copy_state(const StateView& from, const StateView& to) {
  for (std::size_t t = 0; t < from.tensors.size(); ++t) {
    if (from.tensors[t].parts[0].matrix == nullptr) continue;  // on other ranks
    const BlockCyclicMatrix& source = *from.tensors[t].parts[0].matrix;
    BlockCyclicMatrix& target = *to.tensors[t].parts[0].matrix;
    const Index first = source.local_cols_below(from.tensors[t].parts[0].first_col);
    const Index last =
        source.local_cols_below(from.tensors[t].parts[0].first_col + from.tensors[t].parts[0].cols);
    for (Index j = first; j < last; ++j)
      for (Index i = 0; i < source.local_rows_below(from.tensors[t].rows); ++i)
        target.at(i, j) = source.at(i, j);
  }
  for (std::size_t s = 0; s < from.scalars.size(); ++s) {
    if (from.scalars[s].real) *to.scalars[s].real = *from.scalars[s].real;
    if (from.scalars[s].integer) *to.scalars[s].integer = *from.scalars[s].integer;
  }
}

bool same_bits(const Network& a, const Network& b) {
  for (int l = 1; l <= a.layers(); ++l)
    if (gather(a.W(l)) != gather(b.W(l))) return false;
  return true;
}

}  // namespace

// src/methods/pdadmm/README.md §2: the optimality of q, without rounding to the bit.
TEST_CASE("u = nu (q - h(z)) after each iteration") {
  for (const Case& c : kCases) {
    if (c.bits > 0) continue;
    const reference::Problem problem = problem_of(c);
    const PdadmmParameters parameters = parameters_of(c, problem);
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(c.name);
      Run run(problem, parameters, grid, block);
      run.start();
      for (Index k = 1; k <= kPasses; ++k) {
        run.sweep.iterate(k);
        const Worst error = multiplier_error(run.sweep, c.activation, parameters.nu);
        CAPTURE(k, error);
        // Every rank holds samples and rows here, or none of the few units.
        REQUIRE_ALL_ON(grid.comm(), error <= 1e-12 || run.sweep.z(1).local_rows() == 0 ||
                                        run.sweep.z(1).local_cols() == 0);
      }
    });
  }
}

// src/methods/pdadmm/README.md §2: proved for rho > 4 nu. Without a ridge, which is no part of
// L_rho: its weight changes from iteration to iteration.
TEST_CASE("the Lagrangian never rises where rho > 4 nu") {
  for (Case c : kCases) {
    if (c.bits > 0) continue;
    c.growth = {static_cast<Index>(c.hidden.size()) + 1};
    const reference::Problem problem = problem_of(c);
    PdadmmParameters parameters = parameters_of(c, problem);
    parameters.rho = 5.0 * parameters.nu;
    parameters.ridge = 0.0;
    for (const double zeta : {0.0, 1.0}) {
      INFO(c.name << ", zeta = " << zeta);
      parameters.z_proximal = zeta;
      const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
      Run run(problem, parameters, grid, 3);
      run.start();
      double before = std::numeric_limits<double>::infinity();
      for (Index k = 1; k <= 40; ++k) {
        const double now = run.sweep.iterate(k).lagrangian;
        CAPTURE(k, before, now);
        REQUIRE(now <= before * (1.0 + 1e-12));
        before = now;
      }
    }
  }
}

// src/methods/pdadmm/README.md §5.
TEST_CASE("rounded p and q lie on the grid, bit by bit") {
  for (const Case& c : kCases)
    for (const Index bits : {4, 8, 16}) {
      if (c.bits == 0) continue;
      const reference::Problem problem = problem_of(c);
      PdadmmParameters parameters = parameters_of(c, problem);
      parameters.bits = bits;
      on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
        Run run(problem, parameters, grid, block);
        run.start();
        Index others = 0, distinct = 0;
        for (Index k = 1; k <= 13; ++k) {
          run.sweep.iterate(k);
          const double step = run.sweep.high() / (std::ldexp(1.0, static_cast<int>(bits)) - 1.0);
          const auto look = [&](double x) {
            const double code = std::rint(x / step);
            const bool on_grid = code >= 0.0 && x == step * code && x <= run.sweep.high();
            others += on_grid ? 0 : 1;
            distinct += code > 0.0 ? 1 : 0;
          };
          for (int l = 1; l < run.sweep.depth(); ++l) {
            const Coupling& coupling = run.sweep.coupling(l);
            for (Index j = 0; j < coupling.q.local_cols(); ++j)
              for (Index i = 0; i < coupling.q.local_rows(); ++i) {
                look(coupling.q.at(i, j));
                look(coupling.p.at(i, j));
              }
          }
        }
        REQUIRE_ALL_ON(grid.comm(), others == 0);
        REQUIRE(grid.sum(static_cast<double>(distinct)) > 0.0);
      });
    }
}

TEST_CASE("a run in pieces is the run in one go bit by bit, across stages too") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    for (const ProcessGrid& grid : all_grids()) {
      if (!grid.contains_this_rank()) continue;
      const PdadmmParameters parameters = parameters_of(c, problem, grid.cols() % 2 == 0 ? 2 : 1);
      Run straight(problem, parameters, grid, 3);
      straight.start();
      Run pieces(problem, parameters, grid, 3);
      pieces.start();
      std::vector<std::unique_ptr<Run>> rest;
      PdadmmSweep* now = &pieces.sweep;
      for (Index k = 1; k <= 15; ++k) {
        if (k == 4 || k == 7 || k == 8 || k == 13) {  // within a stage, before and after growing
          rest.push_back(std::make_unique<Run>(problem, parameters, grid, 3));
          copy_state(now->state(), rest.back()->sweep.state());
          now = &rest.back()->sweep;
          now->resume();
        }
        straight.sweep.iterate(k);
        now->iterate(k);
      }
      INFO(c.name);
      REQUIRE_ALL_ON(grid.comm(), same_bits(straight.sweep.network(), now->network()));
    }
  }
}

TEST_CASE("a pass is a map of what map_state() names") {
  for (const Case& c : kCases) {
    if (c.growth.size() > 1) continue;
    const reference::Problem problem = problem_of(c);
    const PdadmmParameters parameters = parameters_of(c, problem);
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    Run one(problem, parameters, grid, 3), other(problem, parameters, grid, 3);
    one.start();
    other.start();
    for (Index k = 1; k <= 3; ++k) one.sweep.iterate(k);
    other.sweep.iterate(1);
    REQUIRE_FALSE(one.sweep.map_state().tensors.empty());
    copy_state(one.sweep.map_state(), other.sweep.map_state());
    one.sweep.iterate(4);
    other.sweep.iterate(4);
    REQUIRE(same_bits(one.sweep.network(), other.sweep.network()));
  }
}

TEST_CASE("trained weights are taken as they are, with all layers") {
  const reference::Problem problem = problem_of(kCases[0]);
  const PdadmmParameters parameters = parameters_of(kCases[0], problem);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  Run run(problem, parameters, grid, 3);
  run.sweep.start(run.initial, true);
  CHECK(run.sweep.depth() == run.initial.layers());
  CHECK(same_bits(run.sweep.network(), run.initial));
  CHECK(run.sweep.iterate(1).lagrangian > 0.0);
}

// src/methods/pdadmm/README.md §4
TEST_CASE("where layers have joined trained weights the output layer is fresh, or kept") {
  const reference::Problem problem = problem_of(kCases[0]);
  PdadmmParameters parameters = parameters_of(kCases[0], problem);
  const reference::Matrix T = problem.targets();
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    for (const GrownOutput output : {GrownOutput::fresh, GrownOutput::keep}) {
      parameters.growth_output = output;
      Run run(problem, parameters, grid, block);
      const int L = run.initial.layers();
      for (int l = 3; l < L; ++l) set_identity(9, run.initial.W(l));
      run.sweep.start(run.initial, true);
      REQUIRE(run.sweep.depth() == L);
      const bool fresh = output == GrownOutput::fresh;
      const bool kept = same_bits(run.sweep.network(), run.initial);
      const bool is_fresh = is_identity(9, run.sweep.network().W(L));
      REQUIRE_ALL_ON(grid.comm(), is_fresh == fresh && kept != fresh);
      const std::vector<double> z = gather(run.sweep.z(L));
      bool coded = true;
      for (Index j = 0; j < T.cols; ++j)
        for (Index i = 0; i < T.rows; ++i) coded &= z[i + j * T.rows] == 2.0 * T(i, j) - 1.0;
      REQUIRE_ALL_ON(grid.comm(), coded == fresh);
      REQUIRE_ALL_ON(grid.comm(), run.sweep.iterate(1).lagrangian > 0.0);
    }
  });
}

TEST_CASE("NaN in the state ends the run") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    const PdadmmParameters parameters = parameters_of(c, problem);
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    Run run(problem, parameters, grid, 3);
    run.start();
    run.sweep.iterate(1);
    const StateView state = run.sweep.state();
    BlockCyclicMatrix& z = *state.tensors[2].parts[0].matrix;
    if (z.local_rows() > 0 && z.local_cols() > 0)
      z.at(0, 0) = std::numeric_limits<double>::quiet_NaN();
    INFO(c.name << ", " << state.tensors[2].path);
    REQUIRE_THROWS_AS(run.sweep.iterate(2), NumericalBreakdown);
  }
}

}  // namespace admmnet::test
