/// probe and probe_test: which files there are, and what they hold.
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/divide.h"
#include "data/formats.h"
#include "data/graph_shape.h"
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

/// One column too many or too few is most likely that of the labels.
std::string label_column_hint(const DataOptions& options, const Contents& test,
                              const DataShape& shape) {
  if (!format_of(options).label_column || std::abs(test.features - shape.features) != 1) return "";
  if (test.features < shape.features && test.labelled)
    return shape.train > 0
               ? ", or the test file has no labels: leave -data_test out, and let predict "
                 "read it with -data_label_column none"
               : ", or the test file has no labels: say -data_label_column none";
  if (test.features > shape.features && !test.labelled)
    return ", or the test file has labels: say with -data_label_column where";
  return "; see -data_label_column";
}

/// What label_coding.h makes of labels, of real targets: 0 where they are given.
std::vector<int> code_targets(const Contents& contents) {
  std::vector<int> classes = contents.labels;
  for (int& label : classes)
    if (label == kLeftOut) label = kNotSelected;
  return classes;
}

/// Real targets, where it is clear that these are meant.
void take_real_targets(const DataOptions& options, Contents& train, DataShape& shape) {
  const std::string of_file = train.path + ": labels are real targets, ";
  if (options.task == Task::classification)
    throw BadInput(of_file + "and -data_task is classification; set regression");
  if (!options.classes.empty())
    throw BadInput(of_file + "which have no classes; leave -data_classes out");
  if (!train.labelled) throw BadInput(train.path + ": has no targets, and training needs them");
  shape.targets = train.targets;
  shape.target_names = std::move(train.target_names);
  if (shape.target_names.empty() && train.targets == 1) shape.target_names = {"y"};
  for (Index t = static_cast<Index>(shape.target_names.size()); t < train.targets; ++t)
    shape.target_names.push_back("y" + std::to_string(t + 1));
  shape.train_file.classes = code_targets(train);
  shape.train_file.reals = std::move(train.reals);
}

/// The class or the real targets of each test sample.
void take_test_targets(const DataOptions& options, Contents& test, DataShape& shape) {
  if (shape.targets == 0) {
    if (test.targets > 0 && test.labelled)
      throw BadInput(test.path + ": labels are real targets, in training they are classes; " +
                     "-data_label_column says where they stand");
    forget_zero_labels(shape.class_labels, test);
    shape.test_file.classes = code_labels(test, shape.class_labels, options.classes);
    return;
  }
  if (test.labelled && test.targets != shape.targets)
    throw BadInput(test.path + ": a sample has " + std::to_string(test.targets) +
                   " targets, in training it has " + std::to_string(shape.targets) +
                   "; -data_label_column says where they stand");
  shape.test_file.classes = code_targets(test);
  if (!test.labelled)
    test.reals.assign(static_cast<std::size_t>(test.samples * shape.targets), 0.0);
  shape.test_file.reals = std::move(test.reals);
}

/// Everything about the test set, given what the network takes and knows.
void add_test(const DataOptions& options, Contents test, DataShape& shape) {
  if (test.more_features) test.features = std::max(test.features, shape.features);
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
                   "; the two files do not belong together" +
                   (test.more_features ? ", or one feature is only in the test: give "
                                         "-data_features for both"
                                       : label_column_hint(options, test, shape)));
  take_test_targets(options, test, shape);
  shape.test_has_labels = test.labelled;
  shape.test = count_selected(shape.test_file.classes);
  if (shape.test == 0)
    throw BadInput(test.path + (options.classes.empty()
                                    ? ": has no sample without missing values"
                                    : ": has no sample with a label of -data_classes " +
                                          join(options.classes)));
  shape.test_file.weights = std::move(test.weights);
  shape.test_file.path = std::move(test.path);
  shape.test_file.layout = std::move(test.layout);
  shape.test_file.marks = std::move(test.marks);
  shape.test_file.sparsity = test.sparsity;
}

/// -data_test_last takes the place of test images that lie beside the training images.
void note_unused_test(const DataOptions& options, DataShape& shape) {
  const std::string unused = format_of(options).unnamed_test(options);
  if (!unused.empty())
    shape.notes.push_back(unused + ": is not used, -data_test_last takes " +
                          std::to_string(shape.test) + " samples of " + shape.train_file.path +
                          " in its place");
}

/// The targets of a test file are read as those of training were.
DataOptions as_in_training(DataOptions options, const DataShape& shape) {
  options.task = shape.targets > 0 ? Task::regression : Task::classification;
  return options;
}

