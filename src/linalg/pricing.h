/// What the parts of an operation cost on a process grid: the terms in which layouts answer.
#pragma once

#include "linalg/block_cyclic/pblas_cost.h"
#include "linalg/operation.h"

namespace admmnet {

/// A process grid of a machine, and the block of units on it. Pure arithmetic: no MPI, nothing
/// allocated. Seconds are rough: each message costs a latency, each byte its time on the network
/// and in memory, each flop of the busiest rank the speed of a product of that shape, one after the
/// other.
class Pricing {
 public:
  Pricing(GridShape grid, Index unit_block, const MachineParameters& machine = {})
      : grid_(grid), unit_block_(unit_block), machine_(machine) {}

  GridShape grid() const { return grid_; }
  int ranks() const { return grid_.ranks(); }
  Index unit_block() const { return unit_block_; }
  const MachineParameters& machine() const { return machine_; }

  Extent units(Index n) const { return {n, unit_block_}; }
  /// The columns of an operation's sample matrix.
  Extent columns(const Operation& operation) const { return dealt(operation.n, operation.dealt); }
  Extent dealt(Index cols, Index widest) const;
  /// Columns of a round of blocks of units over the process columns.
  Index round() const { return unit_block_ * grid_.cols; }

  /// 8-byte elements sent by all ranks together, in `messages` a rank.
  Work traffic(double messages, double elements) const;
  /// `busiest` of the flops fall to one rank, in products whose least dimension is `least`.
  Work compute(double flops, double busiest, double least) const;
  /// The same in Cholesky factors and triangular solves.
  Work solve(double flops, double busiest, double least) const;
  /// Doubles moved to or from memory by the busiest rank.
  Work copy(double doubles) const;
  /// Elements that are packed, sent and unpacked.
  Work packing(double elements) const;
  Work allreduce(double doubles) const;
  Work pblas(const PblasCost& cost) const;
  Work scalapack_solver(PblasCost cost) const;

  /// Entries of the rank that holds most.
  double largest_part(const Extent& rows, const Extent& cols) const;
  /// What pdgemr2d sends before the entries, and the entries: of `among` ranks (0: of all) in the
  /// mean from `owners`.
  Work redistribute(double owners, double elements, int among = 0) const;
  /// Any matrix of so many elements from one layout to another, packed and unpacked.
  Work move(double elements) const;
  /// The same of m x n, from slabs of columns to blocks of units, with the rows where they are.
  Work move_slabs(Index m, Index n, Index slab) const;

 private:
  GridShape grid_;
  Index unit_block_;
  MachineParameters machine_;
};

}  // namespace admmnet
