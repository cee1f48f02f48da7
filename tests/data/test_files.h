/// Small data files for tests: written by rank 0 into a folder that goes away with the test.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/options.h"
#include "runtime/error.h"

namespace admmnet::test {

/// A folder for one test. All members are collective on MPI_COMM_WORLD.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  /// Writes the bytes, packed if the name ends in .gz; returns the path.
  std::string write(const std::string& name, const std::string& bytes) const;
  /// The same, as they are whatever the name.
  std::string write_unpacked(const std::string& name, const std::string& bytes) const;
  void remove(const std::string& name) const;

 private:
  std::string path_;
};

/// An IDX file: type, sizes, then `values` (which need not fit the sizes).
std::string idx_bytes(const std::vector<std::uint32_t>& sizes, const std::string& values,
                      unsigned char type = 0x08);

/// What gzip makes of the bytes.
std::string packed(const std::string& bytes);

/// A data set by formula: every value and label is known without reading a file.
struct Pattern {
  Index samples, features;  ///< features = 2 x (features / 2) as an image
  int classes, first_label;
  int value(Index sample, Index feature) const;
  int label(Index sample) const;

  std::string idx_images() const;
  std::string idx_labels() const;
  std::string csv(LabelColumn label_column, bool header) const;
};

/// How a call ended, on this rank.
struct Outcome {
  ExitCode code = ExitCode::finished;
  std::string message;
};
Outcome outcome_of(const std::function<void()>& call);

/// Requires, on all ranks together, that the call throws BadInput with all these parts in its
/// message.
void require_bad_input(const std::function<void()>& call, const std::vector<std::string>& parts);

}  // namespace admmnet::test
