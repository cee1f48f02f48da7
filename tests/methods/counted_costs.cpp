// What a run on shapes says against what really happens: flops as PETSc logs them, messages and
// bytes as the communication counter sees them, of every operation and every sweep on every grid of
// the ranks at hand, and the two laws of scaling that the choice of the grid rests on.
#include <cmath>
#include <cstdio>

#include "linalg/gram_solver.h"
#include "linalg/grids.h"
#include "methods/counted_operations.h"
#include "methods/counted_sweep.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

/// Several blocks in every dimension but the last.
const CaseSize kSmall{{150, 220, 180, 10}, 480, 32};
/// Several panels of samples in every sweep.
const CaseSize kTall{{28, 60, 10}, 5200, 16};

template <class Line>
std::string text(const ProcessGrid& grid, const Line& line) {
  char buffer[256];
  std::snprintf(buffer, sizeof buffer,
                "%s on %d x %d: flops %g predicted %g, messages %g predicted %g, bytes %g "
                "predicted %g",
                line.name.c_str(), grid.rows(), grid.cols(), line.counted.flops,
                line.predicted.flops, line.counted.messages, line.predicted.messages,
                line.counted.bytes, line.predicted.bytes);
  return buffer;
}

/// Flops are exact, to the digits of PETSc's counter, and on 1 x P messages and bytes as well.
/// On other grids the formulas smooth out where blocks, panels and process columns end, which shows
/// in matrices of few blocks: bytes -10 to +14 % here on P = 2 ... 16, within 4 % at
/// 300-600-600-10; messages 0.87 to 1.28.
void compare(const CaseSize& size) {
  for (const SweepCase& sweep : sweep_cases())
    for (const ProcessGrid& grid : all_grids()) {
      if (!grid.contains_this_rank()) continue;
      const std::vector<ComparedPhase> phases = compare_with_model(sweep, size, grid);
      for (const ComparedPhase& phase : phases) {
        INFO(sweep.name << ", " << text(grid, phase));
        CHECK(phase.predicted.flops == Approx(phase.counted.flops).epsilon(1e-12).margin(0.01));
        if (grid.rows() > 1) continue;
        CHECK(phase.predicted.messages == Approx(phase.counted.messages).epsilon(1e-9));
        CHECK(phase.predicted.bytes == Approx(phase.counted.bytes).epsilon(1e-9));
      }
      const ComparedPhase& total = phases.back();
      INFO(sweep.name << ", " << text(grid, total));
      CHECK(total.predicted.bytes == Approx(total.counted.bytes).epsilon(0.15));
      CHECK(total.predicted.messages <= 1.3 * total.counted.messages);
      CHECK(total.predicted.messages >= 0.85 * total.counted.messages);
    }
}

/// Bytes of a rank in an iteration.
double counted_bytes(const SweepCase& sweep, const CaseSize& size, const ProcessGrid& grid) {
  return compare_with_model(sweep, size, grid).back().counted.bytes;
}

}  // namespace

// On 1 x P all is exact but PBLAS's product with a symmetric matrix. Else: bytes 0.97 to 1.10 of
// the counted ones, messages 0.66 (products of three panels that are counted as two) to 1.19, on
// P = 2 ... 16; systems in samples, whose matrices move between blocks: up to 1.15 and 1.31. Few
// rows lie on one process row, where PBLAS sends next to nothing and the formulas, which are about
// wide matrices, say too much: these are compared on 1 x P only.
TEST_CASE("operations: predicted as counted") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (const ComparedOperation& operation : compare_operations({500, 700, 300, 64}, grid)) {
      INFO(text(grid, operation));
      const Work &counted = operation.counted, &predicted = operation.predicted;
      const bool exact = grid.rows() == 1 && operation.name != "multiply_symmetric";
      const bool few =
          operation.name == "correction of few rows" || operation.name == "step of low rank";
      // Of a step of low rank on six ranks PETSc's running total keeps 1e-5 of a flop.
      CHECK(predicted.flops == Approx(counted.flops).epsilon(1e-12).margin(few ? 0.01 : 0.0));
      if (few && grid.rows() > 1) continue;
      const bool moves = operation.name == "sample system" || operation.name == "its solution";
      const double bytes = moves ? 0.15 : 0.12, messages = moves ? 1.33 : 1.25;
      CHECK(predicted.bytes == Approx(counted.bytes).epsilon(exact ? 1e-9 : bytes));
      CHECK(predicted.messages >= (exact ? 1.0 - 1e-9 : 0.65) * counted.messages);
      CHECK(predicted.messages <= (exact ? 1.0 + 1e-9 : messages) * counted.messages);
    }
  }
}

TEST_CASE("a factor that passes through the ranks of 1 x P: predicted as counted") {
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const OperationSize size{300, kReplicatedOrder + 100, 1, 64};  // four panels up to 8 ranks
  for (const ComparedOperation& operation : compare_systems(size, grid)) {
    INFO(text(grid, operation));
    CHECK(operation.predicted.flops == Approx(operation.counted.flops).epsilon(1e-12));
    CHECK(operation.predicted.bytes == Approx(operation.counted.bytes).epsilon(1e-9));
    CHECK(operation.predicted.messages == Approx(operation.counted.messages).epsilon(1e-9));
  }
}

