#include "checkpoint/hdf5_attributes.h"

#include <algorithm>

#include "runtime/error.h"

namespace admmnet {

namespace {

using nlohmann::json;

std::string place_of(const std::string& group, const std::string& name) {
  return "the attribute '" + name + "' of " + group;
}

/// What stands in the file, without its value.
struct Form {
  H5T_class_t kind = H5T_NO_CLASS;
  Index bytes = 0;  // of one element
  bool variable = false;
  int rank = -1;       // -1: no extent at all
  Index count = -1;    // of elements
  bool exact = false;  // an integer or a real number just as checkpoints write them
  const char* coding = "";

  Form(hid_t type, hid_t space) {
    kind = H5Tget_class(type);
    bytes = static_cast<Index>(H5Tget_size(type));
    variable = kind == H5T_STRING && H5Tis_variable_str(type) != 0;
    const H5S_class_t extent = H5Sget_simple_extent_type(space);
    if (extent != H5S_SCALAR && extent != H5S_SIMPLE) return;
    rank = H5Sget_simple_extent_ndims(space);
    count = static_cast<Index>(H5Sget_simple_extent_npoints(space));
    exact = (kind == H5T_INTEGER && H5Tequal(type, H5T_STD_I64LE) > 0) ||
            (kind == H5T_FLOAT && H5Tequal(type, H5T_IEEE_F64LE) > 0);
    if (!exact && bytes == 8)
      coding = H5Tequal(type, H5T_STD_U64LE) > 0 ? " without sign" : " in another byte order";
  }

  bool is(const AttributeRule& rule) const {
    switch (rule.kind) {
      case AttributeKind::text:
        return is_text() && bytes <= rule.longest + 1;
      case AttributeKind::integer:
        return kind == H5T_INTEGER && exact && rank == 0;
      case AttributeKind::pair:
        return is_list() && count == 2;
      case AttributeKind::real:
        return kind == H5T_FLOAT && exact && rank == 0;
    }
    return false;
  }
  bool is_text() const { return kind == H5T_STRING && !variable && rank == 0; }
  bool is_list() const { return kind == H5T_INTEGER && exact && rank == 1; }

  std::string text() const {
    if (rank < 0) return "empty";
    const bool one = rank == 0;
    const std::string number = one ? "one" : "an array of " + std::to_string(count);
    const std::string plural = one ? "" : "s", size = " of " + std::to_string(bytes) + " bytes";
    switch (kind) {
      case H5T_INTEGER:
        return number + " integer" + plural + size + coding;
      case H5T_FLOAT:
        return number + " real number" + plural + size + coding;
      case H5T_STRING:
        return number + " text" + plural + (variable ? " of variable length" : size);
      default:
        return number + " value" + plural + " of a kind that checkpoints do not have";
    }
  }
};

/// HDF5 reads an attribute's value when it is opened, whatever its size: so their storage is looked
/// at first. (Small ones lie in the object's header, of at most 64 KiB each.)
void require_small_storage(hid_t object, const std::string& path) {
  H5O_info_t info;
  check_hdf5(H5Oget_info2(object, &info, H5O_INFO_META_SIZE), "read the attributes of " + path);
  if (info.meta_size.attr.heap_size > static_cast<hsize_t>(2 * most_text))
    throw IoFailure("the attributes of " + path + " take " +
                    std::to_string(info.meta_size.attr.heap_size) + " bytes; expected at most " +
                    std::to_string(2 * most_text));
}

Handle open_attribute(hid_t object, const std::string& group, const std::string& name) {
  const std::string action = "read " + place_of(group, name);
  require_small_storage(object, group);
  const htri_t exists = H5Aexists(object, name.c_str());
  check_hdf5(exists, action);
  if (exists == 0) throw IoFailure(place_of(group, name) + " is missing");
  return Handle(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose, action);
}

template <class T>
T number(hid_t attribute, hid_t type, const std::string& place) {
  T result{};
  check_hdf5(H5Aread(attribute, type, &result), "read " + place);
  return result;
}

std::string name_at(hid_t group, hsize_t i, const std::string& action) {
  const ssize_t length =
      H5Aget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, nullptr, 0, H5P_DEFAULT);
  if (length < 0) check_hdf5(-1, action);
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  H5Aget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_NATIVE, i, name.data(), name.size(),
                     H5P_DEFAULT);
  name.pop_back();
  return name;
}

}  // namespace

json AttributeReader::text(hid_t attribute, hid_t type, const std::string& place) {
  const std::size_t bytes = H5Tget_size(type);
  text_left_ -= static_cast<Index>(bytes);
  if (text_left_ < 0)
    throw IoFailure("its attributes hold more than " + std::to_string(most_text) +
                    " bytes of text (" + place + " is one too many)");
  std::string result(bytes, '\0');
  check_hdf5(H5Aread(attribute, type, result.data()), "read " + place);
  result.erase(std::find(result.begin(), result.end(), '\0'), result.end());
  return result;
}

json AttributeReader::value(hid_t attribute, const std::string& group, const std::string& name) {
  const std::string place = place_of(group, name);
  const Handle type(H5Aget_type(attribute), H5Tclose, "read " + place);
  const Handle space(H5Aget_space(attribute), H5Sclose, "read " + place);
  const Form form(type, space);
  if (const AttributeRule* rule = find_rule(group, name); rule && !form.is(*rule))
    throw IoFailure(place + " is " + form.text() + "; expected " + expected_form(*rule));
  if (form.is_text() && form.bytes <= longest_text + 1) return text(attribute, type, place);
  if (!form.exact || form.count > most_attributes) return nullptr;
  if (form.kind == H5T_FLOAT && form.rank == 0)
    return number<double>(attribute, H5T_IEEE_F64LE, place);
  if (form.kind == H5T_INTEGER && form.rank == 0)
    return number<Index>(attribute, H5T_STD_I64LE, place);
  if (!form.is_list()) return nullptr;
  std::vector<Index> list(static_cast<std::size_t>(form.count));
  if (!list.empty()) check_hdf5(H5Aread(attribute, H5T_STD_I64LE, list.data()), "read " + place);
  return list;
}

json AttributeReader::required(hid_t object, const std::string& group, const std::string& name) {
  return value(open_attribute(object, group, name), group, name);
}

json AttributeReader::all(hid_t group, const std::string& path) {
  const std::string action = "read the attributes of " + path;
  H5O_info_t info;
  check_hdf5(H5Oget_info2(group, &info, H5O_INFO_NUM_ATTRS), action);
  if (info.num_attrs > static_cast<hsize_t>(most_attributes))
    throw IoFailure(path + " has " + std::to_string(info.num_attrs) +
                    " attributes; expected at most " + std::to_string(most_attributes));
  json result = json::object();
  for (hsize_t i = 0; i < info.num_attrs; ++i) {
    const std::string name = name_at(group, i, action);
    result[name] = required(group, path, name);
  }
  return result;
}

std::uint64_t read_checksum(hid_t object, const std::string& path, const std::string& name) {
  const std::string place = place_of(path, name);
  const Handle attribute = open_attribute(object, path, name);
  const Handle type(H5Aget_type(attribute), H5Tclose, "read " + place);
  const Handle space(H5Aget_space(attribute), H5Sclose, "read " + place);
  const Form form(type, space);
  if (form.rank != 0 || H5Tequal(type, H5T_STD_U64LE) <= 0)
    throw IoFailure(place + " is " + form.text() + "; expected one unsigned integer of 8 bytes");
  return number<std::uint64_t>(attribute, H5T_STD_U64LE, place);
}

}  // namespace admmnet
