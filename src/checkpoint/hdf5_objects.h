/// Opens what lies in an untrusted file itself. Links that lead elsewhere (external, soft, of a
/// user's own kind) are refused before anything is opened through them: HDF5 follows them without
/// asking, into another file or into a pipe. Rank-local.
#pragma once

#include <string>
#include <vector>

#include "hdf5/handle.h"
#include "runtime/types.h"

namespace admmnet {

/// Throw IoFailure naming the path and what stands there instead.
Handle open_group(hid_t file, const std::string& path);
/// Also refuses data sets whose elements do not lie in one piece of this file: chunked, compact,
/// virtual, or kept in external files.
Handle open_data_set(hid_t file, const std::string& path);

/// Extents of a data set that open_data_set() has opened, slowest first; empty for a single number.
/// Negative where an extent is beyond Index.
std::vector<Index> shape_of(hid_t data_set, const std::string& path);

/// Place of the first element in the file, bytes; -1 without elements.
Index offset_of(hid_t data_set);

}  // namespace admmnet