TEST_CASE("sweeps: predicted as counted") {
  compare(kSmall);
}

// On 1 x P the products of a renewed basis are priced as p?syrk, and are sums of 64 x 64 numbers:
// bytes 1.01 to 1.04 of the counted ones, messages 1.00 to 1.02; elsewhere products of 64 rows are
// two blocks: 0.99 to 1.11 and 0.98 to 1.11, on P = 2 ... 6. The columns that a ray sees are
// filled up to the same number on every process column: 0.3 % of the flops.
TEST_CASE("forms for wide layers: predicted about as counted", "[ranks:1-6]") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const ComparedPhase total = compare_with_model(wide_case(), kSmall, grid).back();
    INFO(text(grid, total));
    CHECK(total.predicted.flops == Approx(total.counted.flops).epsilon(5e-3));
    const double within = grid.rows() == 1 ? 0.05 : 0.13;
    CHECK(total.predicted.bytes == Approx(total.counted.bytes).epsilon(within));
    CHECK(total.predicted.messages == Approx(total.counted.messages).epsilon(within));
  }
}

TEST_CASE("sweeps with several panels: predicted as counted", "[ranks:1-6]") {
  compare(kTall);
}

TEST_CASE("on 1 x P what a rank sends does not depend on the number of samples") {
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  CaseSize more = kSmall;
  more.samples *= 2;
  for (const SweepCase& sweep : sweep_cases()) {
    const double bytes = counted_bytes(sweep, kSmall, grid);
    INFO(sweep.name << ": " << bytes << " bytes");
    CHECK(counted_bytes(sweep, more, grid) == bytes);
    CHECK((bytes > 0.0) == (grid.size() > 1));
  }
}

// With one block a layer matrix all sums, weights and reports cross in rounds of log2 P, and the
// systems are solved where they lie: no message to each rank. On up to 8 ranks a sum is at most one
// message a rank, so that two ranks count half of what its log2 P rounds are beyond: hence 1.3.
TEST_CASE("narrow layers on 1 x P: messages of a rank grow as log2 P", "[ranks:16-]") {
  const CaseSize narrow{{28, 60, 10}, 960, 61};
  for (const SweepCase& sweep : sweep_cases()) {
    if (sweep.name == "printed") continue;
    double first = 0.0;
    for (const int ranks : {2, 4, 8, 16}) {
      const ProcessGrid grid(MPI_COMM_WORLD, 1, ranks);
      double messages = 0.0;
      if (grid.contains_this_rank()) {
        const ComparedPhase total = compare_with_model(sweep, narrow, grid).back();
        INFO(sweep.name << ", " << text(grid, total));
        CHECK(total.predicted.messages == Approx(total.counted.messages).epsilon(1e-9));
        CHECK(total.predicted.bytes == Approx(total.counted.bytes).epsilon(1e-9));
        messages = total.counted.messages;
      }
      messages = max_over(MPI_COMM_WORLD, messages);
      if (ranks == 2) first = messages;
      INFO(sweep.name << " on " << ranks << " ranks: " << messages << " messages, " << first
                      << " on two");
      CHECK(messages > 0.0);
      CHECK(messages <= 1.3 * first * std::log2(ranks));
    }
  }
}

// On a square grid a rank gets the parts of its row and of its column of processes that it lacks,
// of matrices of n^2 elements: 2 (sqrt P - 1) n^2 / P. Panels of PBLAS that lie on two processes
// are first gathered on one, which adds half a matrix to the solves: 2 sqrt P - 1.5 in place of
// 2 sqrt P - 2. That tends to 2 / sqrt P, and from P = 4 to 16 it falls as P^-0.31. Measured:
// -0.32, and the constant within 1.2 %.
TEST_CASE("wide layers on square grids: what a rank sends falls as 1/sqrt(P)", "[ranks:16-]") {
  const CaseSize wide{{300, 600, 600, 10}, 1024, 64};
  double first = 0.0;
  for (int side : {2, 3, 4}) {
    const ProcessGrid grid(MPI_COMM_WORLD, side, side);
    double bytes = 0.0;
    if (grid.contains_this_rank()) bytes = counted_bytes(sweep_cases().front(), wide, grid);
    bytes = max_over(MPI_COMM_WORLD, bytes);
    const double constant = bytes * side * side / (2.0 * side - 1.5);
    if (side == 2) first = constant;
    INFO(side << " x " << side << ": " << bytes << " bytes a rank, constant " << constant);
    // 8 n^2 times the number of matrices that move: more than one.
    CHECK(constant > 8.0 * 600 * 600);
    CHECK(constant == Approx(first).epsilon(0.03));
  }
}

}  // namespace admmnet::test
