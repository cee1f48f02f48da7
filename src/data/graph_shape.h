/// The first look at a graph: which of its nodes are for what. For probe().
#pragma once

#include "config/options.h"
#include "data/dataset.h"

namespace admmnet {

struct Contents;

/// Of a run on a graph: its nodes as the samples of a training file. Classes are the labels of the
/// nodes to train on; another node whose label is 0 and no class, or that has no label, is not
/// scored (README.md §2). Rank-local. Throws BadInput with file, line and remedy.
DataShape shape_of_graph(const DataOptions& options, Contents nodes);

/// The nodes to predict for, those of -data_test_nodes or all, as the samples of a test file, for a
/// network with this coding. Rank-local.
DataShape shape_of_graph_test(const DataOptions& options, Contents nodes,
                              const TrainedCoding& network);

}  // namespace admmnet