DataShape probe_on_root(const DataOptions& options) {
  const FileFormat& format = format_of(options);
  Contents train = format.examine_train(options);
  check_features(train.path, train.features);
  if (!options.graph.empty()) {
    DataShape shape = shape_of_graph(options, std::move(train));
    check_features(options.graph, shape.features);
    return shape;
  }
  DataShape shape;
  shape.features = train.features;
  shape.image_rows = train.image_rows;
  shape.image_cols = train.image_cols;
  shape.notes = train.notes;
  shape.feature_names = std::move(train.feature_names);
  if (train.targets > 0) {
    take_real_targets(options, train, shape);
  } else {
    shape.class_labels = choose_classes(options, train);
    shape.train_file.classes = code_labels(train, shape.class_labels, shape.class_labels);
  }
  shape.train_file.weights = std::move(train.weights);
  shape.train_file.path = std::move(train.path);
  shape.train_file.layout = std::move(train.layout);
  shape.train_file.marks = std::move(train.marks);
  shape.train_file.sparsity = train.sparsity;
  divide(options, count_selected(shape.train_file.classes), shape);
  check_division(options, shape);
  if (shape.test_of_train) {
    note_unused_test(options, shape);
    return shape;
  }

  Contents test = format.examine_test(as_in_training(options, shape), Need::samples_and_labels,
                                      shape.feature_names);
  shape.test_missing = test.path.empty();
  if (shape.test_missing) {
    shape.notes.push_back(format.why_no_test(options) + ": no test accuracy");
  } else {
    add_test(options, std::move(test), shape);
  }
  return shape;
}

/// Of a training file in the place of a test file.
void keep_last(Index count, DataShape& shape) {
  if (count > shape.test)
    throw BadInput(shape.test_file.path + ": -data_test_last " + std::to_string(count) +
                   ": it has only " + std::to_string(shape.test) + " samples");
  leave_out_first(shape.test - count, shape.test_file.classes);
  shape.test = count;
}

/// Without columns of labels or weights that the deck gives by their places.
std::vector<DataOptions> readings_to_predict(const DataOptions& options) {
  std::vector<DataOptions> readings{options};
  if (!(options.label_column == LabelColumn::none)) {
    readings.push_back(options);
    readings.back().label_column = LabelColumn::none;
  }
  if (options.weight_column == LabelColumn::number)
    for (std::size_t i = 0, count = readings.size(); i < count; ++i) {
      readings.push_back(readings[i]);
      readings.back().weight_column = LabelColumn::none;
    }
  return readings;
}

/// A table to predict for may lack the columns of labels and weights, which the deck of training
/// names: then it has as many columns as the network has features, and all of them are taken.
Contents examine_to_predict(const FileFormat& format, const DataOptions& options,
                            const TrainedCoding& network) {
  const std::vector<DataOptions> readings = readings_to_predict(options);
  const auto examine = [&](const DataOptions& how) {
    return format.examine_test(how, Need::samples, network.feature_names);
  };
  if (!format.label_column || readings.size() == 1) return examine(options);
  std::exception_ptr refused;
  Contents first;
  for (const DataOptions& how : readings) {
    const bool as_asked = &how == &readings.front();
    try {
      Contents contents = examine(how);
      if (as_asked) first = contents;
      if (contents.features != network.features) continue;
      const bool labels = how.label_column == options.label_column.kind;
      const bool weights = how.weight_column == options.weight_column.kind;
      if (!as_asked)
        contents.notes.push_back(
            contents.path + ": has as many columns as the network has features, so none of " +
            (labels    ? "weights; -data_weight_column is not used"
             : weights ? "labels; -data_label_column is not used"
                       : "labels or weights; -data_label_column and -data_weight_column are not "
                         "used"));
      return contents;
    } catch (const BadInput&) {  // what was wrong with the first reading is what the user hears
      if (as_asked) refused = std::current_exception();
    }
  }
  if (refused) std::rethrow_exception(refused);
  return first;
}

DataShape probe_test_on_root(const DataOptions& options, const TrainedCoding& network) {
  if (!options.graph.empty())
    return shape_of_graph_test(options, format_of(options).examine_train(options), network);
  const bool last = options.test_last > 0;
  const FileFormat& format = format_of(options);
  DataShape shape;
  shape.targets = static_cast<Index>(network.target_names.size());
  shape.target_names = network.target_names;
  const DataOptions as_before = as_in_training(options, shape);
  Contents test = last ? format.examine_last(as_before, network.feature_names)
                       : examine_to_predict(format, as_before, network);
  shape.features = network.features;
  shape.class_labels = network.class_labels;
  shape.feature_names = network.feature_names;
  shape.image_rows = test.image_rows;
  shape.image_cols = test.image_cols;
  test.weights.clear();  // scores of a prediction are plain
  add_test(options, std::move(test), shape);
  if (last) keep_last(options.test_last, shape);
  return shape;
}

