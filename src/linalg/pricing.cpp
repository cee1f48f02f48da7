#include "linalg/pricing.h"

#include <algorithm>
#include <cmath>

#include "linalg/block_cyclic_matrix.h"

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
/// Doubles moved to or from memory for each one that is packed, sent and unpacked.
constexpr double kPacking = 3.0;

}  // namespace

Extent Pricing::dealt(Index cols, Index widest) const {
  return {cols, widest == kBlockOfUnits ? unit_block_ : slab_width(widest, grid_.cols)};
}

Work Pricing::traffic(double messages, double elements) const {
  const double bytes = 8.0 * elements / ranks();
  return {0.0, messages, bytes,
          messages * machine_.latency_seconds + bytes / machine_.bandwidth_bytes_per_second};
}

Work Pricing::compute(double flops, double busiest, double least) const {
  const double rate = 1e9 * machine_.gemm_gflops * least / (least + kHalfSpeedDimension);
  return {flops, 0.0, 0.0, busiest / rate};
}

Work Pricing::solve(double flops, double busiest, double least) const {
  return compute(flops, kSolverSlowdown * busiest, least);
}

Work Pricing::copy(double doubles) const {
  return {0.0, 0.0, 0.0, 8.0 * doubles / machine_.copy_bytes_per_second};
}

Work Pricing::packing(double elements) const {
  return copy(kPacking * elements);
}

Work Pricing::allreduce(double doubles) const {
  const int P = ranks();
  return traffic(2.0 * rounds(P), 2.0 * (P - 1) * doubles);
}

Work Pricing::pblas(const PblasCost& cost) const {
  const Work products = compute(cost.flops, cost.busiest, cost.least);
  if (ranks() == 1) return products;
  const Work waiting{0.0, 0.0, 0.0, kWaiting * cost.messages * machine_.latency_seconds};
  return products + traffic(cost.messages, cost.elements) + waiting +
         packing(cost.elements / ranks());
}

Work Pricing::scalapack_solver(PblasCost cost) const {
  cost.busiest *= kSolverSlowdown;
  return pblas(cost);
}

double Pricing::largest_part(const Extent& rows, const Extent& cols) const {
  return static_cast<double>(local_count(rows.size, rows.block, 0, grid_.rows)) *
         static_cast<double>(local_count(cols.size, cols.block, 0, grid_.cols));
}

// First the ranks compare, in a butterfly, 2 P + 20 integers with the distances to their owners, 6
// bytes each.
Work Pricing::redistribute(double owners, double elements, int among) const {
  const int P = ranks();
  const double others = 1.0 - 1.0 / (among > 0 ? among : P);
  const double butterfly = std::floor(std::log2(static_cast<double>(P)));
  return traffic(butterfly + others * owners,
                 others * elements + P * butterfly * 6.0 * (2.0 * P + 20.0) / 8.0);
}

Work Pricing::move(double elements) const {
  if (ranks() == 1) return packing(elements);
  return redistribute(ranks() / 2.0, elements) + packing(elements / ranks());
}

// So many slabs and blocks have slabs + blocks - 1 stretches of columns in common.
Work Pricing::move_slabs(Index m, Index n, Index slab) const {
  const int Q = grid_.cols;
  const auto stretches = static_cast<double>((n - 1) / slab + (n - 1) / unit_block_ + 1);
  const double elements = static_cast<double>(m) * static_cast<double>(n);
  return redistribute(std::min<double>(Q, stretches / Q), elements, Q) +
         packing(elements / ranks());
}

}  // namespace admmnet
