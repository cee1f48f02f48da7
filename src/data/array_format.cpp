#include "data/array_format.h"

#include <algorithm>
#include <utility>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/file_list.h"
#include "data/sample_weights.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

// SourceFile::marks of these formats: the first sample of each file, the number of all samples, and
// these two.
struct Marks {
  std::vector<Index> begins;
  bool training = true, random_access = true;

  std::vector<Index> coded() const {
    std::vector<Index> all = begins;
    all.push_back(training ? 1 : 0);
    all.push_back(random_access ? 1 : 0);
    return all;
  }
  static Marks decoded(const std::vector<Index>& all) {
    ADMMNET_REQUIRE(all.size() >= 4, "ArrayFormat: the marks of a file are missing");
    Marks marks;
    marks.begins.assign(all.begin(), all.end() - 2);
    marks.training = all[all.size() - 2] != 0;
    marks.random_access = all.back() != 0;
    return marks;
  }
};

void require_same_features(const std::string& first_place, Index features, const SampleRows& rows) {
  if (rows.features() != features)
    throw BadInput(rows.place() + ": a sample has " + std::to_string(rows.features()) +
                   " features, in " + first_place + " it has " + std::to_string(features) +
                   "; the files do not belong together");
}

/// `what`: "labels", and the key that names their array.
void require_same_samples(const SampleRows& rows, const std::string& array, Index count,
                          const std::string& what, const char* key) {
  if (count != rows.samples())
    throw BadInput(rows.place() + ": holds " + std::to_string(rows.samples()) + " samples, but " +
                   array + " holds " + std::to_string(count) + " " + what +
                   "; they do not belong together: see -data_path and " + key);
}

/// The weights of the samples of one or several files: an array beside that of the labels.
class ArrayWeights {
 public:
  explicit ArrayWeights(DataOptions options)
      : options_(std::move(options)), numbers_(options_, contents_) {
    options_.task = Task::regression;  // they are read as real targets are
  }
  ArrayLabels& numbers() { return numbers_; }
  std::vector<double> take(const std::string& path) {
    numbers_.finish();
    if (contents_.targets != 1)
      throw BadInput(path + ": there are " + std::to_string(contents_.targets) +
                     " weights a sample; give -data_weight_path a list of one each");
    contents_.weights = std::move(contents_.reals);
    contents_.path = path;
    check_weights(contents_);
    return std::move(contents_.weights);
  }

 private:
  DataOptions options_;
  Contents contents_;
  ArrayLabels numbers_;
};

}  // namespace

void ArrayFormat::check(const DataOptions& options, DataUse use, const Refuse& refuse) const {
  const std::string kind = name;
  refuse(use == DataUse::predict && options.test.empty() && options.test_last == 0,
         {"data_test", "data_format", "data_test_last"},
         "missing; name the " + kind + " file of the samples to predict");
  refuse(use == DataUse::train && options.train.empty(), {"data_train", "data_format"},
         "missing; name the " + kind + " file of the training samples");
  refuse(options.test_last > 0 && !options.test.empty(),
         {"data_test_last", "data_test", "data_format"},
         "the test samples are either those of -data_test or the last ones of -data_train; "
         "set -data_test_last 0 or leave -data_test out");
}

ArrayNames ArrayFormat::names_in_training(const DataOptions& options) const {
  return {options.path, options.target_path, options.weight_path};
}

ArrayNames ArrayFormat::names_in_test(const DataOptions& options) const {
  return {options.test_path.empty() ? options.path : options.test_path,
          options.test_target_path.empty() ? options.target_path : options.test_target_path,
          options.test_weight_path};
}

/// Looks at all rows, which says what products with them will cost.
static void count_entries(SampleRows& rows, SparsityCounter& counter) {
  constexpr Index kAtOnce = Index{1} << 16;
  for (Index first = 0; first < rows.samples(); first += kAtOnce) {
    const SparseRows entries = rows.read_sparse(first, std::min(kAtOnce, rows.samples() - first));
    for (Index i = 0; i < entries.count(); ++i)
      counter.add(entries.cols.data() + entries.begins[static_cast<std::size_t>(i)],
                  static_cast<std::size_t>(entries.size(i)));
  }
}

Contents ArrayFormat::examine(const std::vector<std::string>& files, bool training, Need need,
                              const DataOptions& options) const {
  const ArrayNames names = training ? names_in_training(options) : names_in_test(options);
  Contents contents;
  contents.path = joined_names(files);
  ArrayLabels labels(options, contents);
  ArrayWeights weights(options);
  const bool by_weights = !names.weights.empty() && need == Need::samples_and_labels;
  Marks marks;
  marks.training = training;
  std::string first_place;
  SparsityCounter entries;
  bool sparse = true;
  for (const std::string& file : files) {
    const std::unique_ptr<SampleRows> rows = open_rows(file, names, options);
    if (rows->samples() == 0) throw BadInput(rows->place() + ": holds no samples");
    if (rows->features() == 0) throw BadInput(rows->place() + ": a sample has no features");
    if (first_place.empty()) {
      first_place = rows->place();
      contents.features = rows->features();
    }
    require_same_features(first_place, contents.features, *rows);
    marks.begins.push_back(contents.samples);
    marks.random_access = marks.random_access && rows->random_access();
    contents.samples += rows->samples();
    sparse = sparse && rows->sparse();
    if (sparse) count_entries(*rows, entries);
    if (add_labels(file, names, options, need == Need::samples_and_labels, labels))
      require_same_samples(*rows, names.labels, labels.of_file(), "labels", "-data_target_path");
    else
      labels.add_unknown(rows->samples());
    if (!by_weights) continue;
    add_labels(file, {names.rows, names.weights}, options, true, weights.numbers());
    require_same_samples(*rows, names.weights, weights.numbers().of_file(), "weights",
                         "-data_weight_path");
  }
  labels.finish();
  if (by_weights) contents.weights = weights.take(contents.path);
  marks.begins.push_back(contents.samples);
  contents.marks = marks.coded();
  if (sparse) contents.sparsity = entries.sparsity();
  return contents;
}

Contents ArrayFormat::examine_train(const DataOptions& options) const {
  if (options.train.empty())
    throw BadInput("-data_train is not set: name the " + std::string(name) + " file to train on");
  return examine(listed_files("data_train", options.train), true, Need::samples_and_labels,
                 options);
}

Contents ArrayFormat::examine_test(const DataOptions& options, Need need,
                                   const std::vector<std::string>&) const {
  if (options.test.empty() && need == Need::samples)
    throw BadInput("-data_test is not set: name the " + std::string(name) + " file to predict for");
  if (options.test.empty()) return {};
  return examine(listed_files("data_test", options.test), false, need, options);
}

std::unique_ptr<SampleSource> ArrayFormat::open(const DataOptions& options, const DataShape& shape,
                                                const SourceFile& file) const {
  const Marks marks = Marks::decoded(file.marks);
  const ArrayNames names = marks.training ? names_in_training(options) : names_in_test(options);
  return join_rows(split_names(file.path, marks.begins.size() - 1), marks.begins, shape.features,
                   marks.random_access, [this, names, options](const std::string& path) {
                     return open_rows(path, names, options);
                   });
}

std::string ArrayFormat::why_no_test(const DataOptions&) const {
  return "-data_test is not set";
}

}  // namespace admmnet
