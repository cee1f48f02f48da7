/// Labels as elements of an HDF5 data set. Rank-local.
#pragma once

#include <string>
#include <vector>

#include "hdf5/handle.h"

namespace admmnet {

/// Integers where all names are such, else texts of one length.
class LabelElements {
 public:
  explicit LabelElements(const std::vector<std::string>& names);

  hid_t type() const { return type_; }
  std::size_t bytes() const { return bytes_; }
  /// Of `count` labels, by their place among the names.
  std::vector<char> of(const int* labels, std::size_t count) const;

 private:
  std::vector<std::string> names_;
  std::vector<long long> integers_;
  bool are_integers_;
  std::size_t bytes_;
  Handle type_;
};

}  // namespace admmnet
