#include "checkpoint/hdf5_objects.h"

#include "runtime/error.h"

namespace admmnet {

namespace {

std::string link_text(H5L_type_t type) {
  return type == H5L_TYPE_SOFT       ? "a soft link"
         : type == H5L_TYPE_EXTERNAL ? "an external link"
                                     : "a link of an unknown kind";
}

/// Every part of the path is a hard link, so that opening it stays within the file.
void require_hard_links(hid_t file, const std::string& path, const std::string& action) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    H5L_info_t info;
    check_hdf5(H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT), action);
    if (info.type != H5L_TYPE_HARD)
      throw IoFailure(part + " is " + link_text(info.type) +
                      ", which is not followed; expected a part of the file itself");
  }
}

Handle open_object(hid_t file, const std::string& path, H5I_type_t kind, const std::string& noun) {
  const std::string action = "open the " + noun + " " + path;
  if (path != "/") require_hard_links(file, path, action);
  Handle object(H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose, action);
  if (H5Iget_type(object) != kind) throw IoFailure(path + " is not a " + noun);
  return object;
}

std::string layout_text(H5D_layout_t layout) {
  return layout == H5D_CHUNKED   ? "in chunks"
         : layout == H5D_COMPACT ? "in its header"
         : layout == H5D_VIRTUAL ? "in other data sets (virtual)"
                                 : "in an unknown way";
}

}  // namespace

Handle open_group(hid_t file, const std::string& path) {
  return open_object(file, path, H5I_GROUP, "group");
}

Handle open_data_set(hid_t file, const std::string& path) {
  Handle data_set = open_object(file, path, H5I_DATASET, "data set");
  const std::string action = "open the data set " + path;
  // Before the extents are asked for: those of a virtual data set are looked up in other files.
  const Handle creation(H5Dget_create_plist(data_set), H5Pclose, action);
  const std::string expected = "; expected one piece of this file";
  if (const H5D_layout_t layout = H5Pget_layout(creation); layout != H5D_CONTIGUOUS)
    throw IoFailure("the data set " + path + " is stored " + layout_text(layout) + expected);
  if (H5Pget_external_count(creation) != 0)
    throw IoFailure("the data set " + path + " is stored in external files" + expected);
  return data_set;
}

std::vector<Index> shape_of(hid_t data_set, const std::string& path) {
  const std::string action = "read the shape of " + path;
  const Handle space(H5Dget_space(data_set), H5Sclose, action);
  const H5S_class_t kind = H5Sget_simple_extent_type(space);
  if (kind != H5S_SIMPLE && kind != H5S_SCALAR)
    throw IoFailure("the data set " + path + " has no shape");
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) check_hdf5(-1, action);
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  check_hdf5(H5Sget_simple_extent_dims(space, extents.data(), nullptr), action);
  return std::vector<Index>(extents.begin(), extents.end());
}

Index offset_of(hid_t data_set) {
  const haddr_t offset = H5Dget_offset(data_set);
  return offset == HADDR_UNDEF ? -1 : static_cast<Index>(offset);
}

}  // namespace admmnet
