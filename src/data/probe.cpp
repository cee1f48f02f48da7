/// probe and probe_test: which files there are, and what they hold.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/divide.h"
#include "data/input_file.h"
#include "data/label_coding.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// More would overflow the counts of an MPI message that carries one sample.
constexpr Index kMostFeatures = Index{1} << 27;

void check_features(const std::string& source, Index features) {
  if (features > kMostFeatures)
    throw BadInput(source + ": has " + std::to_string(features) + " features; at most " +
                   std::to_string(kMostFeatures) + " can be read");
}

/// Everything about the test set, given what the network takes and knows.
void add_test(const DataOptions& options, Contents test, DataShape& shape) {
  shape.notes.insert(shape.notes.end(), test.notes.begin(), test.notes.end());
  const bool image_differs =
      shape.image_rows > 0 && test.image_rows > 0 &&
      (shape.image_rows != test.image_rows || shape.image_cols != test.image_cols);
  if (test.features != shape.features || image_differs)
    throw BadInput(test.path + ": a sample has " + std::to_string(test.features) + " features" +
                   (test.image_rows > 0 ? " (" + std::to_string(test.image_rows) + " x " +
                                              std::to_string(test.image_cols) + ")"
                                        : "") +
                   ", in training it has " + std::to_string(shape.features) +
                   "; the two files do not belong together");
  shape.test_has_labels = !test.labels.empty();
  shape.test_file.classes = code_labels(test, shape.class_labels, options.classes);
  shape.test = count_selected(shape.test_file.classes);
  if (shape.test == 0)
    throw BadInput(test.path + ": has no sample with a label of -data_classes " +
                   join(options.classes));
  shape.test_file.path = std::move(test.path);
}

/// -data_test_last takes the place of test images that lie beside the training images.
void note_unused_test(const DataOptions& options, DataShape& shape) {
  if (options.format != DataFormat::idx) return;
  const std::string unused = first_existing(idx_names(options.dir, "t10k-images", 3));
  if (!unused.empty())
    shape.notes.push_back(unused + ": is not used, -data_test_last takes " +
                          std::to_string(shape.test) + " samples of " + shape.train_file.path +
                          " in its place");
}

DataShape probe_on_root(const DataOptions& options) {
  Contents train = examine_train(options);
  check_features(train.path, train.features);
  DataShape shape;
  shape.features = train.features;
  shape.image_rows = train.image_rows;
  shape.image_cols = train.image_cols;
  shape.notes = train.notes;
  shape.class_labels = choose_classes(options, train);
  shape.train_file.classes = code_labels(train, shape.class_labels, shape.class_labels);
  shape.train_file.path = std::move(train.path);
  divide(options, count_selected(shape.train_file.classes), shape);
  check_division(options, shape);
  if (shape.test_of_train) {
    note_unused_test(options, shape);
    return shape;
  }

  Contents test = examine_test(options, Need::samples_and_labels);
  shape.test_missing = test.path.empty();
  if (shape.test_missing) {
    shape.notes.push_back(options.format == DataFormat::csv
                              ? "-data_test is not set: no test accuracy"
                              : options.dir + ": no t10k files: no test accuracy");
  } else {
    add_test(options, std::move(test), shape);
  }
  return shape;
}

/// The last samples of the training file in the place of a test file.
DataShape probe_last_on_root(const DataOptions& options, Index features,
                             const std::vector<int>& class_labels) {
  DataShape shape;
  shape.features = features;
  shape.class_labels = class_labels;
  Contents train = examine_train(options);
  shape.image_rows = train.image_rows;
  shape.image_cols = train.image_cols;
  add_test(options, std::move(train), shape);
  if (options.test_last > shape.test)
    throw BadInput(shape.test_file.path + ": -data_test_last " + std::to_string(options.test_last) +
                   ": it has only " + std::to_string(shape.test) + " samples");
  leave_out_first(shape.test - options.test_last, shape.test_file.classes);
  shape.test = options.test_last;
  return shape;
}