// ---- the same on every rank ----

MPI_Datatype type_of(int) {
  return MPI_INT;
}
MPI_Datatype type_of(Index) {
  return MPI_INT64_T;
}
MPI_Datatype type_of(double) {
  return MPI_DOUBLE;
}

template <class T>
void broadcast_values(std::vector<T>& values, MPI_Comm comm) {
  unsigned long long size = values.size();
  ADMMNET_MPI(MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, 0, comm));
  values.resize(size);
  constexpr std::size_t chunk = std::size_t{1} << 28;
  for (std::size_t first = 0; first < values.size(); first += chunk) {
    const auto count = static_cast<int>(std::min(chunk, values.size() - first));
    ADMMNET_MPI(MPI_Bcast(values.data() + first, count, type_of(T()), 0, comm));
  }
}

/// One text for all of them, each with its length in front.
void broadcast_texts(std::vector<std::string>& texts, MPI_Comm comm) {
  std::string all;
  for (const std::string& text : texts) all += std::to_string(text.size()) + " " + text;
  all = broadcast(all, 0, comm);
  texts.clear();
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t blank = all.find(' ', at);
    const std::size_t size = std::stoull(all.substr(at, blank - at));
    texts.push_back(all.substr(blank + 1, size));
    at = blank + 1 + size;
  }
}

void broadcast_shape(DataShape& shape, MPI_Comm comm) {
  Index numbers[] = {
      shape.features,      shape.train,      shape.validation,      shape.test,
      shape.image_rows,    shape.image_cols, shape.test_has_labels, shape.test_missing,
      shape.test_of_train, shape.targets};
  ADMMNET_MPI(MPI_Bcast(numbers, std::size(numbers), MPI_INT64_T, 0, comm));
  shape.features = numbers[0];
  shape.train = numbers[1];
  shape.validation = numbers[2];
  shape.test = numbers[3];
  shape.image_rows = numbers[4];
  shape.image_cols = numbers[5];
  shape.test_has_labels = numbers[6] != 0;
  shape.test_missing = numbers[7] != 0;
  shape.test_of_train = numbers[8] != 0;
  shape.targets = numbers[9];
  broadcast_texts(shape.notes, comm);
  broadcast_texts(shape.warnings, comm);
  broadcast_texts(shape.class_labels, comm);
  broadcast_texts(shape.feature_names, comm);
  broadcast_texts(shape.target_names, comm);
  for (SourceFile* file : {&shape.train_file, &shape.test_file}) {
    file->path = broadcast(file->path, 0, comm);
    broadcast_values(file->classes, comm);
    broadcast_values(file->reals, comm);
    broadcast_values(file->weights, comm);
    broadcast_values(file->marks, comm);
    Sparsity& s = file->sparsity;
    double counts[] = {s.samples, s.entries, s.sample_pairs, s.feature_pairs};
    ADMMNET_MPI(MPI_Bcast(counts, std::size(counts), MPI_DOUBLE, 0, comm));
    s = {counts[0], counts[1], counts[2], counts[3]};
  }
  broadcast_values(shape.roles, comm);
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
  return on_root(comm, [&] {
    DataShape shape = probe_on_root(options);
    if (options.task == Task::regression && shape.targets == 0)
      throw BadInput(shape.train_file.path + ": its labels are classes, " +
                     (options.graph.empty() ? "as all of -data_format " + options.format
                                            : std::string("as those of a graph's nodes")) +
                     ", and -data_task is regression; set classification");
    return shape;
  });
}

DataShape imagined_shape(const DataOptions& options, Index samples, Index features, Index classes) {
  check_features("-plan_features", features);
  DataShape shape;
  shape.features = features;
  if (options.task == Task::regression) {
    shape.targets = classes;
    for (Index t = 0; t < classes; ++t) shape.target_names.push_back("y" + std::to_string(t + 1));
  }
  for (Index c = 0; c < classes && shape.targets == 0; ++c)
    shape.class_labels.push_back(std::to_string(c));
  shape.notes = {
      "samples, features and classes are those of -plan_samples, -plan_features and "
      "-plan_classes; no data file was looked at"};
  divide(options, samples, shape);
  return shape;
}

DataShape probe_test(const DataOptions& options, const TrainedCoding& network, MPI_Comm comm) {
  return on_root(comm, [&] { return probe_test_on_root(options, network); });
}

}  // namespace admmnet
