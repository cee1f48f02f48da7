/// The file format of a deck.
#pragma once

#include "config/options.h"
#include "data/file_format.h"

namespace admmnet {

/// The format of -data_format. Throws BadInput that names all formats when there is none such.
const FileFormat& format_of(const DataOptions& options);

/// What -data_scaling auto stands for: deviation for sparse inputs, else the format's.
Scaling usual_scaling(const DataOptions& options);

}  // namespace admmnet
