/// Inputs of a graph's nodes from the features of their neighbourhoods:
///
///     X = [H, S H, S^2 H, ..., S^(K-1) H],   K = -data_hops,
///
/// H: nodes x features, S: the normalised graph (graph.h). Feature j of block k is input k d + j, d
/// features in the file. (Frasca et al., SIGN, 2020; Wang et al., pdADMM-G, TNNLS 2022.)
///
/// README.md §2. S^k H is never there as a whole: as many columns as fit into kColumnBytes go
/// through all hops, and the rows of the nodes that are used are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <mpi.h>

#include "config/options.h"
#include "data/source.h"

namespace admmnet {

struct DataShape;
struct SourceFile;

/// Of n rows of a rank: what its columns may take that are multiplied at once.
constexpr double kColumnBytes = 64.0 * 1024 * 1024;

struct Propagated {
  /// X, node by node, of random access to this rank's slab of the nodes: samples r w to (r + 1) w -
  /// 1, w = slab_width(nodes, P). Nodes of class kNotSelected are not there.
  std::unique_ptr<SampleSource> source;
  std::uint64_t graph_checksum = 0;
  std::vector<std::string> notes;
};

/// Throws BadInput that names the size where propagate() and the places that its inputs go to need
/// more memory than there is: to be asked before there are such places. Collective on comm.
void check_memory_of_inputs(const DataOptions& options, const DataShape& shape,
                            const SourceFile& nodes, MPI_Comm comm);

/// Reads the graph and the features. Collective on comm; 2 nnz(S) features (K - 1) flops. Throws
/// what read_graph throws.
///
/// Memory of a rank: the used rows of its nodes, 8 K d bytes each, while these are sent to where
/// they belong, where they take as much again; its features that are not 0; S; a few kColumnBytes.
Propagated propagate(const DataOptions& options, const DataShape& shape, const SourceFile& nodes,
                     MPI_Comm comm);

}  // namespace admmnet
