#include "checkpoint/hdf5_index.h"

#include <cstring>

#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "elements are written as they lie in memory");

static void insert_text(hid_t row, const char* name, std::size_t offset, std::size_t length) {
  const std::string action = "describe the index";
  const Handle text(H5Tcopy(H5T_C_S1), H5Tclose, action);
  check_hdf5(H5Tset_size(text, length), action);
  check_hdf5(H5Tset_strpad(text, H5T_STR_NULLTERM), action);
  check_hdf5(H5Tinsert(row, name, offset, text), action);
}

Handle index_row_type() {
  const std::string action = "describe the index";
  Handle row(H5Tcreate(H5T_COMPOUND, sizeof(IndexRow)), H5Tclose, action);
  insert_text(row, "name", offsetof(IndexRow, name), sizeof(IndexRow::name));
  insert_text(row, "shape", offsetof(IndexRow, shape), sizeof(IndexRow::shape));
  insert_text(row, "type", offsetof(IndexRow, type), sizeof(IndexRow::type));
  check_hdf5(H5Tinsert(row, "checksum", offsetof(IndexRow, checksum), H5T_STD_U64LE), action);
  return row;
}

std::vector<IndexRow> index_rows(const std::vector<DataSet>& data_sets) {
  std::vector<IndexRow> rows(data_sets.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DataSet& data_set = data_sets[i];
    const std::string shape = shape_text(data_set.shape), type = type_text(data_set);
    ADMMNET_REQUIRE(
        data_set.name.size() < sizeof(IndexRow::name) && shape.size() < sizeof(IndexRow::shape),
        "checkpoint: the name or shape of " + data_set.name + " is too long for the index");
    rows[i] = {};
    std::memcpy(rows[i].name, data_set.name.data(), data_set.name.size());
    std::memcpy(rows[i].shape, shape.data(), shape.size());
    std::memcpy(rows[i].type, type.data(), type.size());
    rows[i].checksum = data_set.checksum;
  }
  return rows;
}

std::uint64_t checksum_of(const std::vector<IndexRow>& rows) {
  return checksum(0, rows.data(), static_cast<Index>(rows.size() * sizeof(IndexRow) / 8));
}

Handle element_type(const DataSet& data_set) {
  const std::string action = "describe the elements of " + data_set.name;
  if (data_set.type != ElementType::text)
    return Handle(H5Tcopy(data_set.type == ElementType::real ? H5T_IEEE_F64LE : H5T_STD_I64LE),
                  H5Tclose, action);
  Handle text(H5Tcopy(H5T_C_S1), H5Tclose, action);
  check_hdf5(H5Tset_size(text, static_cast<std::size_t>(8 * data_set.width)), action);
  check_hdf5(H5Tset_strpad(text, H5T_STR_NULLPAD), action);
  check_hdf5(H5Tset_cset(text, H5T_CSET_UTF8), action);
  return text;
}

}  // namespace admmnet
