/// From options and data to the network that they ask for, and to what a checkpoint says about it.
#pragma once

#include "checkpoint/contents.h"
#include "config/options.h"
#include "data/dataset.h"
#include "methods/method.h"
#include "network/calibration.h"
#include "network/network.h"

namespace admmnet {

/// Widths from the data's features, -net_hidden and the classes; the loss from the deck or the
/// sweep's default. Throws BadInput for fewer than two classes.
Topology make_topology(const Options& options, const DataShape& shape);

/// How the features are held in memory, where the deck leaves it open; the components must be
/// known, or what is asked for of them. Throws BadInput where it is said and cannot be.
Storage storage_of(const DataShape& shape, const Options& options);

/// The problem that the options and the data pose, and every choice that depends on these two alone
/// in the place of its "auto": from here on options say what is used. Throws BadInput. Call it once
/// a run, with the values of a checkpoint that the run goes on from in their places.
ProblemSize resolve(const DataShape& shape, Options& options);

/// What `predict` needs beside the weights; without a temperature, which comes with the result.
NetworkDescription describe_network(const Topology& topology, const DataShape& shape,
                                    const Preprocessing& preprocessing);
/// Of the network of a checkpoint.
Calibration calibration_of(const NetworkDescription& description);
Topology topology_of(const NetworkDescription& description);
Preprocessing preprocessing_of(const NetworkDescription& description);

}  // namespace admmnet
