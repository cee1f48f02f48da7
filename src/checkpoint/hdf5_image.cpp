#include "checkpoint/hdf5_image.h"

#include <algorithm>
#include <cstdint>

#include "checkpoint/attribute_rules.h"
#include "checkpoint/hdf5_index.h"
#include "hdf5/handle.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

// Large data sets start where stripes of parallel file systems and pages do.
constexpr hsize_t large = 1 << 20, alignment = 1 << 20;

Handle memory_access(MemoryFile& memory) {
  const std::string action = "set up the file's access";
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, action);
  check_hdf5(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18), action);
  check_hdf5(H5Pset_alignment(access, large, alignment), action);
  set_memory_driver(access, memory);
  return access;
}

Handle space_of(const std::vector<Index>& shape) {
  const std::string action = "describe a shape";
  if (shape.empty()) return Handle(H5Screate(H5S_SCALAR), H5Sclose, action);
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return Handle(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                H5Sclose, action);
}

/// A text of this length and its closing zero.
Handle text_type(std::size_t length) {
  const std::string action = "describe a text";
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, action);
  check_hdf5(H5Tset_size(type, length + 1), action);
  check_hdf5(H5Tset_cset(type, H5T_CSET_UTF8), action);
  return type;
}

void write_attribute(hid_t object, const std::string& name, const nlohmann::json& value) {
  const std::string action = "write the attribute '" + name + "'";
  const auto write = [&](hid_t type, const std::vector<Index>& shape, const void* data) {
    const Handle space = space_of(shape);
    const Handle attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose, action);
    check_hdf5(H5Awrite(attribute, type, data), action);
  };
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    write(text_type(text.size()), {}, text.c_str());
  } else if (value.is_array()) {
    const auto list = value.get<std::vector<Index>>();
    write(H5T_STD_I64LE, {static_cast<Index>(list.size())}, list.data());
  } else if (value.is_number_unsigned()) {
    const std::uint64_t number = value.get<std::uint64_t>();
    write(H5T_STD_U64LE, {}, &number);
  } else if (value.is_number_float()) {
    const double number = value.get<double>();
    write(H5T_IEEE_F64LE, {}, &number);
  } else {
    const Index number = value.get<Index>();
    write(H5T_STD_I64LE, {}, &number);
  }
}

void write_group(hid_t file, const std::string& name, const nlohmann::json& attributes) {
  const std::string action = "make the group " + name;
  const bool root = name == "/";
  const Handle group(root ? H5Gopen2(file, "/", H5P_DEFAULT)
                          : H5Gcreate2(file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                     H5Gclose, action);
  for (const auto& [key, value] : attributes.items()) write_attribute(group, key, value);
}

/// A contiguous data set whose place in the file is fixed now and which HDF5 does not fill.
Handle make_data_set(hid_t file, const std::string& name, hid_t type,
                     const std::vector<Index>& shape) {
  const std::string action = "make the data set " + name;
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, action);
  check_hdf5(H5Pset_create_intermediate_group(links, 1), action);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, action);
  check_hdf5(H5Pset_layout(creation, H5D_CONTIGUOUS), action);
  check_hdf5(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY), action);
  check_hdf5(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER), action);
  check_hdf5(H5Pset_obj_track_times(creation, false), action);
  const Handle space = space_of(shape);
  return Handle(H5Dcreate2(file, name.c_str(), type, space, links, creation, H5P_DEFAULT), H5Dclose,
                action);
}

Handle place_data_set(hid_t file, DataSet& data_set) {
  Handle handle = make_data_set(file, data_set.name, element_type(data_set), data_set.shape);
  if (data_set.elements() > 0) data_set.offset = static_cast<Index>(H5Dget_offset(handle));
  return handle;
}

}  // namespace

FileImage::FileImage(const EncodedContents& contents) : tensors_(contents.tensors.size()) {
  silence_hdf5();
  Handle file(H5Fcreate("checkpoint", H5F_ACC_TRUNC, H5P_DEFAULT, memory_access(memory_)), H5Fclose,
              "make the HDF5 file");
  for (const auto& [group, attributes] : contents.attributes.items())
    write_group(file, group, attributes);
  for (const SmallDataSet& small : contents.small) {
    data_sets_.push_back(small.header);
    const Handle data_set = place_data_set(file, data_sets_.back());
    if (!small.words.empty())
      check_hdf5(H5Dwrite(data_set, element_type(small.header), H5S_ALL, H5S_ALL, H5P_DEFAULT,
                          small.words.data()),
                 "write the data set " + small.header.name);
  }
  for (const DataSet& tensor : contents.tensors) {
    data_sets_.push_back(tensor);
    place_data_set(file, data_sets_.back());
  }
  // Room for what complete() fills in, so that the file does not grow any more.
  const Handle index =
      make_data_set(file, "/index", index_row_type(), {static_cast<Index>(data_sets_.size())});
  write_attribute(index, "checksum", std::uint64_t{0});
  write_attribute(index, "attributes_checksum", attributes_checksum(contents.attributes));
  write_attribute(file, "complete", 0);
  file.close("close the HDF5 file");
}

void FileImage::complete(const std::vector<std::uint64_t>& checksums) {
  ADMMNET_REQUIRE(checksums.size() == tensors_, "checkpoint: one checksum a tensor");
  for (std::size_t i = 0; i < tensors_; ++i)
    data_sets_[data_sets_.size() - tensors_ + i].checksum = checksums[i];
  const std::vector<IndexRow> rows = index_rows(data_sets_);

  silence_hdf5();
  const std::string action = "write the index";
  Handle file(H5Fopen("checkpoint", H5F_ACC_RDWR, memory_access(memory_)), H5Fclose, action);
  {
    const Handle index(H5Dopen2(file, "/index", H5P_DEFAULT), H5Dclose, action);
    check_hdf5(H5Dwrite(index, index_row_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()),
               action);
    const Handle sum(H5Aopen(index, "checksum", H5P_DEFAULT), H5Aclose, action);
    const std::uint64_t value = checksum_of(rows);
    check_hdf5(H5Awrite(sum, H5T_STD_U64LE, &value), action);
    const Handle complete(H5Aopen(file, "complete", H5P_DEFAULT), H5Aclose, action);
    const Index yes = 1;
    check_hdf5(H5Awrite(complete, H5T_STD_I64LE, &yes), action);
  }
  file.close("close the HDF5 file");
}

void FileImage::write_to(const PosixFile& file) {
  file.reserve(bytes());
  for (const MemoryFile::Write& write : memory_.take_writes())
    file.write(write.offset, write.bytes.data(), static_cast<Index>(write.bytes.size()));
}

}  // namespace admmnet
