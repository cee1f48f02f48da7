/// probe and probe_test: which files there are, and what they hold.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "data/csv.h"
#include "data/dataset.h"
#include "data/idx.h"
#include "data/input_file.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// More would overflow the counts of an MPI message that carries one sample.
constexpr Index kMostFeatures = Index{1} << 27;

constexpr Index kDefaultValidation = 5000;  ///< and no more than a tenth

/// One file of samples (with IDX: a pair), whatever its format.
struct Contents {
  std::string path;  ///< of the samples; empty: there is none
  Index samples = 0, features = 0;
  Index image_rows = 0, image_cols = 0;
  std::vector<int> labels;  ///< as in the file; empty: none
  std::vector<std::string> notes;
};

enum class Need { samples_and_labels, samples };

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string join(const std::vector<int>& numbers) {
  std::vector<std::string> parts;
  for (const int number : numbers) parts.push_back(std::to_string(number));
  return join(parts);
}

/// MNIST's names are written in two ways, and each may be packed.
std::vector<std::string> idx_names(const std::string& dir, const std::string& kind,
                                   int dimensions) {
  std::vector<std::string> names;
  for (const char* dash : {"-", "."})
    for (const char* packed : {"", ".gz"})
      names.push_back(dir + "/" + kind + dash + "idx" + std::to_string(dimensions) + "-ubyte" +
                      packed);
  return names;
}

/// The pair PREFIX-images, PREFIX-labels in -data_dir. Neither there: no path.
Contents examine_idx(const DataOptions& options, const std::string& prefix, Need need) {
  if (options.dir.empty()) throw BadInput("-data_dir is not set: name the folder of the IDX files");
  const auto image_names = idx_names(options.dir, prefix + "-images", 3);
  const auto label_names = idx_names(options.dir, prefix + "-labels", 1);
  Contents contents;
  contents.path = first_existing(image_names);
  const std::string label_path = first_existing(label_names);
  if (contents.path.empty() && label_path.empty()) return contents;
  if (contents.path.empty())
    throw BadInput(label_path + ": there are labels but no images; looked for " +
                   join(image_names));
  if (label_path.empty() && need == Need::samples_and_labels)
    throw BadInput(contents.path + ": there are images but no labels; looked for " +
                   join(label_names));

  const IdxShape shape = probe_idx_images(contents.path);
  contents.samples = shape.samples();
  contents.features = shape.features();
  if (shape.sizes.size() == 3) {
    contents.image_rows = shape.sizes[1];
    contents.image_cols = shape.sizes[2];
  }
  if (label_path.empty()) return contents;
  contents.labels = read_idx_labels(label_path);
  if (static_cast<Index>(contents.labels.size()) != contents.samples)
    throw BadInput(contents.path + " holds " + std::to_string(contents.samples) + " images, but " +
                   label_path + " holds " + std::to_string(contents.labels.size()) +
                   " labels; they do not belong together");
  return contents;
}

/// An empty path: no samples.
Contents examine_csv(const std::string& path, LabelColumn label_column) {
  Contents contents;
  contents.path = path;
  if (path.empty()) return contents;
  CsvShape shape = scan_csv(path, label_column);
  contents.samples = shape.samples;
  contents.features = shape.features;
  contents.labels = std::move(shape.labels);
  if (shape.header) contents.notes.push_back(path + ": the first line is taken as a header");
  return contents;
}

Contents examine_train(const DataOptions& options) {
  if (options.format == DataFormat::csv) {
    if (options.train.empty())
      throw BadInput("-data_train is not set: name the CSV file to train on");
    if (options.label_column == LabelColumn::none)
      throw BadInput("-data_label_column none: training needs labels; use first or last");
    return examine_csv(options.train, options.label_column);
  }
  Contents contents = examine_idx(options, "train", Need::samples_and_labels);
  if (contents.path.empty())
    throw BadInput(options.dir + ": the training images are missing; looked for " +
                   join(idx_names(options.dir, "train-images", 3)));
  return contents;
}

Contents examine_test(const DataOptions& options, Need need) {
  return options.format == DataFormat::csv ? examine_csv(options.test, options.label_column)
                                           : examine_idx(options, "t10k", need);
}

bool contains(const std::vector<int>& sorted, int label) {
  return std::binary_search(sorted.begin(), sorted.end(), label);
}

