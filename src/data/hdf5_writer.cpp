#include "data/hdf5_writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "data/label_elements.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

constexpr hsize_t kChunk = hsize_t{1} << 15;  // entries of a sparse matrix
constexpr std::size_t kLabelsAtOnce = std::size_t{1} << 16;

Handle properties_of_data_set() {
  return Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "describe a data set");
}

/// All elements are written, so none need be filled in before.
Handle create_fixed(hid_t place, const char* name, const std::vector<hsize_t>& extents,
                    hid_t type) {
  const Handle space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                     H5Sclose, "describe a data set");
  const Handle properties = properties_of_data_set();
  check_hdf5(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), "describe a data set");
  return Handle(H5Dcreate2(place, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT),
                H5Dclose, "make the data set");
}

Handle create_growing(hid_t place, const char* name, hid_t type) {
  const hsize_t nothing = 0, endless = H5S_UNLIMITED;
  const Handle space(H5Screate_simple(1, &nothing, &endless), H5Sclose, "describe a data set");
  const Handle properties = properties_of_data_set();
  check_hdf5(H5Pset_chunk(properties, 1, &kChunk), "describe a data set");
  return Handle(H5Dcreate2(place, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT),
                H5Dclose, "make the data set");
}

/// Of variable length: what h5py gives as str, which anndata asks for.
void write_text(hid_t object, const char* name, const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "write an attribute");
  check_hdf5(H5Tset_size(type, H5T_VARIABLE), "write an attribute");
  check_hdf5(H5Tset_cset(type, H5T_CSET_UTF8), "write an attribute");
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "write an attribute");
  const Handle attribute(H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                         "write an attribute");
  const char* letters = text.c_str();
  check_hdf5(H5Awrite(attribute, type, &letters), "write an attribute");
}

void write_shape(hid_t object, Index rows, Index cols) {
  const std::array<Index, 2> shape{rows, cols};
  const hsize_t two = 2;
  const Handle space(H5Screate_simple(1, &two, nullptr), H5Sclose, "write an attribute");
  const Handle attribute(
      H5Acreate2(object, "shape", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
      "write an attribute");
  check_hdf5(H5Awrite(attribute, H5T_NATIVE_INT64, shape.data()), "write an attribute");
}

}  // namespace

template <class F>
auto Hdf5Writer::guarded(F&& work) const {
  try {
    return work();
  } catch (const IoFailure& failure) {
    throw IoFailure(path_ + ": " + failure.what() +
                    "; nothing is left of it: is the disk full, or a quota used up?");
  }
}

Hdf5Writer::Hdf5Writer(const std::string& path) : path_(path) {
  silence_hdf5();
  temporary_ = write_temporary(path, "");
  try {
    guarded([&] {
      file_.emplace(H5Fcreate(temporary_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                    H5Fclose, "make the file");
    });
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw_io_failure("write", temporary_, errno);
    reserve(0);
  } catch (...) {
    remove();
    throw;
  }
}

void Hdf5Writer::reserve(Index bytes) {
  // HDF5 holds back index and last chunks of a growing data set: 64 bytes a chunk of 2^18 bytes,
  // 1 MiB of chunks each, and headers.
  const Index needed = bytes + bytes / 1024 + (Index{4} << 20);
  if (needed <= reserved_) return;
  const int error = posix_fallocate(descriptor_, 0, needed);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG)
    throw IoFailure(path_ + ": cannot take " + std::to_string(needed >> 20) +
                    " MiB of disk space: " + std::strerror(error) +
                    "; nothing is left of it: make room, or choose another disk");
  reserved_ = needed;
}

