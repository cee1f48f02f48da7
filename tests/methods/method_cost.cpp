// What a method costs, by a run on shapes: closed forms on tiny cases, laws of scaling, and the
// choice of the grid.
#include "methods/method_cost.h"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "linalg/layout.h"
#include "methods/grid_choice.h"
#include "methods/taylor/options.h"
#include "methods/taylor/taylor.h"

namespace admmnet::test {
namespace {

const MachineParameters kMachine;

Topology topology(std::vector<Index> widths, bool bias = true) {
  Topology result;
  result.widths = std::move(widths);
  result.bias = bias;
  return result;
}

Options blocks(Index count) {
  Options options;
  taylor_options(options).blocks = count;
  taylor_options(options).gram_every = 2;
  return options;
}

/// As wide layers were solved before there were forms of few flops.
Options exact(Options options) {
  options.linalg.weight_solver = {WeightSolver::cholesky};
  options.linalg.activation_solver = ActivationSolver::correction;
  return options;
}

Options full_batch() {
  Options options;
  taylor_options(options).sweep = Sweep::full;
  return options;
}

Options printed() {
  Options options;
  taylor_options(options).sweep = Sweep::printed;
  return options;
}

MethodCost cost_of(const ProblemSize& problem, Options options) {
  taylor_method().resolve(problem, options);
  return {taylor_method(), problem, options, 0};
}

Cost predict(const ProblemSize& problem, const Options& options, GridShape grid, Index unit_block,
             const MachineParameters& machine) {
  return cost_of(problem, options).on(grid, unit_block, machine);
}

const ProblemSize kWide{topology({784, 50000, 50000, 10}), 60000, 5000, 0};
const ProblemSize kNarrow{topology({784, 256, 10}), 55000, 5000, 10000};

/// The flops of one solve with a Cholesky factor formed for it: order n, m right-hand sides.
double factor(double n) {
  return n * n * n / 3.0;
}
double solve(double m, double n) {
  return 2.0 * m * n * n;
}

}  // namespace

TEST_CASE("operations on a 1 x 4 grid, by hand") {
  const Pricing pricing({1, 4}, 2);
  const auto cost = [&](const Operation& operation) {
    return layout_of(pricing.grid()).cost(operation, pricing);
  };
  // W (6 x 5) is gathered: 30 doubles, of which 3/4 come from elsewhere; two rounds of four ranks.
  const Work spread = cost({Verb::spread, 6, 5});
  CHECK(spread.bytes == 8 * 30 * 3 / 4.0);
  CHECK(spread.messages == 2);
  const Work apply = cost({Verb::apply, 6, 5, 8, 8});
  CHECK(apply.flops == 2 * 6 * 5 * 8);
  CHECK(apply.bytes == 0);
  CHECK(cost({Verb::outer, 6, 5, 8, 8}).bytes == spread.bytes);
  CHECK(cost({Verb::add_outer, 6, 5, 8, 8}).bytes == 0);
  CHECK(cost({Verb::finish_outer, 6, 5}).bytes == spread.bytes);
  // The lower triangle of a 5 x 5 Gram matrix is reduced: 15 doubles.
  CHECK(cost({Verb::gram, 5, 5, 8, 8}).bytes == 8 * 15 * 3 / 4.0);
  CHECK(cost({Verb::gram, 5, 5, 8, 8}).flops == 5 * 6 * 8);
  // All of it, a block of columns at a time.
  CHECK(cost({Verb::factor, 0, 5}).bytes == 8 * 25 * 3 / 4.0);
  CHECK(cost({Verb::factor, 0, 5}).messages == 3 * 2);
  // Few rows are solved for by rank 0, which has 2 of the 5 columns, and gets 2 and 1 from others.
  CHECK(cost({Verb::solve_right, 6, 5}).bytes == 2 * 8 * 6 * (2 + 1) / 4.0);
  CHECK(cost({Verb::solve_right, 6, 5}).messages == 2 * 2 / 4.0);
  CHECK(cost({Verb::solve_right, 6, 5}).flops == solve(6, 5));
  // Whole columns are where they belong already.
  CHECK(cost({Verb::move_columns, 3, 0, 8, 8}).bytes == 0);
  CHECK(cost({Verb::sum, 0, 0, 3}).bytes == 8 * 3 * 2 * 3 / 4.0);
}

TEST_CASE("few right-hand sides are solved for on one rank, many on all of them, by hand") {
  const Pricing pricing({1, 4}, 64), one({1, 4}, 700);
  const Layout& layout = layout_of(pricing.grid());
  // 175 rows each, of which the columns that the rank has anyway stay.
  CHECK(layout.cost({Verb::solve_right, 700, 700}, pricing).bytes ==
        2 * 8 * 700 * (700 - 175) / 4.0);
  // Rank 0 has everything: neither rows nor factor leave it, all hear that it went well.
  CHECK(layout.cost({Verb::solve_right, 3, 700}, one).messages == 0);
  CHECK(layout.cost({Verb::share, 3, 700}, one).bytes == 0);
  CHECK(layout.cost({Verb::factor, 0, 700}, one).bytes == 4 * 3 / 4.0);
  // Solves for the samples of each rank take place there.
  const Work share = layout.cost({Verb::share, 0, 700, 1000, 250}, one);
  CHECK(share.bytes == 8 * 700 * 700 * 3 / 4.0);
  CHECK(share.messages == 2);
  CHECK(layout.cost({Verb::share, 0, 700, 600, kBlockOfUnits}, one).bytes == 0);
}

TEST_CASE("sums that cross the network together take one message, by hand") {
  const Pricing pricing({1, 4}, 2);
  const auto cost = [&](const Operation& operation) {
    return layout_of(pricing.grid()).cost(operation, pricing);
  };
  CHECK(cost({Verb::finish_outer, 6, 5}).messages == 3 * 3 / 4.0);  // three owners
  CHECK(cost({Verb::finish_gram, 5, 5, 0, 0, 1.0}).messages == 0);
  CHECK(cost({Verb::finish_gram, 5, 5, 0, 0, 1.0}).bytes == 8 * 15 * 3 / 4.0);
}

TEST_CASE("a layer matrix that is too large to be gathered crosses the network in each product") {
  const Pricing pricing({1, 4}, 64);
  const auto bytes = [&](const Operation& operation) {
    return layout_of(pricing.grid()).cost(operation, pricing).bytes;
  };
  const Index m = 3000, k = 3000;  // of 2^23 entries at most
  const double once = 8.0 * m * k * 3 / 4.0;
  CHECK(bytes({Verb::spread, m, k}) == 0);
  CHECK(bytes({Verb::apply, m, k, 100, 100}) == once);
  CHECK(bytes({Verb::apply_transposed, m, k, 100, 100}) == once);
  CHECK(bytes({Verb::add_outer, m, k, 100, 100}) == once);
  CHECK(bytes({Verb::finish_outer, m, k}) == 0);
}

TEST_CASE("a product on a 2 x 2 grid, by hand") {
  // One panel of 256 columns after the other: A's half goes to the other process of the row (512 x
  // 512 doubles in all), B's half to the other one of the column. Four ranks share that.
  const Pricing pricing({2, 2}, 256);
  const Layout& layout = layout_of(pricing.grid());
  CHECK(layout.cost({Verb::apply, 512, 512, 512, 512}, pricing).bytes == 8 * 2 * 512 * 512 / 4);
  // Output columns: three quarters of them end on another rank. Two rounds of 28 integers with
  // their owners, 6 bytes each, go before.
  CHECK(layout.cost({Verb::move_columns, 10, 0, 400, 400}, pricing).bytes ==
        8 * 10 * 400 * 3 / 4.0 / 4 + 2 * 28 * 6);
}

TEST_CASE("one rank sends nothing") {
  for (const Options& sweep : {blocks(20), full_batch(), printed()}) {
    const Cost cost = predict(kNarrow, sweep, {1, 1}, 64, kMachine);
    CHECK(cost.total.bytes == 0.0);
    CHECK(cost.total.messages == 0.0);
    CHECK(cost.total.seconds > 0.0);
  }
}

TEST_CASE("full batch: the least flops of a re-synchronised iteration, and what comes on top") {
  const double N = 6000, n0 = 30, n1 = 40, n2 = 20, n3 = 5;
  const ProblemSize problem{topology({30, 40, 20, 5}, false), 6000, 0, 0};
  const double least = N * (2 * n1 * n0 + 2 * n2 * n1                  // forward
                            + n1 * n1 + n2 * n2                        // G_2, G_3
                            + 2 * n1 * n0 + 2 * n2 * n1 + 2 * n3 * n2  // S_1, S_2, S_3
                            + 2 * n3 * n2                              // output
                            + 2 * n1 * n2 + 2 * n2 * n3);              // corrections applied
  const double diagonals = N * (n1 + n2);                       // of G: n (n+1) instead of n^2
  const double formed_again = N * (2 * n1 * n0 + 2 * n2 * n1);  // hidden z, where not kept
  const double weights =
      factor(n0) + solve(n1, n0) + factor(n1) + solve(n2, n1) + factor(n2) + solve(n3, n2);
  const double corrections = n2 * (n2 + 1) * n1 + factor(n2) + solve(n1, n2)     // of layer 1
                             + n3 * (n3 + 1) * n2 + factor(n3) + solve(n2, n3);  // of layer 2
  Options recompute = full_batch();
  taylor_options(recompute).hidden_z = HiddenZ::recompute;
  for (GridShape grid : {GridShape{1, 1}, GridShape{1, 8}}) {
    const double flops = least + diagonals + weights + corrections;
    const Cost kept = predict(problem, full_batch(), grid, 8, kMachine);
    const Cost formed_twice = predict(problem, recompute, grid, 8, kMachine);
    CHECK(kept.total.flops == Approx(flops).epsilon(1e-12));
    CHECK(formed_twice.total.flops == Approx(flops + formed_again).epsilon(1e-12));
    CHECK(formed_twice.memory_bytes <= kept.memory_bytes);
  }
}

TEST_CASE("blocks: the same per pass, with a correction and solves a block") {
  const double N = 6000, n0 = 30, n1 = 40, B = 10, w = N / B;
  for (const double n2 : {5.0, 6.0}) {  // of 5 <= 40/8 rows the correction is not formed
    const ProblemSize problem{topology({30, 40, static_cast<Index>(n2)}, false), 6000, 0, 0};
    const double per_sample = 2 * n1 * n0 + 2 * n2 * n1    // forward, output
                              + n1 * (n1 + 1) / 2          // G_2 in every other block
                              + 2 * n1 * n0 + 2 * n2 * n1  // R_1, R_2
                              + 2 * n1 * n2;               // correction applied
    const double per_block = n2 * (n2 + 1) * n1 + factor(n2) + solve(n2 > 5 ? n1 : w, n2) +
                             solve(n1, n0) + factor(n1) / 2 + solve(n2, n1);
    CHECK(predict(problem, blocks(10), {1, 2}, 8, kMachine).total.flops ==
          Approx(N * per_sample + B * per_block).epsilon(1e-12));
  }
}

TEST_CASE("blocks narrower than the layer: the correction stays in factors") {
  const double N = 100, n0 = 30, n1 = 40, n2 = 5, B = 10, w = 10;
  const ProblemSize problem{topology({30, 40, 5}, false), 100, 0, 0};
  const double per_sample = 4 * n1 * n0 + 6 * n2 * n1 + n1 * (n1 + 1) / 2;  // as above
  const double per_block = n2 * (n2 + 1) * n1 + factor(n2) + solve(w, n2)   // correction
                           + solve(n1, n0) + factor(n1) / 2 + solve(n2, n1);
  CHECK(predict(problem, exact(blocks(10)), {1, 2}, 8, kMachine).total.flops ==
        Approx(N * per_sample + B * per_block).epsilon(1e-12));
}

TEST_CASE("the first defaults update the Gram matrices of wide layers less often") {
  const auto every = [](std::vector<Index> widths, Index samples, Options options = {}) {
    taylor_options(options).defaults = Defaults::first;
    taylor_method().resolve({topology(std::move(widths)), samples, 0, 0}, options);
    return *taylor_options(options).gram_every;
  };
  CHECK(every({784, 1024, 10}, 55000) == 2);
  CHECK(every({784, 2048, 10}, 55000) == 4);  // 6.7 of 26 Gflop a block at 2, 3.3 of 22 at 4
  CHECK(every({784, 8192, 10}, 55000) == 8);
  CHECK(every({784, 8192, 10}, 20000) == 4);        // eight blocks: two updates a pass
  CHECK(every({784, 2048, 2048, 10}, 55000) == 2);  // other work is most of it
  CHECK(every({5000, 300, 10}, 200) == 2);          // no wide layer
  Options asked;
  taylor_options(asked).gram_every = 3;
  CHECK(every({784, 8192, 10}, 55000, asked) == 3);
  Options one_block;
  taylor_options(one_block).blocks = 1;
  CHECK(every({784, 8192, 10}, 55000, one_block) == 1);
}

TEST_CASE("the phases add up, and the validation samples are one of them") {
  const Cost cost = predict(kNarrow, blocks(22), {2, 3}, 64, kMachine);
  ProblemSize without = kNarrow;
  without.validation = 0;
  const Cost rest = predict(without, blocks(22), {2, 3}, 64, kMachine);
  std::vector<std::string> names;
  Work sum, validation;
  for (const PhaseCost& phase : cost.phases) {
    names.push_back(phase.name);
    sum += phase.work;
    if (phase.name == "validation") validation = phase.work;
  }
  CHECK(names == std::vector<std::string>{"forward", "output z", "targets",
                                          "gram and outer products", "weights", "validation",
                                          "outside the phases"});
  CHECK(validation.flops == Approx(2.0 * 5000 * (256 * 785 + 10 * 257)));
  // The other phases stay as they are, so that the total grows by this one.
  for (double Work::*quantity : {&Work::flops, &Work::messages, &Work::bytes, &Work::seconds}) {
    CHECK(cost.total.*quantity == Approx(sum.*quantity).epsilon(1e-14));
    CHECK(cost.total.*quantity ==
          Approx(rest.total.*quantity + validation.*quantity).epsilon(1e-12));
  }
}

TEST_CASE("wide layers on square grids: traffic a rank falls as 1/sqrt(P), memory as 1/P") {
  const MachineParameters machine;
  Cost smaller = predict(kWide, blocks(24), {8, 8}, 128, machine);
  for (int side : {16, 32, 64}) {
    const Cost cost = predict(kWide, blocks(24), {side, side}, 128, machine);
    // (side - 1)/side^2 of what moves: 0.53 to 0.51 of the grid before, and the redistributions.
    CHECK(cost.total.bytes / smaller.total.bytes > 0.49);
    CHECK(cost.total.bytes / smaller.total.bytes < 0.58);
    CHECK(cost.memory_bytes < smaller.memory_bytes);
    CHECK(cost.total.seconds < smaller.total.seconds);
    CHECK(cost.total.flops == Approx(smaller.total.flops));
    smaller = cost;
  }
  const double program = 100e6;
  CHECK(predict(kWide, blocks(24), {16, 16}, 128, machine).memory_bytes - program <
        0.3 * (predict(kWide, blocks(24), {8, 8}, 128, machine).memory_bytes - program));
}

TEST_CASE("more samples, units, or a slower machine take longer") {
  for (GridShape grid : {GridShape{1, 8}, GridShape{2, 4}}) {
    const double seconds = predict(kNarrow, blocks(22), grid, 32, kMachine).total.seconds;
    ProblemSize more = kNarrow;
    more.samples *= 2;
    CHECK(predict(more, blocks(22), grid, 32, kMachine).total.seconds > seconds);
    more = kNarrow;
    more.topology.widths[1] = 300;
    CHECK(predict(more, blocks(22), grid, 32, kMachine).total.seconds > seconds);
    for (double MachineParameters::*rate :
         {&MachineParameters::gemm_gflops, &MachineParameters::bandwidth_bytes_per_second,
          &MachineParameters::copy_bytes_per_second}) {
      MachineParameters slower;
      slower.*rate /= 2.0;
      CHECK(predict(kNarrow, blocks(22), grid, 32, slower).total.seconds > seconds);
    }
    MachineParameters slower;
    slower.latency_seconds *= 2.0;
    CHECK(predict(kNarrow, blocks(22), grid, 32, slower).total.seconds > seconds);
  }
}

TEST_CASE("the payload of a checkpoint") {
  const ProblemSize problem{topology({3, 4, 2}), 10, 0, 0};
  const double W = 4 * 4 + 2 * 5, hidden = 4 * 4, G2 = 5 * 5;
  // W, its safe copy, V and the best W; G of the hidden layers' outputs.
  CHECK(predict(problem, blocks(2), {1, 1}, 64, kMachine).checkpoint_bytes == 8 * (4 * W + G2));
  // W and the best; V and R of the hidden layer; z_L.
  CHECK(predict(problem, full_batch(), {1, 1}, 64, kMachine).checkpoint_bytes ==
        8 * (2 * W + 2 * hidden + 2 * 10));
  // W and the best; z_1, a_1 with its row of ones, z_2, lambda.
  CHECK(predict(problem, printed(), {1, 1}, 64, kMachine).checkpoint_bytes ==
        8 * (2 * W + (4 + 5 + 2 + 2) * 10));
}

TEST_CASE("narrow layers: pure data parallelism") {
  for (int ranks : {1, 2, 4, 6, 7, 16}) {
    const GridChoice choice = choose_grid(cost_of(kNarrow, blocks(22)), {ranks, {}, {}}, kMachine);
    CHECK(choice.fits);
    CHECK(text(choice.best.grid) == text(GridShape{1, ranks}));
    CHECK(choice.reason.find(ranks > 1 ? "pure data parallelism" : "one rank") !=
          std::string::npos);
  }
}

TEST_CASE("very wide layers: a nearly square grid of nearly all ranks") {
  const GridChoice choice = choose_grid(cost_of(kWide, blocks(24)), {1024, {}, {}}, kMachine);
  const GridShape grid = choice.best.grid;
  CHECK(choice.fits);
  CHECK(grid.rows >= 16);
  CHECK(grid.cols >= 16);
  CHECK(grid.rows <= 64);
  CHECK(grid.ranks() > 0.95 * 1024);
  REQUIRE_FALSE(choice.others.empty());
  CHECK(choice.others.front().cost.total.seconds > 0.9 * choice.best.cost.total.seconds);
}

TEST_CASE("ranks are left over only where that pays") {
  // 784-50000-50000-10 on 31 ranks: 1 x 31 and 31 x 1 are all that use every rank, 5 x 6 is far
  // better.
  const GridChoice wide = choose_grid(cost_of(kWide, exact(blocks(24))), {31, {}, {}}, kMachine);
  CHECK(wide.best.grid.ranks() == 30);
  const GridChoice narrow = choose_grid(cost_of(kNarrow, blocks(22)), {7, {}, {}}, kMachine);
  CHECK(narrow.best.grid.ranks() == 7);
}

TEST_CASE("rows and blocks that are given are taken") {
  const GridChoice choice = choose_grid(cost_of(kNarrow, blocks(22)), {12, 3, 16}, kMachine);
  CHECK(choice.best.grid.rows == 3);
  CHECK(choice.best.grid.cols == 4);
  CHECK(choice.best.unit_block == 16);
  for (const GridCandidate& other : choice.others) CHECK(other.grid.rows == 3);
}

TEST_CASE("what does not fit is refused") {
  MachineParameters small;
  small.memory_bytes_per_rank = 4e9;
  const GridRequest request{8, {}, {}};
  const GridChoice choice = choose_grid(cost_of(kWide, blocks(24)), request, small);
  CHECK_FALSE(choice.fits);
  CHECK(choice.best.cost.memory_bytes > 4e9);
  const int enough = ranks_that_fit(cost_of(kWide, blocks(24)), request, small);
  CHECK(enough > 8);
  CHECK(choose_grid(cost_of(kWide, blocks(24)), {enough, {}, {}}, small).fits);
  CHECK_FALSE(choose_grid(cost_of(kWide, blocks(24)), {enough / 2, {}, {}}, small).fits);

  // Memory or not, one rank's part of a 50000 x 50000 matrix has more elements than an int can
  // count.
  const GridChoice alone = choose_grid(cost_of(kWide, blocks(24)), {1, {}, {}}, kMachine);
  CHECK_FALSE(alone.fits);
  CHECK(alone.best.cost.longest_array > std::numeric_limits<int>::max());
}

TEST_CASE("blocks of units") {
  const Topology narrow = topology({784, 256, 10}), wide = topology({784, 4000, 5000, 10});
  CHECK(choose_unit_block(narrow, {1, 1}) == 64);
  CHECK(choose_unit_block(wide, {1, 1}) == 128);
  CHECK(choose_unit_block(wide, {16, 16}) == 128);
  CHECK(choose_unit_block(wide, {64, 64}) == 32);  // 4000 units for 64 rows
  CHECK(choose_unit_block(narrow, {8, 1}) == 32);
  CHECK(choose_unit_block(narrow, {1000, 1}) == 8);
  CHECK(choose_unit_block(topology({784, 10}), {1, 1}) == 64);  // no hidden layer
}

}  // namespace admmnet::test
