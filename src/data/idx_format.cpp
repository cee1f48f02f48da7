#include "data/idx_format.h"

#include <map>
#include <string>
#include <vector>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/idx.h"
#include "data/input_file.h"
#include "data/pooling.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

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
Contents examine_pair(const DataOptions& options, const std::string& prefix, Need need) {
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

}  // namespace

void IdxFormat::check(const DataOptions& options, DataUse use, const Refuse& refuse) const {
  refuse(use != DataUse::unknown && options.dir.empty(), {"data_dir", "data_format"},
         "missing; name the folder of the four IDX files, or set -data_format csv");
}

Contents IdxFormat::examine_train(const DataOptions& options) const {
  Contents contents = examine_pair(options, "train", Need::samples_and_labels);
  if (contents.path.empty())
    throw BadInput(options.dir + ": the training images are missing; looked for " +
                   join(idx_names(options.dir, "train-images", 3)));
  return contents;
}

Contents IdxFormat::examine_test(const DataOptions& options, Need need,
                                 const std::vector<std::string>&) const {
  Contents contents = examine_pair(options, "t10k", need);
  if (contents.path.empty() && need == Need::samples)
    throw BadInput(options.dir + ": the test images are missing; looked for " +
                   join(idx_names(options.dir, "t10k-images", 3)));
  return contents;
}

ValueType IdxFormat::value_type(const DataOptions& options) const {
  return options.pool == 1 ? ValueType::byte : ValueType::real;
}

std::unique_ptr<SampleSource> IdxFormat::open(const DataOptions& options, const DataShape& shape,
                                              const SourceFile& file) const {
  const auto samples = static_cast<Index>(file.classes.size());
  if (options.pool == 1) return open_idx_images(file.path, samples, shape.features);
  const Index pool = options.pool, rows = shape.image_rows * pool, cols = shape.image_cols * pool;
  return pooled_images(open_idx_images(file.path, samples, rows * cols), rows, cols, pool);
}

std::string IdxFormat::why_no_test(const DataOptions& options) const {
  return options.dir + ": no t10k files";
}

std::string IdxFormat::unnamed_test(const DataOptions& options) const {
  return first_existing(idx_names(options.dir, "t10k-images", 3));
}

}  // namespace admmnet