void Hdf5Writer::remove() {
  begins_.reset();
  indices_.reset();
  rows_.reset();
  file_.reset();
  if (descriptor_ >= 0) ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

Hdf5Writer::~Hdf5Writer() {
  if (!temporary_.empty()) remove();
}

void Hdf5Writer::begin_dense(Index samples, Index features, ValueType type) {
  samples_ = samples;
  features_ = features;
  type_ = type;
  elements_bytes_ += samples * features * static_cast<Index>(value_bytes(type));
  reserve(elements_bytes_);
  guarded([&] {
    rows_.emplace(create_fixed(*file_, "/x",
                               {static_cast<hsize_t>(samples), static_cast<hsize_t>(features)},
                               type == ValueType::byte ? H5T_STD_U8LE : H5T_IEEE_F64LE));
  });
}

void Hdf5Writer::add_dense(Index count, const unsigned char* records) {
  ADMMNET_REQUIRE(written_ + count <= samples_, "Hdf5Writer: more samples than were announced");
  const std::array<hsize_t, 2> begin{static_cast<hsize_t>(written_), 0},
      size{static_cast<hsize_t>(count), static_cast<hsize_t>(features_)};
  guarded([&] {
    const Handle space(H5Dget_space(*rows_), H5Sclose, "write samples");
    const Handle memory(H5Screate_simple(2, size.data(), nullptr), H5Sclose, "write samples");
    check_hdf5(
        H5Sselect_hyperslab(space, H5S_SELECT_SET, begin.data(), nullptr, size.data(), nullptr),
        "write samples");
    check_hdf5(H5Dwrite(*rows_, type_ == ValueType::byte ? H5T_NATIVE_UCHAR : H5T_NATIVE_DOUBLE,
                        memory, space, H5P_DEFAULT, records),
               "write samples");
  });
  written_ += count;
}

void Hdf5Writer::append(hid_t data_set, Index first, Index count, hid_t type, const void* elements,
                        bool grows) {
  if (count == 0) return;
  const auto begin = static_cast<hsize_t>(first), size = static_cast<hsize_t>(count),
             end = begin + size;
  guarded([&] {
    if (grows) check_hdf5(H5Dset_extent(data_set, &end), "write entries");
    const Handle space(H5Dget_space(data_set), H5Sclose, "write entries");
    const Handle memory(H5Screate_simple(1, &size, nullptr), H5Sclose, "write entries");
    check_hdf5(H5Sselect_hyperslab(space, H5S_SELECT_SET, &begin, nullptr, &size, nullptr),
               "write entries");
    check_hdf5(H5Dwrite(data_set, type, memory, space, H5P_DEFAULT, elements), "write entries");
  });
}

void Hdf5Writer::begin_sparse(Index samples, Index features) {
  samples_ = samples;
  features_ = features;
  elements_bytes_ += (samples + 1) * static_cast<Index>(sizeof(Index));
  reserve(elements_bytes_);
  guarded([&] {
    const Handle group(H5Gcreate2(*file_, "/x", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                       "make the group /x");
    write_text(group, "encoding-type", "csr_matrix");
    write_text(group, "encoding-version", "0.1.0");
    write_shape(group, samples, features);
    rows_.emplace(create_growing(group, "data", H5T_IEEE_F64LE));
    indices_.emplace(create_growing(group, "indices", H5T_STD_I64LE));
    begins_.emplace(
        create_fixed(group, "indptr", {static_cast<hsize_t>(samples) + 1}, H5T_STD_I64LE));
  });
  const Index zero = 0;
  append(*begins_, 0, 1, H5T_NATIVE_INT64, &zero, false);
}

void Hdf5Writer::add_sparse(const SparseRows& rows) {
  const auto count = static_cast<Index>(rows.begins.size()) - 1;
  ADMMNET_REQUIRE(written_ + count <= samples_, "Hdf5Writer: more samples than were announced");
  const auto entries = static_cast<Index>(rows.cols.size());
  elements_bytes_ += entries * static_cast<Index>(sizeof(double) + sizeof(Index));
  reserve(elements_bytes_);
  append(*rows_, entries_, entries, H5T_NATIVE_DOUBLE, rows.values.data(), true);
  append(*indices_, entries_, entries, H5T_NATIVE_INT64, rows.cols.data(), true);
  std::vector<Index> ends;
  for (std::size_t i = 1; i < rows.begins.size(); ++i)
    ends.push_back(entries_ + static_cast<Index>(rows.begins[i]));
  append(*begins_, written_ + 1, count, H5T_NATIVE_INT64, ends.data(), false);
  entries_ += entries;
  written_ += count;
}

void Hdf5Writer::write_labels(const std::vector<int>& labels,
                              const std::vector<std::string>& names) {
  guarded([&] {
    const LabelElements elements(names);
    elements_bytes_ += static_cast<Index>(labels.size() * elements.bytes());
    reserve(elements_bytes_);
    const Handle data_set = create_fixed(*file_, "/y", {labels.size()}, elements.type());
    for (std::size_t first = 0; first < labels.size(); first += kLabelsAtOnce) {
      const std::size_t count = std::min(kLabelsAtOnce, labels.size() - first);
      append(data_set, static_cast<Index>(first), static_cast<Index>(count), elements.type(),
             elements.of(&labels[first], count).data(), false);
    }
  });
}

void Hdf5Writer::write_targets(const std::vector<double>& values, Index targets) {
  const auto samples = static_cast<Index>(values.size()) / targets;
  elements_bytes_ += static_cast<Index>(values.size() * sizeof(double));
  reserve(elements_bytes_);
  guarded([&] {
    std::vector<hsize_t> extents{static_cast<hsize_t>(samples)};
    if (targets > 1) extents.push_back(static_cast<hsize_t>(targets));
    const Handle data_set = create_fixed(*file_, "/y", extents, H5T_NATIVE_DOUBLE);
    check_hdf5(H5Dwrite(data_set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
               "write targets");
  });
}

void Hdf5Writer::publish() {
  ADMMNET_REQUIRE(written_ == samples_, "Hdf5Writer: fewer samples than were announced");
  guarded([&] {
    hsize_t size = 0;
    for (std::optional<Handle>* handle : {&begins_, &indices_, &rows_, &file_}) {
      if (handle == &file_) {
        check_hdf5(H5Fflush(*file_, H5F_SCOPE_LOCAL), "write to the end");
        check_hdf5(H5Fget_filesize(*file_, &size), "write to the end");
      }
      if (handle->has_value()) (*handle)->close("write to the end");
      handle->reset();
    }
    // without what was reserved
    const int failed = ::ftruncate(descriptor_, static_cast<off_t>(size)) != 0 ? errno : 0;
    ::close(std::exchange(descriptor_, -1));
    if (failed != 0) throw_io_failure("write", temporary_, failed);
    publish_file(temporary_, path_);
  });
  temporary_.clear();
}

}  // namespace admmnet
