/// Graphs as Matrix Market files (Boisvert, Pozo and Remington, NIST IR 5935, 1996):
///
///     %%MatrixMarket matrix coordinate pattern symmetric
///     % comments
///     nodes nodes entries
///     row col [weight]        one entry a line, counted from 1
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/types.h"

namespace admmnet {

struct MatrixMarketHeader {
  std::string path;
  Index nodes = 0, entries = 0;
  bool pattern = false;    ///< entries have no weight: it is 1
  bool symmetric = false;  ///< an edge stands once; else (general) in both directions
  bool compressed = false;
  Index size_line = 0;  ///< the line of the sizes; entries begin behind it,
  Index begin = 0;      ///< at this byte
  Index bytes = 0;      ///< of the file on the disk
};

/// Throws BadInput that names file, line and remedy when it is no square sparse matrix of real,
/// integer or pattern entries, symmetric or general. Rank-local.
MatrixMarketHeader read_matrix_market_header(const std::string& path);

/// An entry as it stands in the file, counted from 0, with its line.
struct MatrixMarketEntry {
  Index row, col;
  double weight;
  Index line;
};

/// This rank's part of the entries: of a plain file the lines of its byte range; a packed one is
/// unpacked by all. Throws BadInput for entries that are outside of the matrix, for weights that
/// are no finite numbers >= 0, and when there are not as many as the header says. Collective.
std::vector<MatrixMarketEntry> read_matrix_market(const MatrixMarketHeader& header, MPI_Comm comm);

}  // namespace admmnet
