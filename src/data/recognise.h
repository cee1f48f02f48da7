/// -data_format auto: which format a file has, by what it begins with.
#pragma once

#include <string>

#include "data/file_format.h"

namespace admmnet {

constexpr const char* automatic_format = "auto";

/// The name of the format of a file (of several that are named as one: of the first). A folder is
/// idx; HDF5, npz and npy begin with bytes of their own; of texts a first line with index:value is
/// svmlight, any other one csv. Throws BadInput for IDX files, which are named by their folder, and
/// whatever cannot be read. Rank-local.
std::string recognised_format(const std::string& path);

/// Stands in the table until a command has looked at the files (commands/known_format.cpp).
class AutomaticFormat final : public FileFormat {
 public:
  constexpr AutomaticFormat() : FileFormat(automatic_format, false, true, true) {}
  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override;
  Contents examine_train(const DataOptions& options) const override;
  Contents examine_test(const DataOptions& options, Need need,
                        const std::vector<std::string>& feature_names) const override;
  ValueType value_type(const DataOptions& options) const override;
  std::unique_ptr<SampleSource> open(const DataOptions& options, const DataShape& shape,
                                     const SourceFile& file) const override;
  std::string why_no_test(const DataOptions&) const override { return "-data_test is not set"; }
};

}  // namespace admmnet
