#include "checkpoint/hdf5_reader.h"

#include <algorithm>
#include <set>

#include "checkpoint/attribute_rules.h"
#include "checkpoint/hdf5_attributes.h"
#include "checkpoint/hdf5_index.h"
#include "checkpoint/hdf5_objects.h"
#include "hdf5/handle.h"
#include "runtime/error.h"
#include "runtime/posix_file.h"

namespace admmnet {

namespace {

using nlohmann::json;

template <std::size_t N>
std::string trimmed(const char (&text)[N]) {
  return std::string(text, std::find(text, text + N, '\0'));
}

/// Format and version before everything else: a newer format may have changed all that follows.
void check_format(hid_t root) {
  AttributeReader attributes;
  const htri_t has_format = H5Aexists(root, "format");
  if (has_format <= 0 || attributes.required(root, "/", "format") != format_name)
    throw IoFailure("it is not a checkpoint of this program (no attribute format = '" +
                    std::string(format_name) + "')");
  const json version = attributes.required(root, "/", "format_version");
  const Index major = version[0].get<Index>(), minor = version[1].get<Index>();
  if ((major != format_major && major != format_major_in_a_pass) || minor < 0)
    throw IoFailure("it has the format version " + std::to_string(major) + "." +
                    std::to_string(minor) + ", this program reads " + std::to_string(format_major) +
                    ".x and " + std::to_string(format_major_in_a_pass) +
                    ".x; use the version of the program that wrote it");
  const json complete = attributes.required(root, "/", "complete");
  if (complete != 1)
    throw IoFailure("it was not written to its end (attribute complete is " + complete.dump() +
                    "; expected 1)");
}

/// Whether the elements from offset on, of so many bytes each, lie within the file, without
/// overflowing on the way.
bool fits(const std::vector<Index>& shape, Index size, Index offset, Index file_bytes) {
  Index bytes = size;
  bool empty = false;
  for (Index extent : shape) {
    if (extent < 0) return false;
    empty = empty || extent == 0;
    if (extent > 0 && __builtin_mul_overflow(bytes, extent, &bytes)) return false;
  }
  if (empty) return true;
  return offset >= 0 && bytes <= file_bytes && offset <= file_bytes - bytes;
}

void require_within_file(const std::string& name, const std::vector<Index>& shape, Index size,
                         Index offset, Index file_bytes) {
  if (!fits(shape, size, offset, file_bytes))
    throw IoFailure("the data set " + name + " of shape " + shape_text(shape) +
                    " reaches beyond the file's " + std::to_string(file_bytes) + " bytes");
}

std::vector<IndexRow> read_index(hid_t index, const PosixFile& file) {
  const Handle type(H5Dget_type(index), H5Tclose, "read the index");
  const std::vector<Index> shape = shape_of(index, "/index");
  if (H5Tequal(type, index_row_type()) <= 0 || shape.size() != 1)
    throw IoFailure("the data set /index has an unknown form");
  if (shape[0] < 0 || shape[0] > most_data_sets)
    throw IoFailure("the data set /index has " + std::to_string(shape[0]) +
                    " rows; expected at most " + std::to_string(most_data_sets));
  const Index offset = offset_of(index), size = sizeof(IndexRow);
  require_within_file("/index", shape, size, offset, file.size());
  std::vector<IndexRow> rows(static_cast<std::size_t>(shape[0]));
  file.read(offset, rows.data(), size * shape[0]);
  if (read_checksum(index, "/index", "checksum") != checksum_of(rows))
    throw IoFailure("the data set /index does not have its checksum: the file is damaged");
  return rows;
}

/// Files of format 1.0 have no such checksum.
void check_attributes(hid_t index, const Catalogue& catalogue) {
  const json& attributes = catalogue.attributes;
  const Index minor = catalogue.minor_version();
  require_all_attributes(attributes, minor);
  const char* name = "attributes_checksum";
  if (minor < 1 && H5Aexists(index, name) == 0) return;
  if (read_checksum(index, "/index", name) != attributes_checksum(attributes))
    throw IoFailure(
        "the attributes of /, /network and /notes do not have their checksum: the file is damaged");
}

DataSet locate(hid_t file, const IndexRow& row, Index file_bytes) {
  DataSet result;
  result.name = trimmed(row.name);
  result.checksum = row.checksum;
  const std::string type_name = trimmed(row.type), claimed_shape = trimmed(row.shape);
  const bool known = read_type(type_name, result);
  if (result.name.empty() || result.name[0] != '/')
    throw IoFailure("the data set /index names '" + result.name + "', which is no full path");

  const Handle data_set = open_data_set(file, result.name);
  const Handle type(H5Dget_type(data_set), H5Tclose, "read the type of " + result.name);
  result.shape = shape_of(data_set, result.name);
  result.offset = offset_of(data_set);
  if (!known || H5Tequal(type, element_type(result)) <= 0)
    throw IoFailure("the data set " + result.name + " is not of the type that the index says (" +
                    type_name + ")");
  if (shape_text(result.shape) != claimed_shape)
    throw IoFailure("the data set " + result.name + " has the shape " + shape_text(result.shape) +
                    ", the index says " + claimed_shape);
  require_within_file(result.name, result.shape, 8 * result.width, result.offset, file_bytes);
  return result;
}

std::vector<DataSet> locate_all(hid_t file, const std::vector<IndexRow>& rows, Index file_bytes) {
  std::vector<DataSet> result;
  std::set<std::string> names;
  for (const IndexRow& row : rows) {
    result.push_back(locate(file, row, file_bytes));
    if (!names.insert(result.back().name).second)
      throw IoFailure("the data set /index names " + result.back().name + " twice");
  }
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
  const PosixFile bytes = PosixFile::open_to_read(path);
  Catalogue catalogue;
  catalogue.file_bytes = bytes.size();
  if (catalogue.file_bytes == 0) throw IoFailure("it is empty");
  silence_hdf5();
  const Handle file = open_hdf5(path);
  check_format(open_group(file, "/"));
  AttributeReader reader;
  for (const char* group : {"/", "/network", "/notes"})
    catalogue.attributes[group] = reader.all(open_group(file, group), group);
  const Handle index = open_data_set(file, "/index");
  const std::vector<IndexRow> rows = read_index(index, bytes);
  check_attributes(index, catalogue);
  catalogue.data_sets = locate_all(file, rows, catalogue.file_bytes);
  return catalogue;
}

}  // namespace admmnet
