/// -data_format svmlight: sparse features as text (svmlight.h), of samples or of a graph's nodes.
#pragma once

#include "data/file_format.h"

namespace admmnet {

class SvmlightFormat final : public FileFormat {
 public:
  constexpr SvmlightFormat() : FileFormat("svmlight", false, false, false) {}

  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override;
  Contents examine_train(const DataOptions& options) const override;
  Contents examine_test(const DataOptions& options, Need need,
                        const std::vector<std::string>& feature_names) const override;
  /// README.md §1.
  Scaling usual_scaling() const override { return Scaling::none; }
  ValueType value_type(const DataOptions& options) const override;
  std::unique_ptr<SampleSource> open(const DataOptions& options, const DataShape& shape,
                                     const SourceFile& file) const override;
  std::string why_no_test(const DataOptions& options) const override;
  std::string place_of_feature(const SourceFile& file, Index feature) const override;
  std::string place_of_sample(const DataOptions& options, const SourceFile& file,
                              Index sample) const override;
};

}  // namespace admmnet