std::vector<int> sorted_distinct(std::vector<int> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

/// The labels to learn: those of the training file, less what -data_classes leaves out.
std::vector<int> choose_classes(const DataOptions& options, const Contents& train) {
  const std::vector<int> present = sorted_distinct(train.labels);
  const std::vector<int> wanted = sorted_distinct(options.classes);
  for (const int label : wanted)
    if (!contains(present, label))
      throw BadInput("-data_classes " + join(options.classes) + ": there is no label " +
                     std::to_string(label) + " in " + train.path + "; it has " + join(present));
  const std::vector<int>& chosen = wanted.empty() ? present : wanted;
  if (chosen.size() < 2)
    throw BadInput(train.path + ": only the label " + join(chosen) + " is left" +
                   (wanted.empty() ? "" : " by -data_classes") +
                   "; at least 2 classes are needed to learn");
  return chosen;
}

/// Class index of each sample; what `filter` (if any) does not name is not selected.
std::vector<int> code_labels(const Contents& contents, const std::vector<int>& class_labels,
                             const std::vector<int>& filter) {
  if (contents.labels.empty())
    return std::vector<int>(static_cast<std::size_t>(contents.samples), kNoLabel);
  const std::vector<int> kept = sorted_distinct(filter);
  std::vector<int> classes;
  classes.reserve(contents.labels.size());
  for (const int label : contents.labels) {
    if (!kept.empty() && !contains(kept, label)) {
      classes.push_back(kNotSelected);
      continue;
    }
    const auto place = std::lower_bound(class_labels.begin(), class_labels.end(), label);
    if (place == class_labels.end() || *place != label)
      throw BadInput(contents.path + ": sample " + std::to_string(classes.size() + 1) +
                     " has the label " + std::to_string(label) +
                     ", which is not among the classes of training (" + join(class_labels) +
                     "); leave it out with -data_classes");
    classes.push_back(static_cast<int>(place - class_labels.begin()));
  }
  return classes;
}

Index count_selected(const std::vector<int>& classes) {
  return std::count_if(classes.begin(), classes.end(),
                       [](int label) { return label != kNotSelected; });
}

/// Samples of the training file that are held out, of `selected`.
Index choose_validation(const DataOptions& options, Index selected) {
  const Index held_out = options.validation.value_or(std::min(kDefaultValidation, selected / 10));
  if (held_out < 0 || held_out >= selected)
    throw BadInput("-data_validation " + std::to_string(held_out) + ": only " +
                   std::to_string(selected) +
                   " samples are there to train on and to hold out from; hold out fewer");
  return held_out;
}

void check_features(const std::string& source, Index features) {
  if (features > kMostFeatures)
    throw BadInput(source + ": has " + std::to_string(features) + " features; at most " +
                   std::to_string(kMostFeatures) + " can be read");
}

/// Splits the samples that are there (-data_train_limit, -data_validation).
void divide(const DataOptions& options, Index selected, DataShape& shape) {
  if (options.train_limit > selected)
    shape.notes.push_back("-data_train_limit " + std::to_string(options.train_limit) + ": only " +
                          std::to_string(selected) + " samples are there; all are used");
  if (options.train_limit > 0) selected = std::min(selected, options.train_limit);
  shape.validation = choose_validation(options, selected);
  shape.train = selected - shape.validation;
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
  divide(options, count_selected(shape.train_file.classes), shape);
  shape.train_file.path = std::move(train.path);

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

DataShape probe_test_on_root(const DataOptions& options, Index features,
                             const std::vector<int>& class_labels) {
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

void broadcast_shape(DataShape& shape, MPI_Comm comm) {
  Index numbers[] = {shape.features,
                     shape.train,
                     shape.validation,
                     shape.test,
                     shape.image_rows,
                     shape.image_cols,
                     shape.test_has_labels,
                     shape.test_missing,
                     static_cast<Index>(shape.notes.size())};
  check_mpi(MPI_Bcast(numbers, std::size(numbers), MPI_INT64_T, 0, comm), "MPI_Bcast");
  shape.features = numbers[0];
  shape.train = numbers[1];
  shape.validation = numbers[2];
  shape.test = numbers[3];
  shape.image_rows = numbers[4];
  shape.image_cols = numbers[5];
  shape.test_has_labels = numbers[6] != 0;
  shape.test_missing = numbers[7] != 0;
  shape.notes.resize(static_cast<std::size_t>(numbers[8]));
  for (auto& note : shape.notes) note = broadcast(note, 0, comm);
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
