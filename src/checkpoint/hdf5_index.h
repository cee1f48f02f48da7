/// Rows of the data set /index, as HDF5 sees them.
#pragma once

#include <cstdint>
#include <vector>

#include "checkpoint/catalogue.h"
#include "hdf5/handle.h"

namespace admmnet {

/// One data set. Texts are filled up with zeros.
struct IndexRow {
  char name[128];
  char shape[40];
  char type[8];
  std::uint64_t checksum;
};
static_assert(sizeof(IndexRow) == 184, "rows are hashed as they lie in memory and file");

/// The compound type, the same in memory and file.
Handle index_row_type();

/// Throws InternalError when a name is too long for a row.
std::vector<IndexRow> index_rows(const std::vector<DataSet>& data_sets);

/// Checksum of the rows themselves.
std::uint64_t checksum_of(const std::vector<IndexRow>& rows);

/// HDF5's type of one element.
Handle element_type(const DataSet& data_set);

}  // namespace admmnet
