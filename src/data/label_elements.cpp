#include "data/label_elements.h"

#include <algorithm>
#include <cstring>

#include "data/csv_text.h"

namespace admmnet {

/// The longest name; HDF5 has no texts of nothing.
static std::size_t longest(const std::vector<std::string>& names) {
  std::size_t length = 1;
  for (const std::string& name : names) length = std::max(length, name.size());
  return length;
}

LabelElements::LabelElements(const std::vector<std::string>& names)
    : names_(names),
      are_integers_(all_integers(names, integers_)),
      bytes_(are_integers_ ? sizeof(long long) : longest(names)),
      type_(H5Tcopy(are_integers_ ? H5T_NATIVE_LLONG : H5T_C_S1), H5Tclose, "describe labels") {
  if (are_integers_) return;
  check_hdf5(H5Tset_size(type_, bytes_), "describe labels");
  check_hdf5(H5Tset_strpad(type_, H5T_STR_NULLPAD), "describe labels");
  check_hdf5(H5Tset_cset(type_, H5T_CSET_UTF8), "describe labels");
}

std::vector<char> LabelElements::of(const int* labels, std::size_t count) const {
  std::vector<char> elements(count * bytes_, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    char* element = &elements[i * bytes_];
    if (are_integers_)
      std::memcpy(element, &integers_[label], bytes_);
    else
      std::memcpy(element, names_[label].data(), names_[label].size());
  }
  return elements;
}

}  // namespace admmnet
