/// -data_components of a run: what the deck leaves open gets its value here, before the network's
/// widths are known.
#pragma once

#include <optional>
#include <string>

#include "checkpoint/contents.h"
#include "config/options.h"
#include "data/dataset.h"
#include "runtime/timers.h"

namespace admmnet {

/// A share, or all, where the run that this one goes on from has just so many components: becomes
/// their number. Anything else stays, so that the difference is found.
void take_components(const CheckpointContents& of_run, DataOptions& options);

/// Of a run that begins: learns the components from the training samples where the deck wants any,
/// and puts their number (or none) into options.data.components; the scaling with them, or nothing
/// where there are none. Timed as the phase "components". Throws BadInput for more than there are,
/// and where there are too many features. Collective on comm.
std::optional<Preprocessing> learn_components(Options& options, const DataShape& shape,
                                              Timers& timers, MPI_Comm comm);

/// Of a plan, which looks at no values: the most that it can be in the place of what only values
/// would say. Of a problem without files, of which nobody knows whether it is images, auto is none.
/// Returns a line that says so; empty: nothing was open.
std::string assume_components(Options& options, const DataShape& shape);

}  // namespace admmnet
