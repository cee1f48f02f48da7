/// Where each solver of the menu wins: time against cholesky, and how far from the minimiser, in
/// one run.
#include <cmath>

#include "config/names.h"
#include "driver.h"
#include "linalg/dual_fit.h"
#include "linalg/gram_system.h"
#include "linalg/products.h"
#include "linalg/sample_factor.h"
#include "linalg/solver_choice.h"
#include "runtime/random.h"

namespace admmnet::bench {
namespace {

/// min |T - W A|^2 + shift |W|^2 with shift relative to the mean diagonal of A A^T.
struct Shape {
  const char* what;
  Index n, m, N;
  double shift;
  double near;  ///< A's rows are one row plus noise of this size; 0: independent
  Index rank;   ///< rows from this one on repeat the first ones
};

const Shape kShapes[] = {{"many samples, many outputs: cholesky", 1000, 500, 8000, 1e-3, 0.0, 1000},
                         {"fewer samples than inputs: dual", 4000, 10, 1000, 1e-3, 0.0, 4000},
                         {"one output, strong shift: cg", 4000, 1, 4100, 10.0, 0.0, 4000},
                         {"nearly dependent inputs: qr", 200, 10, 2000, 0.0, 1e-7, 200},
                         {"repeated inputs: svd", 200, 10, 2000, 0.0, 0.0, 150}};

struct Problem {
  BlockCyclicMatrix A, T;
  Problem(const Shape& s, const ProcessGrid& grid, Index block)
      : A(grid, s.n, s.N, block, slab_width(s.N, grid.cols())),
        T(grid, s.m, s.N, block, slab_width(s.N, grid.cols())) {
    const CounterRandom inputs(1, Stream::a, 1), targets(1, Stream::z, 1);
    A.fill([&](Index i, Index j) {
      const double own = inputs.normal(i % s.rank, j);
      return s.near > 0.0 ? inputs.normal(0, j) + s.near * own : own;
    });
    // Weights +-1 explain most of T, so that there is something to recover.
    BlockCyclicMatrix W(grid, s.m, s.n, block, block);
    W.fill([](Index k, Index i) { return (i + k) % 2 == 0 ? 1.0 : -1.0; });
    apply(W, A, T);
    if (s.near == 0.0)
      for (Index j = 0; j < T.local_cols(); ++j)
        for (Index k = 0; k < T.local_rows(); ++k)
          T.at(k, j) += 0.1 * targets.normal(T.global_row(k), T.global_col(j));
  }
};

struct Outcome {
  double seconds = 0.0;
  double residual = 0.0;  ///< |T - W A| / |T|
  double size = 0.0;      ///< |W|
  FactorStatus status;
};

FactorStatus solve(WeightSolver solver, const Problem& p, double shift, Index block,
                   BlockCyclicMatrix& W) {
  const ProcessGrid& grid = p.A.grid();
  const Index n = p.A.rows(), m = p.T.rows();
  if (solver == WeightSolver::qr || solver == WeightSolver::svd) {
    SampleFactor factor(grid, n, m, block);
    factor.add(p.T, p.A);
    const double mean = factor.trace() / static_cast<double>(n);
    return factor.solve({shift * mean, 0.0, 0}, solver == WeightSolver::svd, W);
  }
  if (solver == WeightSolver::dual) {
    DualFit dual(grid, n, m, p.A.cols(), block);
    dual.add(p.T, p.A);
    return dual.solve({shift * dual.trace() / static_cast<double>(n), 0.0, 0}, W);
  }
  BlockCyclicMatrix G(grid, n, n, block, block);
  accumulate_gram(1.0, p.A, 0.0, G);
  accumulate_outer(1.0, p.T, p.A, 0.0, W);
  GramSystem system(solver);
  FactorStatus status = system.factor(G, {shift * trace(G) / static_cast<double>(n), 0.0, 0});
  const FactorStatus solved = system.solve_right(W, nullptr);
  return status.fell_back() ? status : solved;
}

Outcome measure(WeightSolver solver, const Shape& s, const Problem& p, Index block, Index repeats) {
  const ProcessGrid& grid = p.A.grid();
  Outcome outcome;
  BlockCyclicMatrix W(grid, s.m, s.n, block, block);
  outcome.seconds = spread(repeat(grid.comm(), repeats, [&] {
                      outcome.status = solve(solver, p, s.shift, block, W);
                    })).median;
  BlockCyclicMatrix R(grid, s.m, s.N, block, slab_width(s.N, grid.cols()));
  apply(W, p.A, R);
  for (Index j = 0; j < R.local_cols(); ++j)
    for (Index k = 0; k < R.local_rows(); ++k) R.at(k, j) -= p.T.at(k, j);
  outcome.residual = std::sqrt(sum_of_squares(R, s.N) / sum_of_squares(p.T, s.N));
  outcome.size = std::sqrt(sum_of_squares(W, s.n));
  return outcome;
}

void compare(const Shape& s, const ProcessGrid& grid, Index block, Index repeats, const Csv& csv) {
  const MPI_Comm comm = grid.comm();
  const Problem problem(s, grid, block);
  WeightProblem counted;
  counted.inputs = s.n;
  counted.targets = s.m;
  counted.samples = s.N;
  counted.shift = s.shift;
  say(comm, "\n%s (n %lld, m %lld, N %lld, shift %g)\n  auto: %s\n", s.what,
      static_cast<long long>(s.n), static_cast<long long>(s.m), static_cast<long long>(s.N),
      s.shift, choose_solver(WeightSolver::automatic, counted).reason.c_str());
  double cholesky = 0.0;
  for (const auto& [solver, name] : EnumNames<WeightSolver>::all) {
    if (solver == WeightSolver::automatic || (solver == WeightSolver::dual && s.N >= s.n)) continue;
    const bool orthogonal = solver == WeightSolver::qr || solver == WeightSolver::svd;
    if (orthogonal && s.n > 1000) continue;  // minutes, and never the cheapest
    const Outcome o = measure(solver, s, problem, block, repeats);
    if (solver == WeightSolver::cholesky) cholesky = o.seconds;
    std::string note = o.status.instead;
    if (o.status.attempts > 1) note += text_of(" diagonal raised by %.1e", o.status.added);
    say(comm, "  %-9s %8.3f s  %6.2f of cholesky's time  residual %.3e  |W| %.3e  %s\n", name,
        o.seconds, o.seconds / cholesky, o.residual, o.size, note.c_str());
    csv.row({{"shape", s.what},
             {"solver", name},
             {"ranks", std::to_string(grid.size())},
             {"grid_rows", std::to_string(grid.rows())},
             {"seconds", text_of("%.6g", o.seconds)},
             {"residual", text_of("%.6g", o.residual)},
             {"size", text_of("%.6g", o.size)},
             {"note", note}});
  }
}

constexpr const char* kHelp =
    "bench_solvers: each solver of the menu on the shapes where one of them wins.\n"
    "  -bench_rows 1        rows of the process grid\n"
    "  -bench_block 128     rows and columns of a block\n"
    "  -bench_repeats 3     timed calls, the median counts\n"
    "  -bench_csv FILE      append a row a solver\n";

void run(const Arguments& arguments) {
  const int ranks = size_of(MPI_COMM_WORLD);
  const auto rows = static_cast<int>(arguments.number("rows", 1));
  const ProcessGrid grid(MPI_COMM_WORLD, rows, ranks / rows);
  if (!grid.contains_this_rank()) return;
  const Csv csv(arguments.text("csv", ""), grid.comm());
  for (const Shape& shape : kShapes)
    compare(shape, grid, arguments.number("block", 128), arguments.number("repeats", 3), csv);
}

}  // namespace
}  // namespace admmnet::bench

int main(int argc, char* argv[]) {
  using namespace admmnet::bench;
  return run_benchmark(argc, argv, kHelp, {"rows", "block", "repeats", "csv"}, run);
}
