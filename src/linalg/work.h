/// What work costs a machine, and what a machine can do. Pure arithmetic.
#pragma once

#include "runtime/types.h"

namespace admmnet {

struct GridShape {
  int rows = 1, cols = 1;
  int ranks() const { return rows * cols; }
  bool operator==(const GridShape& other) const { return rows == other.rows && cols == other.cols; }
};

/// Of one rank. The defaults stand for a core of a current server processor, one rank a core, and
/// its share of a 100 Gb/s network; -plan_gflops and the like replace them.
struct MachineParameters {
  double gemm_gflops = 35.0;                ///< large dgemm
  double latency_seconds = 2e-6;            ///< of a message, with the software around it
  double bandwidth_bytes_per_second = 1e9;  ///< between ranks, while all of them send
  double copy_bytes_per_second = 5e9;       ///< to and from memory, while all ranks do
  double memory_bytes_per_rank = 0.0;       ///< that is there; 0: unknown
};

/// Cost of some work. Flops are those of all ranks together, one multiply and one add being 2;
/// messages and bytes are a rank's, the mean over the ranks, counted as mpi_counter/mpi_counter.h
/// counts real ones; seconds are those of the busiest rank.
struct Work {
  double flops = 0.0, messages = 0.0, bytes = 0.0, seconds = 0.0;

  Work& operator+=(const Work& other) {
    flops += other.flops;
    messages += other.messages;
    bytes += other.bytes;
    seconds += other.seconds;
    return *this;
  }
  friend Work operator+(Work a, const Work& b) { return a += b; }
  friend Work operator*(double factor, const Work& work) {
    return {factor * work.flops, factor * work.messages, factor * work.bytes,
            factor * work.seconds};
  }
};

}  // namespace admmnet
