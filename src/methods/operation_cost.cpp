#include "methods/operation_cost.h"

#include <algorithm>
#include <cmath>

#include "linalg/column_cholesky.h"
#include "linalg/gram_solver.h"
#include "linalg/unit_operand.h"

namespace admmnet {
namespace {

/// A product whose least dimension is this runs at half the speed of a large one (OpenBLAS, AVX2).
constexpr double kHalfSpeedDimension = 16.0;
/// Cholesky factors and triangular solves take so many times longer than products of the same
/// flops.
constexpr double kSolverSlowdown = 1.2;
/// Latencies that a message of PBLAS costs besides its own: panels wait for each other, row by row
/// and column by column.
constexpr double kWaiting = 2.0;
/// Columns of a factor that pass through the ranks at a time (linalg/replicated_factor.cpp).
constexpr Index kStreamedPanel = 512;
/// Doubles moved to or from memory for each one that is packed, sent and unpacked.
constexpr double kPacking = 3.0;

double as_double(Index n) {
  return static_cast<double>(n);
}

/// Entries of a triangle.
double half(Index n) {
  return 0.5 * as_double(n) * as_double(n + 1);
}

}  // namespace

Work& Work::operator+=(const Work& other) {
  flops += other.flops;
  messages += other.messages;
  bytes += other.bytes;
  seconds += other.seconds;
  return *this;
}

OperationCosts::OperationCosts(GridShape grid, Index unit_block, const MachineParameters& machine)
    : grid_(grid), unit_block_(unit_block), machine_(machine) {}

Extent OperationCosts::slabs(Index n) const {
  return {n, slab_width(n, grid_.cols)};
}

Work OperationCosts::traffic(double messages, double elements) const {
  const double bytes = 8.0 * elements / grid_.ranks();
  return {0.0, messages, bytes,
          messages * machine_.latency_seconds + bytes / machine_.bandwidth_bytes_per_second};
}

Work OperationCosts::compute(double flops, double busiest, double least) const {
  const double rate = 1e9 * machine_.gemm_gflops * least / (least + kHalfSpeedDimension);
  return {flops, 0.0, 0.0, busiest / rate};
}

Work OperationCosts::copy(double doubles) const {
  return {0.0, 0.0, 0.0, 8.0 * doubles / machine_.copy_bytes_per_second};
}

Work OperationCosts::pblas(const PblasCost& cost) const {
  const Work products = compute(cost.flops, cost.busiest, cost.least);
  if (grid_.ranks() == 1) return products;
  const Work waiting{0.0, 0.0, 0.0, kWaiting * cost.messages * machine_.latency_seconds};
  return products + traffic(cost.messages, cost.elements) + waiting +
         copy(kPacking * cost.elements / grid_.ranks());
}

Work OperationCosts::solver(PblasCost cost) const {
  cost.busiest *= kSolverSlowdown;
  return pblas(cost);
}

double OperationCosts::largest_unit_part(Index m, Index n) const {
  return as_double(local_count(m, unit_block_, 0, grid_.rows)) *
         as_double(local_count(n, unit_block_, 0, grid_.cols));
}

double OperationCosts::largest_sample_part(Index m, Index samples) const {
  return as_double(local_count(m, unit_block_, 0, grid_.rows)) *
         as_double(slab_width(samples, grid_.cols));
}

Index OperationCosts::columns_per_range(Index rows) const {
  const Index fitting = std::max<Index>(1, kRangeEntries / std::max<Index>(1, rows));
  return fitting < round() ? fitting : fitting / round() * round();
}

double OperationCosts::longest_staged(Index m, Index n) const {
  if (grid_.rows > 1 || grid_.cols == 1) return 0.0;
  return as_double(m) * as_double(std::min(n, columns_per_range(m)));
}

double OperationCosts::staged(Index m, Index n) const {
  const double crossing = as_double(m) * as_double(std::min({n, columns_per_range(m), round()}));
  return longest_staged(m, n) + 2.0 * crossing;  // a packed triangle, the others' summands
}

OperationCosts::Crossings OperationCosts::crossings(Index rows, Index first, Index last) const {
  Crossings sum;
  const Index most = columns_per_range(rows);
  for (Index begin = first, end; begin < last; begin = end) {
    end = std::min({last, begin + most, (begin / round() + 1) * round()});
    sum.calls += 1.0;
    sum.owners += as_double((end - 1) / unit_block_ - begin / unit_block_ + 1);
  }
  return sum;
}

Work OperationCosts::allreduce(Index doubles) const {
  const int P = grid_.ranks();
  return traffic(2.0 * rounds(P), 2.0 * (P - 1) * as_double(doubles));
}

Work OperationCosts::over_units(Index m, Index n, double doubles) const {
  return copy(doubles * largest_unit_part(m, n));
}

Work OperationCosts::over_samples(Index m, Index samples, double doubles) const {
  return copy(doubles * largest_sample_part(m, samples));
}

Work OperationCosts::local_product(Direction direction, Index rows, Index cols, double elements,
                                   Extent samples) const {
  const int P = grid_.cols;
  const Index own = local_count(samples.size, samples.block, 0, P);
  const Work product =
      compute(2.0 * elements * as_double(samples.size), 2.0 * elements * as_double(own),
              as_double(std::min({rows, cols, own})));
  if (P == 1) return product;
  const Crossings crossing = crossings(rows, 0, cols);
  const bool one_by_one = direction == Direction::sum && P <= kRanksOneByOne;
  const double messages = one_by_one ? crossing.owners * (P - 1) / P : crossing.calls * rounds(P);
  return product + traffic(messages, (P - 1) * elements) + copy(kPacking * elements);
}

Work OperationCosts::apply(Index m, Index k, Index samples) const {
  if (grid_.rows > 1)
    return pblas(gemm_cost(grid_, false, false, units(m), slabs(samples), units(k)));
  return local_product(Direction::gather, m, k, as_double(m) * as_double(k), slabs(samples));
}

Work OperationCosts::apply_transposed(Index m, Index k, Index samples) const {
  if (grid_.rows > 1)
    return pblas(gemm_cost(grid_, true, false, units(m), slabs(samples), units(k)));
  return local_product(Direction::gather, k, m, as_double(m) * as_double(k), slabs(samples));
}

Work OperationCosts::accumulate_outer(Index m, Index k, Index samples) const {
  if (grid_.rows > 1)
    return pblas(gemm_cost(grid_, false, true, units(m), units(k), slabs(samples)));
  return local_product(Direction::sum, m, k, as_double(m) * as_double(k), slabs(samples));
}

Work OperationCosts::accumulate_gram(Index k, Index samples) const {
  if (grid_.rows > 1) return pblas(syrk_cost(grid_, units(k), slabs(samples)));
  return local_product(Direction::sum, k, k, half(k), slabs(samples));
}

Work OperationCosts::factor(Index n) const {
  const Work copied = allreduce(1) + over_units(n, n, 2.0);
  if (grid_.rows > 1) return copied + solver(potrf_cost(grid_, units(n)));
  const double flops = as_double(n) * as_double(n) * as_double(n) / 3.0;
  if (grid_.cols == 1) return copied + compute(flops, kSolverSlowdown * flops, as_double(n));
  const Index together = unit_block_ * std::max<Index>(1, kColumnsTogether / unit_block_);
  double blocks = 0.0, elements = 0.0, one_by_one = 0.0;
  for (Index begin = 0; begin < n; begin += unit_block_, blocks += 1.0) {
    const double width = as_double(std::min(unit_block_, n - begin));
    elements += width * as_double(n - begin / together * together);
    one_by_one += width * width * (as_double(n - begin) - 2.0 / 3.0 * width);
  }
  const double busiest = one_by_one + (flops - one_by_one) / grid_.cols;
  return copied + compute(flops, kSolverSlowdown * busiest, as_double(std::min(n, together))) +
         traffic(blocks * rounds(grid_.cols), (grid_.cols - 1) * elements) +
         copy(kPacking * elements);
}

bool OperationCosts::replicates(Index n) const {
  return grid_.rows == 1 && grid_.cols > 1 && n <= kReplicatedOrder;
}

/// Columns of the panels in which a factor, and rows of right-hand sides, pass through the ranks.
Index OperationCosts::factor_panel() const {
  return round() * std::max<Index>(1, kStreamedPanel / round());
}

/// The factor that passes through every rank on the way down and, but for the last panel, on the
/// way up; columns from the diagonal block on.
Work OperationCosts::streamed_factor(Index n) const {
  double calls = 0.0, elements = 0.0;
  for (Index first = 0; first < n; first += factor_panel()) {
    const Index last = std::min(n, first + factor_panel());
    const double times = last < n ? 2.0 : 1.0;
    calls += times * crossings(n, first, last).calls;
    elements += times * as_double((n - first) * (last - first));
  }
  return traffic(calls * rounds(grid_.cols), (grid_.cols - 1) * elements) +
         copy(kPacking * elements);
}

// On a 1 x P grid the rows are dealt to the ranks, solved for, and sent back.
Work OperationCosts::solve_right(Index m, Index n) const {
  const int P = grid_.cols;
  const bool streamed = P > 1 && !replicates(n) && m >= n / kStreamedShare;
  if (grid_.rows > 1 || (P > 1 && !replicates(n) && !streamed))
    return two_solves(Side::right, units(m), n);
  const Index own = slab_width(m, P);
  const double flops = 2.0 * as_double(n) * as_double(n);
  Work solve = compute(flops * as_double(m), kSolverSlowdown * flops * as_double(own),
                       as_double(std::min(own, n)));
  if (P == 1) return solve;
  if (streamed) solve += streamed_factor(n);
  // Columns travel a panel at a time, from their owners to the takers of rows; less what a rank
  // would send to itself.
  const Index takers = (m + own - 1) / own, step = factor_panel();
  double pairs = 0.0, panels = 0.0;
  for (Index first = 0; first < n; first += step, panels += 1.0) {
    const Index blocks = (std::min(step, n - first) + unit_block_ - 1) / unit_block_;
    const Index owners = std::min<Index>(P, blocks);
    pairs += as_double(takers * owners - std::min(takers, owners));
  }
  Work exchange = traffic(2.0 * pairs / P, 2.0 * (P - 1.0) / P * as_double(m * n));
  // Ranks that get nothing are called on, too.
  exchange.seconds += (2.0 * P * panels - 2.0 * pairs / P) * machine_.latency_seconds;
  return solve + exchange + copy(2.0 * kPacking * as_double(m * n) / P);
}

Work OperationCosts::solve_left(Index m, Index n) const {
  return solve_columns(units(m), n);
}

Work OperationCosts::solve_columns(Extent columns, Index n) const {
  const bool own_columns = grid_.cols == 1 || replicates(n) || columns.size >= n / kStreamedShare;
  if (grid_.rows > 1 || !own_columns) return two_solves(Side::left, columns, n);
  const double flops = 2.0 * as_double(n) * as_double(n);
  const Index own = local_count(columns.size, columns.block, 0, grid_.cols);
  const Work solve = compute(flops * as_double(columns.size),
                             kSolverSlowdown * flops * as_double(own), as_double(std::min(own, n)));
  return grid_.cols == 1 || replicates(n) ? solve : solve + streamed_factor(n);
}

Work OperationCosts::two_solves(Side side, Extent sides, Index n) const {
  return solver(trsm_cost(grid_, side, true, sides, units(n))) +
         solver(trsm_cost(grid_, side, false, sides, units(n)));
}

/// W's columns take the part of samples.
Work OperationCosts::correction_gram(Index m, Index n, bool outputs_side) const {
  if (outputs_side)
    return grid_.rows > 1 ? pblas(syrk_cost(grid_, units(m), units(n)))
                          : local_product(Direction::sum, m, m, half(m), units(n));
  return grid_.rows > 1
             ? pblas(gemm_cost(grid_, true, false, units(n), units(n), units(m)))
             : local_product(Direction::gather, m, n, as_double(m) * as_double(n), units(n));
}

Work OperationCosts::form_correction(Index m, Index n, CorrectionSide side, Index columns) const {
  const bool outputs_side = factors_outputs(m, n, side);
  const Work factored =
      over_units(m, n, 2.0) + correction_gram(m, n, outputs_side) + factor(outputs_side ? m : n);
  if (!forms_operator(m, n, side, columns)) return factored;
  return factored + (outputs_side ? solve_left(n, m) : solve_right(m, n));
}

Work OperationCosts::apply_correction(Index m, Index n, CorrectionSide side, Index columns,
                                      Index samples) const {
  const Work applied = apply_transposed(n, m, samples);
  if (forms_operator(m, n, side, columns)) return applied;
  const Index order = factors_outputs(m, n, side) ? m : n;
  return applied + solve_columns(slabs(samples), order) + over_samples(order, samples, 2.0);
}

Work OperationCosts::multiply_symmetric(Index m, Index n) const {
  return pblas(symm_cost(grid_, units(m), units(n)));
}

// On a 1 x P grid the columns are where they belong. Else pdgemr2d first compares, in a butterfly,
// 2 P + 20 integers with the distances to their owners, 6 bytes each.
Work OperationCosts::redistribute_outputs(Index outputs, Index samples) const {
  const int P = grid_.ranks();
  const Work copied = copy(2.0 * kPacking * as_double(outputs) * as_double(slab_width(samples, P)));
  if (grid_.rows == 1) return copied;
  const double others = 1.0 - 1.0 / P;
  const double owners =
      std::min<double>(grid_.rows, std::ceil(as_double(outputs) / as_double(unit_block_)));
  const double butterfly = std::floor(std::log2(static_cast<double>(P)));
  return copied +
         traffic(butterfly + others * owners, others * as_double(outputs) * as_double(samples) +
                                                  P * butterfly * 6.0 * (2.0 * P + 20.0) / 8.0);
}

}  // namespace admmnet
