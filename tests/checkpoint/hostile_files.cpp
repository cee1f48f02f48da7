#include "checkpoint/hostile_files.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include "checkpoint/hdf5_attributes.h"
#include "checkpoint/hdf5_objects.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet::test {

namespace {

Handle type_of(ElementType type) {
  DataSet data_set;
  data_set.type = type;
  return element_type(data_set);
}

Handle space_of(const std::vector<hsize_t>& shape) {
  return shape.empty()
             ? Handle(H5Screate(H5S_SCALAR), H5Sclose, "space")
             : Handle(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                      H5Sclose, "space");
}

Handle open_object(hid_t file, const std::string& path) {
  return Handle(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, "open " + path);
}

void unlink(hid_t file, const std::string& name) {
  H5Ldelete(file, name.c_str(), H5P_DEFAULT);
}

template <std::size_t N>
void put_text(const std::string& text, char (&field)[N]) {
  std::memset(field, 0, N);
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

/// The row of a data set, if it has one, says this from now on.
void change_row(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
                const char* type, std::uint64_t checksum) {
  if (H5Lexists(file, "/index", H5P_DEFAULT) <= 0) return;
  std::vector<IndexRow> rows = read_rows(file);
  for (IndexRow& row : rows) {
    if (name != row.name) continue;
    put_text(shape_text({shape.begin(), shape.end()}), row.shape);
    put_text(type, row.type);
    row.checksum = checksum;
  }
  write_rows(file, rows);
}

template <class T>
void set_values(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
                std::vector<T> values, ElementType type) {
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "list");
  H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
  H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
  set_storage(file, name, type_of(type), shape, creation, true);
  std::size_t count = 1;
  for (hsize_t extent : shape) count *= extent;
  values.resize(count);
  const Handle data_set = open_object(file, name);
  if (count > 0)
    check_hdf5(H5Dwrite(data_set, type_of(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
               "write " + name);
  change_row(file, name, shape, type_text(type),
             checksum(0, values.data(), static_cast<Index>(count)));
}

}  // namespace

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void change_by_hdf5(const std::string& path, const std::function<void(hid_t)>& change) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "list");
  H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, access), H5Fclose, "open");
  change(file);
}

void set_attribute(hid_t file, const std::string& object, const std::string& name, hid_t type,
                   hid_t space, const void* bytes) {
  const Handle owner = open_object(file, object);
  H5Adelete(owner, name.c_str());
  const Handle a(H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                 "attribute");
  if (bytes) check_hdf5(H5Awrite(a, type, bytes), "attribute");
}

void set_integer(hid_t file, const std::string& object, const std::string& name, long long value) {
  set_attribute(file, object, name, H5T_STD_I64LE, space_of({}), &value);
}

void set_integers(hid_t file, const std::string& object, const std::string& name,
                  const std::vector<long long>& values) {
  set_attribute(file, object, name, H5T_STD_I64LE, space_of({values.size()}), values.data());
}

void set_real(hid_t file, const std::string& object, const std::string& name, double value) {
  set_attribute(file, object, name, H5T_IEEE_F64LE, space_of({}), &value);
}

void set_text(hid_t file, const std::string& object, const std::string& name,
              const std::string& text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "type");
  H5Tset_size(type, text.size() + 1);
  set_attribute(file, object, name, type, space_of({}), text.c_str());
}

void delete_attribute(hid_t file, const std::string& object, const std::string& name) {
  H5Adelete(open_object(file, object), name.c_str());
}

void set_reals(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
               const std::vector<double>& values) {
  set_values(file, name, shape, values, ElementType::real);
}

void set_integers_at(hid_t file, const std::string& name, const std::vector<hsize_t>& shape,
                     const std::vector<std::int64_t>& values) {
  set_values(file, name, shape, values, ElementType::integer);
}

void set_storage(hid_t file, const std::string& name, hid_t type, const std::vector<hsize_t>& shape,
                 hid_t creation, bool keep_row) {
  unlink(file, name);
  const Handle data_set(
      H5Dcreate2(file, name.c_str(), type, space_of(shape), H5P_DEFAULT, creation, H5P_DEFAULT),
      H5Dclose, "make " + name);
  if (!keep_row)
    change_row(
        file, name, shape,
        type_text(H5Tequal(type, H5T_STD_I64LE) > 0 ? ElementType::integer : ElementType::real), 0);
}

void claim_shape(hid_t file, const std::string& name, const std::vector<hsize_t>& shape) {
  set_storage(file, name, H5T_IEEE_F64LE, shape, H5P_DEFAULT);
}

void set_soft_link(hid_t file, const std::string& name, const std::string& target) {
  unlink(file, name);
  check_hdf5(H5Lcreate_soft(target.c_str(), file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT), "link");
}

void set_external_link(hid_t file, const std::string& name, const std::string& other_file,
                       const std::string& target) {
  unlink(file, name);
  check_hdf5(H5Lcreate_external(other_file.c_str(), target.c_str(), file, name.c_str(), H5P_DEFAULT,
                                H5P_DEFAULT),
             "link");
}

std::vector<IndexRow> read_rows(hid_t file) {
  const Handle index = open_data_set(file, "/index");
  const Handle space(H5Dget_space(index), H5Sclose, "index");
  std::vector<IndexRow> rows(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  check_hdf5(H5Dread(index, index_row_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()), "index");
  return rows;
}

void write_rows(hid_t file, const std::vector<IndexRow>& rows) {
  unlink(file, "/index");
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "list");
  H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
  const Handle index(H5Dcreate2(file, "/index", index_row_type(), space_of({rows.size()}),
                                H5P_DEFAULT, creation, H5P_DEFAULT),
                     H5Dclose, "index");
  if (!rows.empty())
    check_hdf5(H5Dwrite(index, index_row_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()),
               "index");
  reseal(file);
}

void reseal(hid_t file) {
  const auto set = [&](const char* name, std::uint64_t value) {
    set_attribute(file, "/index", name, H5T_STD_U64LE, space_of({}), &value);
  };
  try {
    set("checksum", checksum_of(read_rows(file)));
    AttributeReader reader;
    nlohmann::json attributes;
    for (const char* group : {"/", "/network", "/notes"})
      attributes[group] = reader.all(open_group(file, group), group);
    set("attributes_checksum", attributes_checksum(attributes));
  } catch (const Error&) {
    // What has no checksum any more: the reader will say so.
  }
}

}  // namespace admmnet::test
