#include "data/conversion.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/formats.h"
#include "data/hdf5_writer.h"
#include "data/sample_rows.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
constexpr Index kSparseBatch = 4096;  // samples

DataShape shape_of(const Contents& contents) {
  DataShape shape;
  shape.features = contents.features;
  shape.image_rows = contents.image_rows;
  shape.image_cols = contents.image_cols;
  return shape;
}

SourceFile file_of(const Contents& contents) {
  SourceFile file;
  file.path = contents.path;
  file.layout = contents.layout;
  file.marks = contents.marks;
  file.classes.assign(static_cast<std::size_t>(contents.samples), kNoLabel);
  return file;
}

/// The samples of one input on their way.
class Converter {
 public:
  Converter(Contents contents, SampleSource& source, Hdf5Writer& writer)
      : contents_(std::move(contents)), source_(source), writer_(writer) {
    for (const int label : contents_.labels) left_out_ += label == kLeftOut ? 1 : 0;
    sparse_ = source_.sparse();
    check_labels();
    if (sparse_)
      writer_.begin_sparse(contents_.samples, contents_.features);
    else
      writer_.begin_dense(contents_.samples - left_out_, contents_.features, source_.value_type());
  }

  Index batch() const {
    const std::size_t record = record_bytes();
    return sparse_ ? kSparseBatch
                   : static_cast<Index>(std::max<std::size_t>(1, kBatchBytes / record));
  }

  void convert(Index first, Index count) {
    if (sparse_) {
      writer_.add_sparse(source_.read_sparse(first, count));
      return;
    }
    records_.resize(static_cast<std::size_t>(count) * record_bytes());
    source_.read(first, count, records_.data());
    const Index kept = keep(first, count);
    if (source_.value_type() == ValueType::real)
      require_finite(reinterpret_cast<const double*>(records_.data()), first, kept,
                     contents_.features, contents_.path);
    writer_.add_dense(kept, records_.data());
  }

  void finish() {
    if (!source_.random_access()) source_.expect_end();
    if (has_labels_) write_targets();
    writer_.publish();
  }

  Conversion result() const {
    return {contents_.samples - left_out_,
            contents_.features,
            has_labels_ ? static_cast<Index>(contents_.label_names.size()) : 0,
            contents_.targets,
            left_out_,
            sparse_,
            true};
  }

 private:
  std::size_t record_bytes() const {
    return static_cast<std::size_t>(contents_.features) * value_bytes(source_.value_type());
  }

  void write_targets() {
    std::vector<int>& labels = contents_.labels;
    std::vector<double>& reals = contents_.reals;
    const auto targets = static_cast<std::size_t>(contents_.targets);
    if (targets == 0) {
      labels.erase(std::remove(labels.begin(), labels.end(), kLeftOut), labels.end());
      writer_.write_labels(labels, contents_.label_names);
      return;
    }
    auto end = reals.begin();
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (labels[i] != kLeftOut) end = std::copy_n(reals.begin() + i * targets, targets, end);
    reals.erase(end, reals.end());
    writer_.write_targets(reals, contents_.targets);
  }

  /// All samples have labels, or none has.
  void check_labels() {
    const auto& labels = contents_.labels;
    const auto missing = std::find(labels.begin(), labels.end(), kNoLabel);
    has_labels_ = std::any_of(labels.begin(), labels.end(), [](int label) { return label >= 0; });
    if (has_labels_ && missing != labels.end())
      throw BadInput(contents_.path + ": sample " + std::to_string(missing - labels.begin() + 1) +
                     " has no label, and others have; label all, or take the labels out");
  }

  /// Closes the gaps of samples that are left out; how many stay.
  Index keep(Index first, Index count) {
    if (left_out_ == 0) return count;
    const std::size_t bytes = record_bytes();
    Index kept = 0;
    for (Index i = 0; i < count; ++i) {
      if (contents_.labels[static_cast<std::size_t>(first + i)] == kLeftOut) continue;
      std::memmove(records_.data() + static_cast<std::size_t>(kept) * bytes,
                   records_.data() + static_cast<std::size_t>(i) * bytes, bytes);
      ++kept;
    }
    return kept;
  }

  Contents contents_;
  SampleSource& source_;
  Hdf5Writer& writer_;
  Index left_out_ = 0;
  bool sparse_ = false, has_labels_ = false;
  std::vector<unsigned char> records_;
};

}  // namespace

Conversion convert_samples(const DataOptions& options, SamplePart part, const std::string& output,
                           const ConversionProgress& progress, const std::function<bool()>& stop) {
  const FileFormat& format = format_of(options);
  Contents contents = part == SamplePart::train ? format.examine_train(options)
                                                : format.examine_test(options, Need::samples, {});
  if (stop()) return {};
  const Index samples = contents.samples;
  const DataShape shape = shape_of(contents);
  const SourceFile file = file_of(contents);
  const std::unique_ptr<SampleSource> source = format.open(options, shape, file);
  Hdf5Writer writer(output);
  Converter converter(std::move(contents), *source, writer);
  progress(0, samples);
  for (Index first = 0; first < samples; first += converter.batch()) {
    if (stop()) return {};
    converter.convert(first, std::min(converter.batch(), samples - first));
    progress(std::min(samples, first + converter.batch()), samples);
  }
  if (stop()) return {};
  converter.finish();
  return converter.result();
}

}  // namespace admmnet
