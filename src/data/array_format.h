/// What the formats hdf5, npz and npy have in common: samples are the rows of an array, labels
/// stand in another one, and several files may be one set of samples. README.md §3.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/file_format.h"
#include "data/sample_rows.h"

namespace admmnet {

/// Where samples, labels and weights stand in a file.
struct ArrayNames {
  std::string rows;          ///< -data_path, -data_test_path
  std::string labels;        ///< -data_target_path, -data_test_target_path
  std::string weights = {};  ///< -data_weight_path, -data_test_weight_path; empty: there are none
};

class ArrayFormat : public FileFormat {
 public:
  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override;
  Contents examine_train(const DataOptions& options) const override;
  Contents examine_test(const DataOptions& options, Need need,
                        const std::vector<std::string>& feature_names) const override;
  ValueType value_type(const DataOptions&) const override { return ValueType::real; }
  std::unique_ptr<SampleSource> open(const DataOptions& options, const DataShape& shape,
                                     const SourceFile& file) const override;
  std::string why_no_test(const DataOptions& options) const override;

 protected:
  constexpr explicit ArrayFormat(const char* its_name)
      : FileFormat(its_name, false, false, false) {}
  ~ArrayFormat() = default;

  virtual ArrayNames names_in_training(const DataOptions& options) const;
  virtual ArrayNames names_in_test(const DataOptions& options) const;
  virtual std::unique_ptr<SampleRows> open_rows(const std::string& file, const ArrayNames& names,
                                                const DataOptions& options) const = 0;
  /// Adds the labels of a file. False when there are none, and throws BadInput instead when they
  /// are `needed`.
  virtual bool add_labels(const std::string& file, const ArrayNames& names,
                          const DataOptions& options, bool needed, ArrayLabels& labels) const = 0;

 private:
  Contents examine(const std::vector<std::string>& files, bool training, Need need,
                   const DataOptions& options) const;
};

}  // namespace admmnet
