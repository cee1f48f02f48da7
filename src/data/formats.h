/// The file format of a deck.
#pragma once

#include <memory>

#include <mpi.h>

#include "config/options.h"
#include "data/file_format.h"
#include "data/source.h"

namespace admmnet {

/// The format of -data_format. Throws BadInput that names all formats when there is none such.
const FileFormat& format_of(const DataOptions& options);

/// A file of samples that this rank may read from.
struct OpenedSource {
  std::unique_ptr<SampleSource> source;  ///< null on ranks but the first without random access
  bool random_access;                    ///< known to every rank
};

/// Collective on comm; throws on every rank what opening throws on one.
OpenedSource open_source(const DataOptions& options, const DataShape& shape, const SourceFile& file,
                         MPI_Comm comm);

/// What -data_scaling auto stands for: deviation for sparse inputs, else the format's.
Scaling usual_scaling(const DataOptions& options);

}  // namespace admmnet
