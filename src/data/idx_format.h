/// -data_format idx: MNIST's four files in one folder, with images of bytes and their labels.
#pragma once

#include "data/file_format.h"

namespace admmnet {

class IdxFormat final : public FileFormat {
 public:
  constexpr IdxFormat() : FileFormat("idx", true, false, false) {}

  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override;
  Contents examine_train(const DataOptions& options) const override;
  Contents examine_test(const DataOptions& options, Need need,
                        const std::vector<std::string>& feature_names) const override;
  ValueType value_type(const DataOptions& options) const override;
  std::unique_ptr<SampleSource> open(const DataOptions& options, const DataShape& shape,
                                     const SourceFile& file) const override;
  std::string why_no_test(const DataOptions& options) const override;
  std::string unnamed_test(const DataOptions& options) const override;
};

}  // namespace admmnet
