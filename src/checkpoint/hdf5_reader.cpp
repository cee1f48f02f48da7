#include "checkpoint/hdf5_reader.h"

#include <algorithm>

#include "checkpoint/hdf5_handle.h"
#include "checkpoint/hdf5_index.h"
#include "checkpoint/posix_file.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

using nlohmann::json;

// Bounds on what a damaged header can make us allocate.
constexpr std::size_t longest_text = std::size_t{1} << 26;
constexpr hsize_t most_numbers = 1024;

std::string trimmed(const char* text, std::size_t length) {
  return std::string(text, std::find(text, text + length, '\0'));
}

json attribute_value(hid_t attribute, const std::string& action) {
  const Handle type(H5Aget_type(attribute), H5Tclose, action);
  const Handle space(H5Aget_space(attribute), H5Sclose, action);
  const H5T_class_t kind = H5Tget_class(type);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count < 0 || static_cast<hsize_t>(count) > most_numbers) return nullptr;
  if (kind == H5T_STRING && count == 1 && H5Tis_variable_str(type) == 0 &&
      H5Tget_size(type) <= longest_text) {
    std::string text(H5Tget_size(type), '\0');
    check_hdf5(H5Aread(attribute, type, text.data()), action);
    return trimmed(text.data(), text.size());
  }
  if (kind == H5T_FLOAT && count == 1) {
    double number = 0.0;
    check_hdf5(H5Aread(attribute, H5T_NATIVE_DOUBLE, &number), action);
    return number;
  }
  if (kind != H5T_INTEGER) return nullptr;
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  check_hdf5(H5Aread(attribute, H5T_NATIVE_INT64, numbers.data()), action);
  if (H5Sget_simple_extent_ndims(space) == 0 && count == 1) return numbers[0];
  return numbers;
}

/// All attributes of a group; null for those of a kind that checkpoints do not have.
json read_attributes(hid_t file, const std::string& group_name) {
  const std::string action = "read the attributes of " + group_name;
  const Handle group(H5Gopen2(file, group_name.c_str(), H5P_DEFAULT), H5Gclose, action);
  H5O_info_t info;
  check_hdf5(H5Oget_info2(group, &info, H5O_INFO_NUM_ATTRS), action);
  json result = json::object();
  for (hsize_t i = 0; i < info.num_attrs; ++i) {
    const Handle attribute(
        H5Aopen_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose, action);
    const ssize_t length = H5Aget_name(attribute, 0, nullptr);
    if (length < 0) check_hdf5(-1, action);
    std::string name(static_cast<std::size_t>(length) + 1, '\0');
    H5Aget_name(attribute, name.size(), name.data());
    name.pop_back();
    result[name] = attribute_value(attribute, action + " ('" + name + "')");
  }
  return result;
}

/// Format and version before everything else: a newer format may have changed all that follows.
void check_format(const json& root) {
  const auto format = root.find("format");
  if (format == root.end() || *format != format_name)
    throw IoFailure("it is not a checkpoint of this program (no attribute format = '" +
                    std::string(format_name) + "')");
  const json version = root.value("format_version", json());
  if (!version.is_array() || version.size() != 2)
    throw IoFailure("its attribute format_version is not two numbers");
  const Index major = version[0].get<Index>(), minor = version[1].get<Index>();
  if (major != format_major)
    throw IoFailure("it has the format version " + std::to_string(major) + "." +
                    std::to_string(minor) + ", this program reads " + std::to_string(format_major) +
                    ".x; use the version of the program that wrote it");
  if (root.value("complete", json()) != 1)
    throw IoFailure("it was not written to its end (attribute complete is not 1)");
}

