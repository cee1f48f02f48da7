/// -data_format csv: tables of text, one sample a line (csv.h).
#pragma once

#include "data/file_format.h"

namespace admmnet {

class CsvFormat final : public FileFormat {
 public:
  constexpr CsvFormat() : FileFormat("csv", false, true, true) {}

  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override;
  Contents examine_train(const DataOptions& options) const override;
  Contents examine_test(const DataOptions& options, Need need,
                        const std::vector<std::string>& feature_names) const override;
  Contents examine_last(const DataOptions& options,
                        const std::vector<std::string>& feature_names) const override;
  ValueType value_type(const DataOptions& options) const override;
  std::unique_ptr<SampleSource> open(const DataOptions& options, const DataShape& shape,
                                     const SourceFile& file) const override;
  std::string why_no_test(const DataOptions& options) const override;
  std::string place_of_feature(const SourceFile& file, Index feature) const override;
  std::string place_of_sample(const DataOptions& options, const SourceFile& file,
                              Index sample) const override;
};

}  // namespace admmnet
