/// Reads the table of contents of a checkpoint. Rank-local: rank 0 calls it, the others are told.
#pragma once

#include <string>

#include "checkpoint/catalogue.h"

namespace admmnet {

/// Header, attributes and index of a file, checked: it is a regular HDF5 file and a complete
/// checkpoint of a format version that this program reads; the index has its checksum; every data
/// set has the shape and type that the index says, contiguous, within the file. The elements are
/// not looked at. Throws IoFailure with the reason otherwise, whatever the file holds.
Catalogue read_catalogue(const std::string& path);

}  // namespace admmnet