std::vector<IndexRow> read_index(hid_t file, Index file_bytes) {
  const std::string action = "read the index";
  const Handle index(H5Dopen2(file, "/index", H5P_DEFAULT), H5Dclose, action);
  const Handle type(H5Dget_type(index), H5Tclose, action);
  const Handle expected = index_row_type();
  const Handle space(H5Dget_space(index), H5Sclose, action);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (H5Tequal(type, expected) <= 0 || count < 0 ||
      count > file_bytes / static_cast<Index>(sizeof(IndexRow)))
    throw IoFailure("its index has an unknown form");
  std::vector<IndexRow> rows(static_cast<std::size_t>(count));
  if (count > 0)
    check_hdf5(H5Dread(index, expected, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()), action);
  const Handle sum(H5Aopen(index, "checksum", H5P_DEFAULT), H5Aclose, action);
  std::uint64_t checksum = 0;
  check_hdf5(H5Aread(sum, H5T_NATIVE_UINT64, &checksum), action);
  if (checksum != checksum_of(rows))
    throw IoFailure("its index does not have its checksum: the file is damaged");
  return rows;
}

std::vector<Index> shape_of(hid_t data_set, const std::string& action) {
  const Handle space(H5Dget_space(data_set), H5Sclose, action);
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) check_hdf5(-1, action);
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  check_hdf5(H5Sget_simple_extent_dims(space, extents.data(), nullptr), action);
  return std::vector<Index>(extents.begin(), extents.end());
}

/// Whether the elements from offset on lie within the file, without overflowing on the way.
bool fits(const DataSet& data_set, Index file_bytes) {
  Index bytes = 8 * data_set.width;
  bool empty = false;
  for (Index extent : data_set.shape) {
    if (extent < 0) return false;
    empty = empty || extent == 0;
    if (extent > 0 && __builtin_mul_overflow(bytes, extent, &bytes)) return false;
  }
  if (empty) return true;
  return data_set.offset >= 0 && bytes <= file_bytes && data_set.offset <= file_bytes - bytes;
}

DataSet locate(hid_t file, const IndexRow& row, Index file_bytes) {
  DataSet result;
  result.name = trimmed(row.name, sizeof row.name);
  result.checksum = row.checksum;
  const bool known = read_type(trimmed(row.type, sizeof row.type), result);

  const std::string action = "open the data set " + result.name;
  const Handle data_set(H5Dopen2(file, result.name.c_str(), H5P_DEFAULT), H5Dclose, action);
  const Handle type(H5Dget_type(data_set), H5Tclose, action);
  const Handle creation(H5Dget_create_plist(data_set), H5Pclose, action);
  result.shape = shape_of(data_set, action);
  const haddr_t offset = H5Dget_offset(data_set);
  result.offset = offset == HADDR_UNDEF ? -1 : static_cast<Index>(offset);
  if (!known || H5Tequal(type, element_type(result)) <= 0 ||
      shape_text(result.shape) != trimmed(row.shape, sizeof row.shape) ||
      H5Pget_layout(creation) != H5D_CONTIGUOUS)
    throw IoFailure("the data set " + result.name + " is not what the index says");
  if (!fits(result, file_bytes))
    throw IoFailure("the data set " + result.name + " of shape " + shape_text(result.shape) +
                    " reaches beyond the file's " + std::to_string(file_bytes) + " bytes");
  return result;
}

Handle open_hdf5(const std::string& path) {
  const htri_t is_hdf5 = H5Fis_hdf5(path.c_str());
  if (is_hdf5 == 0) throw IoFailure("it is not an HDF5 file");
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "set up the file's access");
#if H5_VERSION_GE(1, 10, 7)
  // Checkpoints never change once they have their name, and many parallel file systems have no
  // locks.
  H5Pset_file_locking(access, false, true);
#endif
  return Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose, "open it");
}

}  // namespace

Catalogue read_catalogue(const std::string& path) {
  Catalogue catalogue;
  catalogue.file_bytes = PosixFile::open_to_read(path).size();
  if (catalogue.file_bytes == 0) throw IoFailure("it is empty");
  silence_hdf5();
  const Handle file = open_hdf5(path);
  json& attributes = catalogue.attributes;
  attributes["/"] = read_attributes(file, "/");
  check_format(attributes["/"]);
  for (const char* group : {"/network", "/notes"}) attributes[group] = read_attributes(file, group);
  for (const IndexRow& row : read_index(file, catalogue.file_bytes))
    catalogue.data_sets.push_back(locate(file, row, catalogue.file_bytes));
  return catalogue;
}

}  // namespace admmnet
