#include "methods/grid_choice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "linalg/gram_solver.h"
#include "linalg/layout.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

constexpr Index kNarrowBlock = 64, kWideBlock = 128, kWide = 2048;
constexpr Index kLeastRowBlock = 8, kLeastBlock = 32;
constexpr double kWorthIdleRanks = 0.95, kTie = 1.01, kWorthOneBlock = 0.97;
constexpr int kMostRanks = 1 << 20;

Index widest_layer(const Topology& topology) {
  Index widest = 1;
  for (int l = 0; l <= topology.layers(); ++l) widest = std::max(widest, topology.extended(l));
  return widest;
}

/// With the usual blocks of units, or, where that takes less time, with one block a layer matrix:
/// rank 0 has all of the systems and factors and solves them alone, and sums and weights cross the
/// network once each in log2 P rounds.
GridCandidate candidate(const MethodCost& costs, GridShape grid, const GridRequest& request,
                        const MachineParameters& machine) {
  const Topology& topology = costs.problem().topology;
  const Index block = request.unit_block.value_or(choose_unit_block(topology, grid));
  GridCandidate usual{grid, block, costs.on(grid, block, machine)};
  const Index widest = widest_layer(topology);
  const bool possible = layout_of(grid).has_whole_columns() && grid.ranks() > 1;
  if (request.unit_block || !possible || widest > kReplicatedOrder) return usual;
  GridCandidate one{grid, widest, costs.on(grid, widest, machine)};
  const bool worth = one.cost.total.seconds <= kWorthOneBlock * usual.cost.total.seconds;
  return worth && (fits(one.cost, machine) || !fits(usual.cost, machine)) ? one : usual;
}

std::vector<GridShape> shapes(const GridRequest& request) {
  std::vector<GridShape> result;
  const int first = request.rows.value_or(1), last = request.rows.value_or(request.ranks);
  for (int rows = first; rows <= last; ++rows)
    for (int cols = request.ranks / rows; cols >= 1; cols /= 2) result.push_back({rows, cols});
  return result;
}

/// Cheapest first; ties towards fewer rows.
bool cheaper(const GridCandidate& a, const GridCandidate& b) {
  const double ta = a.cost.total.seconds, tb = b.cost.total.seconds;
  return ta != tb ? ta < tb : a.grid.rows < b.grid.rows;
}

std::string why(const GridChoice& choice) {
  const GridShape grid = choice.best.grid;
  const Cost& cost = choice.best.cost;
  std::string reason = text(grid) + ": " + layout_of(grid).describe(grid);
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, ", %.3g GB sent and %.3g s predicted per pass and rank",
                1e-9 * cost.total.bytes, cost.total.seconds);
  reason += numbers;
  if (choice.others.empty()) return reason;
  const GridCandidate& next = choice.others.front();
  const double ratio = next.cost.total.seconds / cost.total.seconds;
  if (ratio < 1.0)
    std::snprintf(numbers, sizeof numbers, "; %s would take %.2g %% less time, too little to %s",
                  text(next.grid).c_str(), 100.0 * (1.0 - ratio),
                  next.grid.ranks() < grid.ranks() ? "leave ranks idle" : "have more rows");
  else
    std::snprintf(numbers, sizeof numbers, "; the next best, %s, would take %.2f times as long",
                  text(next.grid).c_str(), ratio);
  return reason + numbers;
}

/// Position of the one to take in a list with the cheapest first.
std::size_t pick(const std::vector<GridCandidate>& sorted) {
  int most = 0;
  for (const GridCandidate& c : sorted) most = std::max(most, c.grid.ranks());
  const auto seconds = [&](std::size_t i) { return sorted[i].cost.total.seconds; };
  std::size_t cheapest = 0;
  if (sorted[0].grid.ranks() < most) {
    std::size_t full = 0;
    while (sorted[full].grid.ranks() < most) ++full;
    if (seconds(0) >= kWorthIdleRanks * seconds(full)) cheapest = full;
  }
  std::size_t best = cheapest;
  for (std::size_t i = 0; i < sorted.size() && seconds(i) <= kTie * seconds(cheapest); ++i)
    if (sorted[i].grid.ranks() >= sorted[cheapest].grid.ranks() &&
        sorted[i].grid.rows < sorted[best].grid.rows)
      best = i;
  return best;
}

}  // namespace

std::string text(GridShape grid) {
  return std::to_string(grid.rows) + " x " + std::to_string(grid.cols);
}

Index choose_unit_block(const Topology& topology, GridShape grid) {
  Index narrowest = topology.layers() == 1 ? topology.width(0) : topology.width(1);
  for (int l = 1; l < topology.layers(); ++l) narrowest = std::min(narrowest, topology.width(l));
  Index block = narrowest >= kWide ? kWideBlock : kNarrowBlock;
  while (block > kLeastBlock && block * grid.cols > narrowest) block /= 2;
  while (block > kLeastRowBlock && block * grid.rows > narrowest) block /= 2;
  return block;
}

bool fits(const Cost& cost, const MachineParameters& machine) {
  const bool enough =
      machine.memory_bytes_per_rank <= 0.0 || cost.memory_bytes <= machine.memory_bytes_per_rank;
  return enough && cost.longest_array <= std::numeric_limits<int>::max();
}

GridChoice choose_grid(const MethodCost& costs, const GridRequest& request,
                       const MachineParameters& machine) {
  ADMMNET_REQUIRE(request.ranks >= 1 && request.rows.value_or(1) >= 1 &&
                      request.rows.value_or(1) <= request.ranks,
                  "choose_grid: " + std::to_string(request.rows.value_or(1)) + " rows on " +
                      std::to_string(request.ranks) + " ranks");
  GridChoice choice;
  std::vector<GridCandidate> fitting;
  double least = std::numeric_limits<double>::infinity();
  for (GridShape grid : shapes(request)) {
    if (!costs.runs_on(grid)) continue;
    choice.runs = true;
    GridCandidate c = candidate(costs, grid, request, machine);
    if (fits(c.cost, machine)) {
      fitting.push_back(std::move(c));
    } else if (fitting.empty() && c.cost.memory_bytes < least) {
      least = c.cost.memory_bytes;
      choice.best = std::move(c);
    }
  }
  if (!choice.runs) return choice;
  choice.fits = !fitting.empty();
  if (choice.fits) {
    std::sort(fitting.begin(), fitting.end(), cheaper);
    const std::size_t best = pick(fitting);
    for (std::size_t i = 0; i < fitting.size() && choice.others.size() < kListed; ++i)
      if (i != best) choice.others.push_back(fitting[i]);
    choice.best = std::move(fitting[best]);
  }
  choice.reason = why(choice);
  return choice;
}

int ranks_that_fit(const MethodCost& costs, const GridRequest& request,
                   const MachineParameters& machine) {
  for (int ranks = request.ranks; ranks <= kMostRanks; ranks *= 2) {
    // Square grids need least memory where layers are wide, single rows where samples are many.
    int side = static_cast<int>(std::sqrt(static_cast<double>(ranks)));
    while (ranks % side != 0) --side;
    for (int rows : {request.rows.value_or(1), request.rows.value_or(side)})
      if (costs.runs_on({rows, ranks / rows}) &&
          fits(candidate(costs, {rows, ranks / rows}, request, machine).cost, machine))
        return ranks;
  }
  return 0;
}

}  // namespace admmnet
