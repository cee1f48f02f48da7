/// A format in which samples stand in files: one object a format, in one table. README.md of this
/// folder shows how to add one.
///
/// A leaf: the check of the deck asks a format too, and knows nothing else of this room.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "config/options.h"
#include "runtime/table.h"
#include "runtime/types.h"

namespace admmnet {

struct Contents;       // data/contents.h
struct DataShape;      // data/dataset.h
struct SourceFile;     // data/dataset.h
class SampleSource;    // data/source.h
enum class Need;       // data/contents.h
enum class ValueType;  // data/source.h

/// What a format remembers of a file between the first look and the reading, on the first rank.
struct FileLayout {
  virtual ~FileLayout() = default;
};

/// What the samples of a deck are for.
enum class DataUse { unknown, train, predict };

/// Takes up a problem of the deck if `condition` holds; `keys` are all that it depends on, the
/// first one is named in the message.
using Refuse = std::function<void(bool condition, std::initializer_list<const char*> keys,
                                  const std::string& problem)>;

/// Every function but check() is called on one rank alone and throws BadInput for whatever is wrong
/// with the files, IoFailure when the operating system fails to read.
class FileFormat {
 public:
  /// `images`: samples are images of bytes, which -data_pool may average, have one scale, and no
  /// odd values. `label_column`: -data_label_column says where the labels stand.
  /// `missing_values`: values may be missing, and -data_missing says what becomes of them.
  constexpr FileFormat(const char* its_name, bool has_images, bool has_label_column,
                       bool has_missing_values)
      : name(its_name),
        images(has_images),
        label_column(has_label_column),
        missing_values(has_missing_values) {}

  const char* const name;  ///< of -data_format
  const bool images, label_column, missing_values;

  /// The keys that the format needs, and those that it cannot take.
  virtual void check(const DataOptions& options, DataUse use, const Refuse& refuse) const = 0;

  /// What stands in the training file. Throws BadInput when there is none.
  virtual Contents examine_train(const DataOptions& options) const = 0;
  /// The same of the test file; without a path when there is none, unless only the samples are
  /// needed: these are to be predicted, so there must be some. `feature_names`: of training.
  virtual Contents examine_test(const DataOptions& options, Need need,
                                const std::vector<std::string>& feature_names) const = 0;
  /// The training file in the place of a test file (-data_test_last): examine_train, unless the
  /// network's names say how the file is to be read.
  virtual Contents examine_last(const DataOptions& options,
                                const std::vector<std::string>& feature_names) const;

  /// What -data_scaling auto stands for.
  virtual Scaling usual_scaling() const;
  /// How the values of an opened file stand in memory, the same on every rank.
  virtual ValueType value_type(const DataOptions& options) const = 0;
  /// Called on the first rank, and on all of them when the source has random access.
  virtual std::unique_ptr<SampleSource> open(const DataOptions& options, const DataShape& shape,
                                             const SourceFile& file) const = 0;

  // ---- for messages ----

  /// Why examine_test found no file: "-data_test is not set".
  virtual std::string why_no_test(const DataOptions& options) const = 0;
  /// A test file that lies there without being named; empty: none.
  virtual std::string unnamed_test(const DataOptions&) const { return ""; }
  /// Where a feature, and where a sample stands in the file, both counted from 0; `file` as the
  /// first rank knows it. May read the file once more.
  virtual std::string place_of_feature(const SourceFile& file, Index feature) const;
  virtual std::string place_of_sample(const DataOptions& options, const SourceFile& file,
                                      Index sample) const;

 protected:
  ~FileFormat() = default;
};

/// All formats of the program. Those of this room are added in formats.cpp.
inline Table<FileFormat>& format_table() {
  static Table<FileFormat> table{};
  return table;
}

}  // namespace admmnet
