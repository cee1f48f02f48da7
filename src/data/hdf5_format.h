/// -data_format hdf5: samples as the rows of a data set, or of a sparse matrix (hdf5_sparse.h).
/// README.md §3.
#pragma once

#include "data/array_format.h"

namespace admmnet {

class Hdf5Format final : public ArrayFormat {
 public:
  constexpr Hdf5Format() : ArrayFormat("hdf5") {}

 protected:
  std::unique_ptr<SampleRows> open_rows(const std::string& file, const ArrayNames& names,
                                        const DataOptions& options) const override;
  bool add_labels(const std::string& file, const ArrayNames& names, const DataOptions& options,
                  bool needed, ArrayLabels& labels) const override;
};

}  // namespace admmnet
