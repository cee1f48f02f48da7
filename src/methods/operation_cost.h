/// What an operation of linalg/ costs on a process grid: the ground under every method's cost
/// model. Pure arithmetic: no MPI, nothing allocated.
///
/// Messages and bytes are a rank's, the mean over the ranks, counted as
/// mpi_counter/mpi_counter.h counts real ones; flops are those of all ranks together, one
/// multiply and one add being 2. Bytes agree with counted ones within a tenth, and within 4 % where
/// layers are several blocks wide; messages within a third (tests/methods/counted_costs.cpp).
/// Seconds are rough: each message costs a latency, each byte its time on the network and in
/// memory, each flop of the busiest rank the speed of a product of that shape, one after the other.
#pragma once

#include "linalg/correction.h"
#include "methods/pblas_cost.h"

namespace admmnet {

/// Of one rank. The defaults stand for a core of a current server processor, one rank a core, and
/// its share of a 100 Gb/s network; -plan_gflops and the like replace them.
struct MachineParameters {
  double gemm_gflops = 35.0;                ///< large dgemm
  double latency_seconds = 2e-6;            ///< of a message, with the software around it
  double bandwidth_bytes_per_second = 1e9;  ///< between ranks, while all of them send
  double copy_bytes_per_second = 5e9;       ///< to and from memory, while all ranks do
  double memory_bytes_per_rank = 0.0;       ///< that is there; 0: unknown
};

/// Cost of some work; seconds are those of the busiest rank.
struct Work {
  double flops = 0.0, messages = 0.0, bytes = 0.0, seconds = 0.0;

  Work& operator+=(const Work& other);
  friend Work operator+(Work a, const Work& b) { return a += b; }
  friend Work operator*(double factor, const Work& work) {
    return {factor * work.flops, factor * work.messages, factor * work.bytes,
            factor * work.seconds};
  }
};

/// The operations of linalg/ with matrices of the layouts in use: unit matrices in square blocks of
/// `unit_block`, sample matrices in contiguous slabs of columns. Names and shapes are those of
/// linalg/.
class OperationCosts {
 public:
  OperationCosts(GridShape grid, Index unit_block, const MachineParameters& machine);

  /// Z := W H.  W: m x k, H: k x samples.
  Work apply(Index m, Index k, Index samples) const;
  /// Z := X^T D.  X: k x m, D: k x samples.
  Work apply_transposed(Index m, Index k, Index samples) const;
  /// R := D H^T.  D: m x samples, H: k x samples.
  Work accumulate_outer(Index m, Index k, Index samples) const;
  /// G := H H^T, lower triangle.  H: k x samples.
  Work accumulate_gram(Index k, Index samples) const;

  /// GramSolver::factor of an n x n matrix.
  Work factor(Index n) const;
  /// GramSolver::solve_right with m rows, ::solve_left with m columns; order n.
  Work solve_right(Index m, Index n) const;
  Work solve_left(Index m, Index n) const;
  /// Correction::form with W m x n for so many columns, and ::apply to `samples` of them.
  Work form_correction(Index m, Index n, CorrectionSide side, Index columns) const;
  Work apply_correction(Index m, Index n, CorrectionSide side, Index columns, Index samples) const;
  /// C := A S with S symmetric. A: m x n.
  Work multiply_symmetric(Index m, Index n) const;

  /// Output columns from the grid to the sample layout, or back.
  Work redistribute_outputs(Index outputs, Index samples) const;
  Work allreduce(Index doubles) const;
  /// An element-wise step that moves so many doubles to or from memory for each entry.
  Work over_units(Index m, Index n, double doubles) const;          ///< of an m x n unit matrix
  Work over_samples(Index m, Index samples, double doubles) const;  ///< of an m x samples matrix

  /// Entries of the rank that holds most.
  double largest_unit_part(Index m, Index n) const;
  double largest_sample_part(Index m, Index samples) const;
  /// Entries that a product with samples stages on a 1 x P grid, and the longest buffer among them.
  double staged(Index m, Index n) const;
  double longest_staged(Index m, Index n) const;

  /// Whether every rank holds the whole Cholesky factor of this order beside its part.
  bool replicates(Index n) const;

 private:
  Extent units(Index n) const { return {n, unit_block_}; }
  Extent slabs(Index n) const;
  Index round() const { return unit_block_ * grid_.cols; }  ///< columns of a round of blocks
  Index columns_per_range(Index rows) const;
  /// Collective calls in which the columns of a unit matrix cross the network on a 1 x P grid, and
  /// the ranks that own some of the columns of a call, summed over the calls.
  struct Crossings {
    double calls = 0.0, owners = 0.0;
  };
  Crossings crossings(Index rows, Index first, Index last) const;
  /// A product with samples on a 1 x P grid: the unit matrix has `elements`, each of which meets
  /// every sample, and crosses the network once: to every rank, or from every rank as a summand.
  enum class Direction { gather, sum };
  Work local_product(Direction direction, Index rows, Index cols, double elements,
                     Extent samples) const;
  Work correction_gram(Index m, Index n, bool outputs_side) const;
  Index factor_panel() const;
  Work streamed_factor(Index n) const;
  Work solve_columns(Extent columns, Index n) const;
  Work two_solves(Side side, Extent sides, Index n) const;
  /// 8-byte elements sent by all ranks together, in `messages` a rank.
  Work traffic(double messages, double elements) const;
  /// `busiest` of the flops fall to one rank, in products whose least dimension is `least`.
  Work compute(double flops, double busiest, double least) const;
  Work copy(double doubles) const;
  Work pblas(const PblasCost& cost) const;
  Work solver(PblasCost cost) const;

  GridShape grid_;
  Index unit_block_;
  MachineParameters machine_;
};

}  // namespace admmnet
