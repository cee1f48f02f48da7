#include "data/npy_format.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "data/npy.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

std::string shape_text(const std::vector<Index>& shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + ")";
}

class NpyRows final : public SampleRows {
 public:
  explicit NpyRows(NpyArray array) : SampleRows(array.place()), array_(std::move(array)) {
    if (array_.is_text())
      throw BadInput(place() + ": its elements are texts; features are numbers");
    if (array_.shape().size() != 2)
      throw BadInput(place() + ": has the shape " + shape_text(array_.shape()) +
                     "; samples are the rows of (samples, features): reshape it" +
                     (array_.shape().size() > 2 ? ", x.reshape(len(x), -1)" : ""));
    samples_ = array_.shape()[0];
    features_ = array_.shape()[1];
  }
  bool random_access() const override { return array_.random_access(); }
  void read(Index first, Index count, double* rows) override { array_.read(first, count, rows); }

 private:
  NpyArray array_;
};

template <class T>
void add_all(NpyArray& array, ArrayLabels& labels) {
  constexpr Index at_once = Index{1} << 16;
  const Index samples = array.shape()[0];
  const Index targets = array.shape().size() > 1 ? array.shape()[1] : 1;
  std::vector<T> values(static_cast<std::size_t>(std::min(samples, at_once) * targets));
  for (Index first = 0; first < samples; first += at_once) {
    const Index count = std::min(at_once, samples - first);
    array.read(first, count, values.data());
    for (Index i = 0; i < count * targets; ++i) labels.add(values[static_cast<std::size_t>(i)]);
  }
}

void add_labels_of(NpyArray array, ArrayLabels& labels) {
  labels.begin_file(array.place(), targets_of_shape(array.shape(), !array.is_text(), array.place(),
                                                    shape_text(array.shape())));
  if (array.is_text())
    add_all<std::string>(array, labels);
  else if (array.is_real())
    add_all<double>(array, labels);
  else
    add_all<long long>(array, labels);
}

}  // namespace

std::unique_ptr<SampleRows> NpzFormat::open_rows(const std::string& file, const ArrayNames& names,
                                                 const DataOptions&) const {
  return std::make_unique<NpyRows>(
      NpyArray(open_zip_member(file, names.rows), file + ":" + names.rows));
}

bool NpzFormat::add_labels(const std::string& file, const ArrayNames& names, const DataOptions&,
                           bool needed, ArrayLabels& labels) const {
  std::unique_ptr<ArrayBytes> bytes = open_zip_member(file, names.labels, needed);
  if (bytes == nullptr) return false;
  add_labels_of(NpyArray(std::move(bytes), file + ":" + names.labels), labels);
  return true;
}

void NpyFormat::check(const DataOptions& options, DataUse use, const Refuse& refuse) const {
  ArrayFormat::check(options, use, refuse);
  refuse(use == DataUse::train && names_in_training(options).labels.empty(),
         {"data_target_path", "data_format"}, "missing; name the npy file of the labels");
  refuse(use == DataUse::train && !options.test.empty() && names_in_test(options).labels.empty(),
         {"data_test_target_path", "data_format"},
         "missing; name the npy file of the labels of -data_test");
}

/// The default is the name of an array in a file, and here is none.
ArrayNames NpyFormat::names_in_training(const DataOptions& options) const {
  return {"", options.target_path == DataOptions().target_path ? "" : options.target_path,
          options.weight_path};
}

ArrayNames NpyFormat::names_in_test(const DataOptions& options) const {
  return {"", options.test_target_path, options.test_weight_path};
}

std::unique_ptr<SampleRows> NpyFormat::open_rows(const std::string& file, const ArrayNames&,
                                                 const DataOptions&) const {
  return std::make_unique<NpyRows>(NpyArray(open_file_bytes(file), file));
}

bool NpyFormat::add_labels(const std::string& file, const ArrayNames& names, const DataOptions&,
                           bool needed, ArrayLabels& labels) const {
  if (names.labels.empty() && needed)
    throw BadInput(file +
                   ": an npy file holds no labels; name the file that does in "
                   "-data_target_path, or of a test in -data_test_target_path");
  if (names.labels.empty()) return false;
  add_labels_of(NpyArray(open_file_bytes(names.labels), names.labels), labels);
  return true;
}

}  // namespace admmnet