DataShape probe_test_on_root(const DataOptions& options, Index features,
                             const std::vector<int>& class_labels) {
  if (options.test_last > 0) return probe_last_on_root(options, features, class_labels);
  if (options.format == DataFormat::csv && options.test.empty())
    throw BadInput("-data_test is not set: name the CSV file to predict for");
  Contents test = examine_test(options, Need::samples);
  if (test.path.empty())
    throw BadInput(options.dir + ": the test images are missing; looked for " +
                   join(idx_names(options.dir, "t10k-images", 3)));
  DataShape shape;
  shape.features = features;
  shape.class_labels = class_labels;
  shape.image_rows = test.image_rows;
  shape.image_cols = test.image_cols;
  add_test(options, std::move(test), shape);
  return shape;
}

// ---- the same on every rank ----

void broadcast_values(std::vector<int>& values, MPI_Comm comm) {
  unsigned long long size = values.size();
  check_mpi(MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, 0, comm), "MPI_Bcast");
  values.resize(size);
  constexpr std::size_t chunk = std::size_t{1} << 28;
  for (std::size_t first = 0; first < values.size(); first += chunk) {
    const auto count = static_cast<int>(std::min(chunk, values.size() - first));
    check_mpi(MPI_Bcast(values.data() + first, count, MPI_INT, 0, comm), "MPI_Bcast");
  }
}

void broadcast_lines(std::vector<std::string>& lines, MPI_Comm comm) {
  auto count = static_cast<Index>(lines.size());
  check_mpi(MPI_Bcast(&count, 1, MPI_INT64_T, 0, comm), "MPI_Bcast");
  lines.resize(static_cast<std::size_t>(count));
  for (auto& line : lines) line = broadcast(line, 0, comm);
}

void broadcast_shape(DataShape& shape, MPI_Comm comm) {
  Index numbers[] = {
      shape.features,     shape.train,      shape.validation,      shape.test,
      shape.image_rows,   shape.image_cols, shape.test_has_labels, shape.test_missing,
      shape.test_of_train};
  check_mpi(MPI_Bcast(numbers, std::size(numbers), MPI_INT64_T, 0, comm), "MPI_Bcast");
  shape.features = numbers[0];
  shape.train = numbers[1];
  shape.validation = numbers[2];
  shape.test = numbers[3];
  shape.image_rows = numbers[4];
  shape.image_cols = numbers[5];
  shape.test_has_labels = numbers[6] != 0;
  shape.test_missing = numbers[7] != 0;
  shape.test_of_train = numbers[8] != 0;
  broadcast_lines(shape.notes, comm);
  broadcast_lines(shape.warnings, comm);
  broadcast_values(shape.class_labels, comm);
  for (SourceFile* file : {&shape.train_file, &shape.test_file}) {
    file->path = broadcast(file->path, 0, comm);
    broadcast_values(file->classes, comm);
  }
}

template <class F>
DataShape on_root(MPI_Comm comm, F&& work) {
  DataShape shape;
  collectively(comm, [&] {
    if (rank_of(comm) == 0) shape = work();
  });
  broadcast_shape(shape, comm);
  return shape;
}

}  // namespace

DataShape probe(const DataOptions& options, MPI_Comm comm) {
  return on_root(comm, [&] { return probe_on_root(options); });
}

DataShape imagined_shape(const DataOptions& options, Index samples, Index features, Index classes) {
  check_features("-plan_features", features);
  DataShape shape;
  shape.features = features;
  shape.class_labels.resize(static_cast<std::size_t>(classes));
  std::iota(shape.class_labels.begin(), shape.class_labels.end(), 0);
  shape.notes = {
      "samples, features and classes are those of -plan_samples, -plan_features and "
      "-plan_classes; no data file was looked at"};
  divide(options, samples, shape);
  return shape;
}

DataShape probe_test(const DataOptions& options, Index features,
                     const std::vector<int>& class_labels, MPI_Comm comm) {
  return on_root(comm, [&] { return probe_test_on_root(options, features, class_labels); });
}

}  // namespace admmnet
