#include "data/hdf5_format.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "data/hdf5_input.h"
#include "data/hdf5_sparse.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

class DenseRows final : public SampleRows {
 public:
  DenseRows(const Hdf5Input& file, const std::string& name)
      : SampleRows(file.place(name)), data_set_(file.data_set(name)) {
    if (element_kind(data_set_, place()) != ElementKind::number)
      throw BadInput(place() + ": its elements are texts; features are numbers");
    const std::vector<Index> extents = extents_of(data_set_, place());
    if (extents.size() != 2)
      throw BadInput(place() + ": has the shape " + extents_text(extents) +
                     "; samples are the rows of (samples, features): reshape it" +
                     (extents.size() > 2 ? ", x.reshape(len(x), -1)" : ""));
    samples_ = extents[0];
    features_ = extents[1];
  }
  bool random_access() const override { return true; }
  void read(Index first, Index count, double* rows) override {
    read_elements(data_set_, place(), first, count, H5T_NATIVE_DOUBLE, rows);
  }

 private:
  Handle data_set_;
};

class SparseSampleRows final : public SampleRows {
 public:
  SparseSampleRows(const Hdf5Input& file, const std::string& name)
      : SampleRows(file.place(name)), matrix_(file, name) {
    samples_ = matrix_.rows();
    features_ = matrix_.cols();
  }
  bool random_access() const override { return true; }
  void read(Index first, Index count, double* rows) override {
    const SparseRows entries = matrix_.read(first, count);
    std::fill_n(rows, count * features_, 0.0);
    for (Index i = 0; i < count; ++i)
      for (std::size_t k = entries.begins[static_cast<std::size_t>(i)];
           k < entries.begins[static_cast<std::size_t>(i) + 1]; ++k)
        rows[i * features_ + entries.cols[k]] = entries.values[k];
  }
  bool sparse() const override { return true; }
  SparseRows read_sparse(Index first, Index count) override { return matrix_.read(first, count); }

 private:
  Hdf5SparseMatrix matrix_;
};

constexpr Index kLabelsAtOnce = Index{1} << 16;

template <class F>
void for_each_piece(Index samples, F&& read) {
  for (Index first = 0; first < samples; first += kLabelsAtOnce)
    read(first, std::min(kLabelsAtOnce, samples - first));
}

template <class T>
void add_numbers(hid_t data_set, const std::string& place, const std::vector<Index>& extents,
                 hid_t type, ArrayLabels& labels) {
  const Index samples = extents[0], targets = extents.size() > 1 ? extents[1] : 1;
  std::vector<T> values(static_cast<std::size_t>(std::min(samples, kLabelsAtOnce) * targets));
  for_each_piece(samples, [&](Index first, Index count) {
    read_elements(data_set, place, first, count, type, values.data());
    for (Index i = 0; i < count * targets; ++i) labels.add(values[static_cast<std::size_t>(i)]);
  });
}

/// Texts of one length, filled up with zeros or blanks.
void add_fixed_texts(hid_t data_set, const std::string& place, Index samples, hid_t type,
                     ArrayLabels& labels) {
  constexpr std::size_t longest = 4096;
  const std::size_t size = H5Tget_size(type);
  if (size > longest)
    throw BadInput(place + ": its texts are " + std::to_string(size) +
                   " bytes long, too long for names of classes");
  const bool blanks = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  std::vector<char> texts(static_cast<std::size_t>(std::min(samples, kLabelsAtOnce)) * size);
  for_each_piece(samples, [&](Index first, Index count) {
    read_elements(data_set, place, first, count, type, texts.data());
    for (Index i = 0; i < count; ++i) {
      const char* text = texts.data() + static_cast<std::size_t>(i) * size;
      std::string label(text, strnlen(text, size));
      if (blanks) label.erase(label.find_last_not_of(' ') + 1);
      labels.add(label);
    }
  });
}

void add_variable_texts(hid_t data_set, const std::string& place, Index samples, hid_t type,
                        ArrayLabels& labels) {
  std::vector<char*> texts(static_cast<std::size_t>(std::min(samples, kLabelsAtOnce)));
  for_each_piece(samples, [&](Index first, Index count) {
    read_elements(data_set, place, first, count, type, texts.data());
    for (Index i = 0; i < count; ++i) {
      char*& text = texts[static_cast<std::size_t>(i)];
      const std::string label = text == nullptr ? "" : text;
      H5free_memory(text);
      text = nullptr;
      labels.add(label);
    }
  });
}

}  // namespace

std::unique_ptr<SampleRows> Hdf5Format::open_rows(const std::string& file, const ArrayNames& names,
                                                  const DataOptions& options) const {
  const Hdf5Input input(file, options.follow_links);
  const std::string array = absolute_name(names.rows);
  if (input.has(array) && input.is_group(array) && input.has(array + "/indptr"))
    return std::make_unique<SparseSampleRows>(input, array);
  return std::make_unique<DenseRows>(input, array);
}

bool Hdf5Format::add_labels(const std::string& file, const ArrayNames& names,
                            const DataOptions& options, bool needed, ArrayLabels& labels) const {
  const Hdf5Input input(file, options.follow_links);
  const std::string array = absolute_name(names.labels), place = input.place(array);
  if (!needed && !input.has(array)) return false;
  const Handle data_set = input.data_set(array);
  const std::vector<Index> extents = extents_of(data_set, place);
  const bool numbers = element_kind(data_set, place) == ElementKind::number;
  labels.begin_file(place, targets_of_shape(extents, numbers, place, extents_text(extents)));
  const Handle type(H5Dget_type(data_set), H5Tclose, "look at " + place);
  if (numbers) {
    if (H5Tget_class(type) == H5T_FLOAT)
      add_numbers<double>(data_set, place, extents, H5T_NATIVE_DOUBLE, labels);
    else
      add_numbers<long long>(data_set, place, extents, H5T_NATIVE_LLONG, labels);
  } else if (H5Tis_variable_str(type) > 0) {
    add_variable_texts(data_set, place, extents[0], type, labels);
  } else {
    add_fixed_texts(data_set, place, extents[0], type, labels);
  }
  return true;
}

}  // namespace admmnet
