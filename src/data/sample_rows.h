/// Samples as the rows of arrays that stand in files: what HDF5, npz and npy have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/contents.h"
#include "data/csv_labels.h"
#include "data/source.h"
#include "linalg/sparse_rows.h"
#include "runtime/error.h"
#include "runtime/types.h"

namespace admmnet {

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

/// The labels of samples, taken from integers, from reals that are whole, and from texts; they may
/// come from several files. Labels are spelt as those of a table are (csv_text.h).
class ArrayLabels {
 public:
  explicit ArrayLabels(Contents& contents);

  /// `place`: file and array. All count what was added since begin_file for messages.
  void begin_file(const std::string& place);
  void add(long long label);
  void add(double label);
  void add(const std::string& label);
  Index of_file() const { return of_file_; }
  void add_unknown(Index samples);  ///< samples without labels

  /// After the last one: the names go to the contents.
  void finish();

 private:
  std::string next_place() const;
  Contents& contents_;
  LabelCollector collector_;
  std::unordered_map<long long, int> integers_;
  std::string place_;
  Index of_file_ = 0;
  bool any_ = false;
};

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
