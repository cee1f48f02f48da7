/// Samples as the rows of arrays that stand in files: what HDF5, npz and npy have in common.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/contents.h"
#include "data/source.h"
#include "data/target_values.h"
#include "linalg/sparse_rows.h"
#include "runtime/error.h"
#include "runtime/types.h"

namespace admmnet {

/// The remedy where a file lacks an array that was named, or that is read unless another is.
constexpr const char* name_the_arrays =
    "say with -data_path and -data_target_path where samples and labels stand, and with "
    "-data_weight_path, if any, their weights";

/// The array of samples of one file, opened for reading. Rank-local. Throws BadInput for whatever
/// the file is not, IoFailure when the system cannot read.
class SampleRows {
 public:
  virtual ~SampleRows() = default;
  /// File and array, for messages: "run.h5:/x".
  const std::string& place() const { return place_; }
  Index samples() const { return samples_; }
  Index features() const { return features_; }
  virtual bool random_access() const = 0;
  /// Rows first .. first + count - 1 as reals, one behind the other.
  virtual void read(Index first, Index count, double* rows) = 0;
  /// As those of SampleSource.
  virtual bool sparse() const { return false; }
  virtual SparseRows read_sparse(Index, Index) {
    throw InternalError(place_ + ": read_sparse of dense rows");
  }

 protected:
  explicit SampleRows(std::string place) : place_(std::move(place)) {}
  std::string place_;
  Index samples_ = 0, features_ = 0;
};

/// The targets of samples, taken from integers, reals and texts; they may come from several files.
/// Labels are spelt as those of a table are (csv_text.h).
class ArrayLabels {
 public:
  ArrayLabels(const DataOptions& options, Contents& contents)
      : options_(options), contents_(contents) {}

  /// `place`: file and array; `targets`: columns of it, the same in all files. All count what was
  /// added since begin_file for messages.
  void begin_file(const std::string& place, Index targets);
  void add(long long label) { add(std::string_view(std::to_string(label))); }
  void add(double label);
  void add(const std::string& label);
  Index of_file() const { return of_file_ / targets_; }  ///< samples
  void add_unknown(Index samples);                       ///< samples without labels

  /// After the last one: the names go to the contents.
  void finish();

 private:
  void add(std::string_view label);
  TargetCollector& collector();
  std::string next_place() const;
  const DataOptions& options_;
  Contents& contents_;
  std::optional<TargetCollector> collector_;
  std::string place_;
  Index targets_ = 1, of_file_ = 0;
};

/// How many targets a sample has in an array of this shape: (samples), or (samples, targets) of
/// numbers. Throws BadInput for another shape, which `text` is.
Index targets_of_shape(const std::vector<Index>& shape, bool numbers, const std::string& place,
                       const std::string& text);

using RowsOpener = std::function<std::unique_ptr<SampleRows>(const std::string& file)>;

/// The rows of several files as one sequence; file k begins with sample begins[k], the last entry
/// is the number of all. Files are opened when they are needed, one at a time. Refuses values that
/// are not finite.
std::unique_ptr<SampleSource> join_rows(std::vector<std::string> files, std::vector<Index> begins,
                                        Index features, bool random_access, RowsOpener open);

/// Throws BadInput naming the first value that is not finite.
void require_finite(const double* rows, Index first, Index count, Index features,
                    const std::string& place);

}  // namespace admmnet
