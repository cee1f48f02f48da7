#include "checkpoint/hostile_files.h"

#include <fstream>
#include <iterator>

#include "checkpoint/hdf5_index.h"

namespace admmnet::test {

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void change_by_hdf5(const std::string& path, const std::function<void(hid_t)>& change) {
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "open");
  change(file);
}

void set_integers(hid_t object, const char* attribute, const std::vector<long long>& values) {
  H5Adelete(object, attribute);
  const hsize_t count = values.size();
  const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose, "space");
  const Handle a(H5Acreate2(object, attribute, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT),
                 H5Aclose, "attribute");
  check_hdf5(H5Awrite(a, H5T_NATIVE_LLONG, values.data()), "attribute");
}

void set_text(hid_t object, const char* attribute, const std::string& text) {
  H5Adelete(object, attribute);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "space");
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "type");
  H5Tset_size(type, text.size());
  const Handle a(H5Acreate2(object, attribute, type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                 "attribute");
  check_hdf5(H5Awrite(a, type, text.data()), "attribute");
}

void claim_shape(hid_t file, const char* name, const std::vector<hsize_t>& shape,
                 const std::vector<DataSet>& index) {
  H5Ldelete(file, name, H5P_DEFAULT);
  const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                     H5Sclose, "space");
  const Handle data_set(
      H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      H5Dclose, "data set");
  std::vector<DataSet> claimed = index;
  for (DataSet& d : claimed)
    if (d.name == name) d.shape.assign(shape.begin(), shape.end());
  const std::vector<IndexRow> rows = index_rows(claimed);
  const Handle table(H5Dopen2(file, "/index", H5P_DEFAULT), H5Dclose, "index");
  check_hdf5(H5Dwrite(table, index_row_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()),
             "index");
  const Handle sum(H5Aopen(table, "checksum", H5P_DEFAULT), H5Aclose, "checksum");
  const std::uint64_t value = checksum_of(rows);
  check_hdf5(H5Awrite(sum, H5T_NATIVE_UINT64, &value), "checksum");
}

}  // namespace admmnet::test
