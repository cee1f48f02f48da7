#include "data/row_file.h"

#include <memory>
#include <unistd.h>

#include "data/label_elements.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/posix_file.h"

namespace admmnet {
namespace {

/// A data set as bytes.
class Encoded {
 public:
  explicit Encoded(const RowSet& set) : name_(set.name) {
    if (set.integers != nullptr) {
      own_ = set.integers->data();
      row_bytes_ = sizeof(Index);
      type_ = H5T_NATIVE_INT64;
    } else if (set.reals != nullptr) {
      own_ = set.reals->data();
      columns_ = set.names;
      row_bytes_ = static_cast<Index>(columns_.size() * sizeof(double));
      type_ = H5T_NATIVE_DOUBLE;
    } else {
      labels_ = std::make_unique<LabelElements>(set.names);
      texts_ = labels_->of(set.labels->data(), set.labels->size());
      own_ = texts_.data();
      row_bytes_ = static_cast<Index>(labels_->bytes());
      type_ = labels_->type();
    }
  }

  Index row_bytes() const { return row_bytes_; }

  /// Makes the data set, without elements; where its rows are to go.
  Index place(hid_t file, Index rows) const;
  void write_names(hid_t data_set) const;
  /// This rank's rows, in runs of those that follow each other.
  void write_rows(const PosixFile& file, Index offset, const std::vector<Index>& own) const;

 private:
  std::string name_;
  std::vector<std::string> columns_;
  std::unique_ptr<LabelElements> labels_;
  std::vector<char> texts_;
  const void* own_;
  Index row_bytes_;
  hid_t type_;
};

void Encoded::write_names(hid_t data_set) const {
  const std::string action = "write the names of the columns";
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, action);
  check_hdf5(H5Tset_size(type, H5T_VARIABLE), action);
  check_hdf5(H5Tset_cset(type, H5T_CSET_UTF8), action);
  const hsize_t count = columns_.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose, action);
  const Handle attribute(H5Acreate2(data_set, "names", type, space, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose, action);
  std::vector<const char*> texts;
  for (const std::string& name : columns_) texts.push_back(name.c_str());
  check_hdf5(H5Awrite(attribute, type, texts.data()), action);
}

Index Encoded::place(hid_t file, Index rows) const {
  const std::string action = "make the data set " + name_;
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, action);
  check_hdf5(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY), action);
  check_hdf5(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER), action);
  const hsize_t extents[2] = {static_cast<hsize_t>(rows), columns_.size()};
  const Handle space(H5Screate_simple(columns_.empty() ? 1 : 2, extents, nullptr), H5Sclose,
                     action);
  const Handle data_set(
      H5Dcreate2(file, name_.c_str(), type_, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose,
      action);
  if (!columns_.empty()) write_names(data_set);
  return rows > 0 ? static_cast<Index>(H5Dget_offset(data_set)) : 0;
}

void Encoded::write_rows(const PosixFile& file, Index offset, const std::vector<Index>& own) const {
  const char* rows = static_cast<const char*>(own_);
  for (std::size_t begin = 0, end = 0; begin < own.size(); begin = end) {
    while (end < own.size() && own[end] - own[begin] == static_cast<Index>(end - begin)) ++end;
    const auto count = static_cast<Index>(end - begin);
    file.write(offset + own[begin] * row_bytes_, rows + static_cast<Index>(begin) * row_bytes_,
               count * row_bytes_);
  }
}

/// The file with its data sets; the places of their rows.
std::vector<Index> lay_out(const std::string& path, Index rows, const std::vector<Encoded>& sets) {
  const std::string action = "lay out " + path;
  Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, action);
  // HDF5 must not be the one who finds the disk full: it crashes at the program's end.
  Index bytes = Index{1} << 20;
  for (const Encoded& set : sets) bytes += rows * set.row_bytes();
  PosixFile::open_to_write(path).reserve(bytes);
  std::vector<Index> offsets;
  for (const Encoded& set : sets) offsets.push_back(set.place(file, rows));
  file.close(action);
  return offsets;
}

}  // namespace

void write_row_file(const std::string& path, Index rows, const std::vector<Index>& own,
                    const std::vector<RowSet>& sets, MPI_Comm comm) {
  silence_hdf5();
  const std::vector<Encoded> encoded(sets.begin(), sets.end());
  std::vector<Index> offsets(sets.size());
  const bool first = rank_of(comm) == 0;
  std::string temporary;
  try {
    collectively(comm, [&] {
      if (!first) return;
      temporary = write_temporary(path, "");
      offsets = lay_out(temporary, rows, encoded);
    });
    const std::string name = broadcast(temporary, 0, comm);
    ADMMNET_MPI(MPI_Bcast(offsets.data(), static_cast<int>(offsets.size()), MPI_INT64_T, 0, comm));
    collectively(comm, [&] {
      const PosixFile file = PosixFile::open_to_write(name);
      for (std::size_t i = 0; i < encoded.size(); ++i) encoded[i].write_rows(file, offsets[i], own);
      file.sync();
    });
    collectively(comm, [&] {
      if (first) publish_file(temporary, path);
    });
  } catch (...) {
    if (!temporary.empty()) ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace admmnet
