/// What a checkpoint says about itself must agree: numbers within their range, data sets of the
/// shapes that the others imply. What decides about memory is looked at before anything is read
/// into it. Pure functions of values; each throws IoFailure naming the attribute or data set, what
/// it holds, and what is expected.
#pragma once

#include "checkpoint/catalogue.h"
#include "checkpoint/contents.h"

namespace admmnet {

/// `place`: "the attribute 'x' of /", "the data set /network/hidden at 3", ...
void check_range(const std::string& place, Index value, Index least, Index most);

/// The data set is one of `shapes`.
void check_shape(const DataSet& data_set, const std::vector<std::vector<Index>>& shapes);

/// Iteration, steps (some, and not all, of a pass just in a file of format 2), finished, and the
/// shapes of /history: one value an iteration in each column.
void check_progress(const CheckpointContents& contents, const Catalogue& catalogue);
/// The values of /history/iteration: 1, 2, 3, ...
void check_history(const CheckpointContents& contents);

/// Shapes of the data sets of /network, as the numbers in `network` imply them (inputs, outputs,
/// loss), and no more hidden layers than the file has data sets.
void check_network_shapes(const NetworkDescription& network, const Catalogue& catalogue);
/// What was read of /network; and a data set /state/layer_<l>/W for each layer.
void check_network(const NetworkDescription& network, const Catalogue& catalogue);
/// The shapes of /state/layer_<l>/W and b.
void check_weights(const NetworkDescription& network, const Catalogue& catalogue);

}  // namespace admmnet
