/// Which nodes of a graph are for what: text files with one node a line, counted from 0.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

/// What a selected sample is for; the numbers are those of the sets in `load`.
enum Role : int { role_train = 0, role_validation = 1, role_test = 2, role_none = -1 };

struct NodeRoles {
  std::vector<int> role;    ///< of each node
  std::vector<Index> line;  ///< of each node in its list
};

/// Of the lists that the options name. Throws BadInput that names file and line for what is no node
/// of a graph of so many, for a node that stands twice, also in different lists, and for a list
/// without nodes. Rank-local.
NodeRoles read_node_lists(const DataOptions& options, Index nodes);

}  // namespace admmnet
