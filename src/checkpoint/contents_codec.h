/// Between CheckpointContents and the named attributes and data sets of the file (catalogue.h).
/// Pure functions of values: no file, no MPI.
#pragma once

#include <functional>

#include "checkpoint/catalogue.h"
#include "checkpoint/contents.h"

namespace admmnet {

struct EncodedContents {
  nlohmann::json attributes;        ///< by group and name; see Catalogue::attributes
  std::vector<SmallDataSet> small;  ///< network, history and the state's numbers, with checksums
  std::vector<DataSet> tensors;     ///< shapes only, in the order of state.tensors
};

/// Throws InternalError when the state cannot be written: a path that is no name or stands twice,
/// parts that do not make up their tensor; and for steps that are not some of a pass.
EncodedContents encode(const CheckpointContents& contents);

/// The contents without the state. `read` gives the elements' bits of a small data set. Throws
/// IoFailure naming the attribute or data set that is missing or makes no sense.
CheckpointContents decode(const Catalogue& catalogue,
                          const std::function<std::vector<std::uint64_t>(const DataSet&)>& read);

/// The shape of a tensor in the file: (cols, rows).
std::vector<Index> file_shape(const StateTensor& tensor);
std::string state_name(const std::string& path);  ///< "/state/" + path

}  // namespace admmnet
