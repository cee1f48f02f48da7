/// An undirected graph as a distributed sparse matrix.
///
///     S = (D + I)^(-1/2) (A + I) (D + I)^(-1/2),   D = diag(A 1)
///
/// with the weights A of the edges (Kipf and Welling, ICLR 2017). A is that of a graph without
/// loops: I gives each node one, and a loop that the file has is left out, so that no node is
/// counted twice. An isolated node has S_ii = 1 and nothing else. README.md §2.
#pragma once

#include <cstdint>
#include <string>

#include <mpi.h>

#include "data/matrix_market.h"
#include "linalg/sparse_matrix.h"
#include "runtime/types.h"

namespace admmnet {

struct Graph {
  SparseMatrix normalised;     ///< S
  Index edges = 0;             ///< without loops, each counted once
  Index loops = 0;             ///< that the file has
  Index isolated = 0;          ///< nodes without edges
  std::uint64_t checksum = 0;  ///< of A: the same on any number of ranks
};

/// Reads the file. Throws BadInput that names file, line and remedy, as read_matrix_market does,
/// for an edge that stands twice, and where a general matrix is not symmetric. Each entry is moved
/// once, to the rank of its larger node, and each edge twice by the assembly. Collective.
Graph read_graph(const MatrixMarketHeader& header, MPI_Comm comm);

}  // namespace admmnet
