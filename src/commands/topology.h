/// From options and data to the network that they ask for, and to what a checkpoint says about it.
#pragma once

#include "checkpoint/contents.h"
#include "config/options.h"
#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// Widths from the data's features, -net_hidden and the classes; the loss from the deck or the
/// sweep's default. Throws BadInput for fewer than two classes.
Topology make_topology(const Options& options, const DataShape& shape);

/// Puts the values that the program chose in the place of "auto", so that a used deck says what was
/// used.
void fill_in_choices(const Topology& topology, const DataShape& shape, Options& options);

/// What `predict` needs beside the weights.
NetworkDescription describe_network(const Topology& topology, const DataShape& shape,
                                    const Preprocessing& preprocessing);
Topology topology_of(const NetworkDescription& description);
Preprocessing preprocessing_of(const NetworkDescription& description);

}  // namespace admmnet
