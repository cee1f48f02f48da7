#include "data/contents.h"

#include <map>
#include <utility>

#include "data/csv.h"
#include "data/dataset.h"
#include "data/idx.h"
#include "data/input_file.h"
#include "runtime/error.h"

namespace admmnet {

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

// MNIST's names are written in two ways, and each may be packed.
std::vector<std::string> idx_names(const std::string& dir, const std::string& kind,
                                   int dimensions) {
  std::vector<std::string> names;
  for (const char* dash : {"-", "."})
    for (const char* packed : {"", ".gz"})
      names.push_back(dir + "/" + kind + dash + "idx" + std::to_string(dimensions) + "-ubyte" +
                      packed);
  return names;
}

namespace {

/// What -data_pool makes of the images.
void pool(Index size, Contents& contents) {
  if (size == 1) return;
  if (contents.image_rows % size != 0 || contents.image_cols % size != 0 ||
      contents.image_rows == 0)
    throw BadInput(contents.path + ": -data_pool " + std::to_string(size) +
                   ": needs images whose rows and columns it divides, here are " +
                   (contents.image_rows == 0
                        ? "samples of " + std::to_string(contents.features) +
                              " values without rows and columns"
                        : std::to_string(contents.image_rows) + " rows and " +
                              std::to_string(contents.image_cols) + " columns"));
  contents.image_rows /= size;
  contents.image_cols /= size;
  contents.features = contents.image_rows * contents.image_cols;
}

void code_idx_labels(const std::vector<int>& labels, Contents& contents) {
  std::map<int, int> places;
  for (const int label : labels) places.emplace(label, 0);
  for (auto& [label, place] : places) {
    place = static_cast<int>(contents.label_names.size());
    contents.label_names.push_back(std::to_string(label));
  }
  contents.labelled = true;
  contents.labels.clear();
  for (const int label : labels) contents.labels.push_back(places[label]);
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
  pool(options.pool, contents);
  contents.labels.assign(static_cast<std::size_t>(contents.samples), kNoLabel);
  if (label_path.empty()) return contents;
  code_idx_labels(read_idx_labels(label_path), contents);
  if (static_cast<Index>(contents.labels.size()) != contents.samples)
    throw BadInput(contents.path + " holds " + std::to_string(contents.samples) + " images, but " +
                   label_path + " holds " + std::to_string(contents.labels.size()) +
                   " labels; they do not belong together");
  return contents;
}

/// An empty path: no samples. `trained`: null for a training file.
Contents examine_csv(const std::string& path, const DataOptions& options,
                     const TrainedColumns* trained) {
  Contents contents;
  contents.path = path;
  if (path.empty()) return contents;
  CsvContents found = scan_csv(path, options, trained);
  contents.samples = found.samples;
  contents.features = found.layout.features;
  contents.labelled = found.layout.label_field >= 0;
  contents.labels = std::move(found.labels);
  contents.label_names = std::move(found.label_names);
  contents.feature_names = found.layout.feature_names;
  contents.notes = std::move(found.notes);
  contents.layout = std::make_shared<const CsvLayout>(std::move(found.layout));
  return contents;
}

}  // namespace

Contents examine_train(const DataOptions& options) {
  if (options.format == DataFormat::csv) {
    if (options.train.empty())
      throw BadInput("-data_train is not set: name the CSV file to train on");
    if (options.label_column == LabelColumn::none)
      throw BadInput("-data_label_column none: training needs labels; say which column holds them");
    return examine_csv(options.train, options, nullptr);
  }
  Contents contents = examine_idx(options, "train", Need::samples_and_labels);
  if (contents.path.empty())
    throw BadInput(options.dir + ": the training images are missing; looked for " +
                   join(idx_names(options.dir, "train-images", 3)));
  return contents;
}

Contents examine_test(const DataOptions& options, Need need,
                      const std::vector<std::string>& feature_names) {
  if (options.format != DataFormat::csv) return examine_idx(options, "t10k", need);
  const TrainedColumns trained{feature_names, need == Need::samples_and_labels};
  return examine_csv(options.test, options, &trained);
}

Contents examine_last(const DataOptions& options, const std::vector<std::string>& feature_names) {
  if (options.format != DataFormat::csv || options.train.empty()) return examine_train(options);
  DataOptions as_test = options;
  as_test.test = options.train;
  return examine_test(as_test, Need::samples_and_labels, feature_names);
}

}  // namespace admmnet
