/// -data_format npz and npy: samples as the rows of an array of numpy. README.md §3.3.
#pragma once

#include "data/array_format.h"

namespace admmnet {

/// Samples and labels are members of an archive.
class NpzFormat final : public ArrayFormat {
 public:
  constexpr NpzFormat() : ArrayFormat("npz") {}

 protected:
  std::unique_ptr<SampleRows> open_rows(const std::string& file, const ArrayNames& names,
                                        const DataOptions& options) const override;
  bool add_labels(const std::string& file, const ArrayNames& names, const DataOptions& options,
                  bool needed, ArrayLabels& labels) const override;
};

/// An array is a file: -data_target_path names that of the labels.
class NpyFormat final : public ArrayFormat {
 public:
  constexpr NpyFormat() : ArrayFormat("npy") {}
  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override;

 protected:
  ArrayNames names_in_training(const DataOptions& options) const override;
  ArrayNames names_in_test(const DataOptions& options) const override;
  std::unique_ptr<SampleRows> open_rows(const std::string& file, const ArrayNames& names,
                                        const DataOptions& options) const override;
  bool add_labels(const std::string& file, const ArrayNames& names, const DataOptions& options,
                  bool needed, ArrayLabels& labels) const override;
};

}  // namespace admmnet
