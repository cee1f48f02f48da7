#include "data/formats.h"

#include <utility>

#include "data/contents.h"
#include "data/csv_format.h"
#include "data/hdf5_format.h"
#include "data/idx_format.h"
#include "data/npy_format.h"
#include "data/recognise.h"
#include "data/svmlight_format.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

static const IdxFormat idx;
static const CsvFormat csv;
static const SvmlightFormat svmlight;
static const Hdf5Format hdf5;
static const NpzFormat npz;
static const NpyFormat npy;
static const AutomaticFormat automatic;

/// Named on the link line of whatever uses the room (CMakeLists.txt): of a static library the
/// linker takes only what is asked for, and a deck finds the formats by their names alone.
extern "C" const bool admmnet_formats_are_added;
const bool admmnet_formats_are_added = format_table().add(idx) && format_table().add(csv) &&
                                       format_table().add(svmlight) && format_table().add(hdf5) &&
                                       format_table().add(npz) && format_table().add(npy) &&
                                       format_table().add(automatic);

const FileFormat& format_of(const DataOptions& options) {
  const FileFormat* format = format_table().find(options.format);
  if (format == nullptr)
    throw BadInput("-data_format: '" + options.format + "' is not allowed; allowed: one of " +
                   format_table().names());
  return *format;
}

/// Pixels have one unit, the columns of a table have many.
Scaling FileFormat::usual_scaling() const {
  return images ? Scaling::centred : Scaling::standard;
}

/// README.md §1.
OpenedSource open_source(const DataOptions& options, const DataShape& shape, const SourceFile& file,
                         MPI_Comm comm) {
  const FileFormat& format = format_of(options);
  std::unique_ptr<SampleSource> source;
  collectively(comm, [&] {
    if (rank_of(comm) == 0) source = format.open(options, shape, file);
  });
  int random_access = source != nullptr && source->random_access() ? 1 : 0;
  ADMMNET_MPI(MPI_Bcast(&random_access, 1, MPI_INT, 0, comm));
  collectively(comm, [&] {
    if (random_access == 1 && source == nullptr) source = format.open(options, shape, file);
  });
  return {std::move(source), random_access == 1};
}

Scaling usual_scaling(const DataOptions& options) {
  return options.storage == Storage::sparse ? Scaling::deviation
                                            : format_of(options).usual_scaling();
}

Contents FileFormat::examine_last(const DataOptions& options,
                                  const std::vector<std::string>&) const {
  return examine_train(options);
}

std::string FileFormat::place_of_feature(const SourceFile&, Index feature) const {
  return "feature " + std::to_string(feature + 1);
}

std::string FileFormat::place_of_sample(const DataOptions&, const SourceFile&, Index sample) const {
  return "sample " + std::to_string(sample + 1);
}

}  // namespace admmnet
