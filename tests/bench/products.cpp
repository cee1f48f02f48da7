// Products, Gram matrices, factorisations and corrections on every grid of the ranks, as a share of
// the machine's own dgemm in the same run. See kHelp.
#include "linalg/products.h"

#include <cmath>

#include "driver.h"
#include "linalg/correction.h"
#include "methods/grid_choice.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet::bench {
namespace {

const char* const kHelp =
    "mpirun -n 2 bench_products [-bench_KEY value ...]\n"
    "  -bench_units 256,512,1024,2048,4096   n: layer matrices are n x n, samples n x columns\n"
    "  -bench_columns 2500\n"
    "  -bench_rows 1,2            process rows of the grids; without it every divisor of the "
    "ranks\n"
    "  -bench_precision double    or single: of the products with samples, as -linalg_precision\n"
    "  -bench_repeats 5\n"
    "  -bench_csv FILE            a row an operation is appended\n"
    "Each figure is the operation's flops / (median seconds x ranks x dgemm): 1 is as fast as a\n"
    "large square product on all ranks at once. `right` and `left` solve for n right-hand sides;\n"
    "`correct` forms W'^T (W' W'^T + eps I)^-1 of an n x n layer, `correct 10` of a 10 x n one.\n";

struct Operation {
  const char* name;
  double flops;
  std::function<void()> run;
};

void fill_random(BlockCyclicMatrix& A, int stream) {
  const CounterRandom random(0, Stream::a, stream);
  const double scale = 1.0 / std::sqrt(static_cast<double>(A.rows()));
  A.fill([&](Index i, Index j) { return scale * random.normal(i, j); });
}

/// Everything that the operations of one grid and n work on.
struct Operands {
  Operands(const ProcessGrid& grid, Index n, Index columns, Index block)
      : W(grid, n, n, block, block),
        output_W(grid, 10, n, block, block),
        G(grid, n, n, block, block),
        B(grid, n, n, block, block),
        H(grid, n, columns, block, slab_width(columns, grid.cols())),
        Z(grid, n, columns, block, slab_width(columns, grid.cols())) {
    fill_random(W, 1);
    fill_random(output_W, 2);
    fill_random(H, 3);
    accumulate_gram(1.0, H, 0.0, G);
  }
  BlockCyclicMatrix W, output_W, G, B, H, Z;
  GramSolver solver;
  Correction correction, output_correction;
};

std::vector<Operation> operations(Operands& o) {
  const auto n = static_cast<double>(o.W.rows()), columns = static_cast<double>(o.H.cols());
  const double product = 2.0 * n * n * columns, cube = n * n * n;
  const DiagonalShift shift{1.0, 0.0, 0};
  return {{"apply", product, [&] { apply(o.W, o.H, o.Z); }},
          {"applyT", product, [&] { apply_transposed(1.0, o.W, o.H, 0.0, o.Z); }},
          {"outer", product, [&] { accumulate_outer(1.0, o.H, o.Z, 0.0, o.B); }},
          {"gram", 0.5 * product, [&] { accumulate_gram(1.0, o.H, 0.0, o.G); }},
          {"factor", cube / 3.0, [&, shift] { o.solver.factor(o.G, shift); }},
          {"right", 2.0 * cube, [&] { o.solver.solve_right(o.B); }},
          {"left", 2.0 * cube, [&] { o.solver.solve_left(o.B.cols(), o.B); }},
          {"correct", 10.0 / 3.0 * cube,
           [&] { o.correction.form(o.W, o.W.cols(), 1.0, CorrectionSide::smaller, o.W.cols()); }},
          {"correct10", 300.0 * n + 1000.0 / 3.0, [&] {
             o.output_correction.form(o.output_W, o.W.cols(), 1.0, CorrectionSide::smaller,
                                      o.W.cols());
           }}};
}

void measure(const ProcessGrid& grid, Index n, Index columns, Index repeats, const Csv& csv) {
  const MPI_Comm comm = grid.comm();
  const std::string shape = text({grid.rows(), grid.cols()});
  Topology topology;
  topology.widths = {n, n, n};
  const Index block = choose_unit_block(topology, {grid.rows(), grid.cols()});
  const MachineRates before = measure_machine(comm);
  Operands operands(grid, n, columns, block);
  const std::vector<Operation> all = operations(operands);
  std::vector<Spread> times;
  for (const Operation& operation : all)
    times.push_back(spread(repeat(comm, repeats, operation.run)));
  const double dgemm = best_of(before, measure_machine(comm)).dgemm;
  std::string line;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operation& operation = all[i];
    const Spread& seconds = times[i];
    const double ratio = 1e-9 * operation.flops / (seconds.median * grid.size() * dgemm);
    line += text_of(" %9.3f", ratio);
    csv.row({{"operation", operation.name},
             {"units", std::to_string(n)},
             {"columns", std::to_string(columns)},
             {"grid", shape},
             {"block", std::to_string(block)},
             {"seconds_min", text_of("%.6f", seconds.min)},
             {"seconds_median", text_of("%.6f", seconds.median)},
             {"seconds_max", text_of("%.6f", seconds.max)},
             {"gflop", text_of("%.4f", 1e-9 * operation.flops)},
             {"dgemm_gflops", text_of("%.2f", dgemm)},
             {"ratio", text_of("%.4f", ratio)}});
  }
  say(comm, "%-7s %5lld %5lld %7.1f%s\n", shape.c_str(), static_cast<long long>(n),
      static_cast<long long>(block), dgemm, line.c_str());
}

std::vector<Index> rows_of_grids(const Arguments& arguments, int ranks) {
  std::string divisors;
  for (int rows = 1; rows <= ranks; ++rows)
    if (ranks % rows == 0) divisors += (rows > 1 ? "," : "") + std::to_string(rows);
  return arguments.numbers("rows", divisors);
}

Precision precision_of(const std::string& name) {
  if (name == "double") return Precision::full;
  if (name == "single") return Precision::single;
  throw BadInput("-bench_precision: '" + name + "' is neither double nor single");
}

void run(const Arguments& arguments) {
  const MPI_Comm world = MPI_COMM_WORLD;
  set_product_precision(precision_of(arguments.text("precision", "double")));
  const int ranks = size_of(world);
  const Index columns = arguments.number("columns", 2500);
  const Csv csv(arguments.text("csv", ""), world);
  say(world, "%lld columns, flops / (seconds x ranks x dgemm)\n", static_cast<long long>(columns));
  say(world,
      "grid        n block   dgemm     apply    applyT     outer      gram    factor     "
      "right      left   correct correct10\n");
  for (Index units : arguments.numbers("units", "256,512,1024,2048,4096"))
    for (Index rows : rows_of_grids(arguments, ranks)) {
      const ProcessGrid grid(world, static_cast<int>(rows), ranks / static_cast<int>(rows));
      if (grid.contains_this_rank())
        measure(grid, units, columns, arguments.number("repeats", 5), csv);
    }
}

}  // namespace
}  // namespace admmnet::bench

int main(int argc, char* argv[]) {
  using namespace admmnet::bench;
  return run_benchmark(argc, argv, kHelp,
                       {"units", "columns", "rows", "precision", "repeats", "csv"}, run);
}
