/// HDF5 files of somebody else, opened for reading by one rank: what stands in them is looked at
/// before it is used, and nothing outside of the file is opened unless the user says so. README.md
/// §3.2.
#pragma once

#include <string>
#include <vector>

#include "hdf5/handle.h"
#include "runtime/types.h"

namespace admmnet {

/// What an element of a data set is.
enum class ElementKind { number, text };

class Hdf5Input {
 public:
  /// Throws BadInput for what is no regular, complete HDF5 file. `follow_links`: soft and external
  /// links, external storage and virtual data sets are allowed (-data_follow_links), as long as
  /// they lead to regular files.
  Hdf5Input(const std::string& path, bool follow_links);

  /// "run.h5:/x"
  std::string place(const std::string& name) const { return path_ + ":" + name; }
  const std::string& path() const { return path_; }

  /// Whether something has this name; a link that may not be followed counts.
  bool has(const std::string& name) const;
  bool is_group(const std::string& name) const;

  /// A data set of numbers or texts, with a cache for its chunks such that samples one after the
  /// other unpack each chunk once. Throws BadInput with what the file has instead.
  Handle data_set(const std::string& name) const;
  Handle group(const std::string& name) const;

  /// "/x (100, 5), /y (100)": the data sets that stand in the file, the first ones.
  std::string listed_data_sets() const;

 private:
  void check_links(const std::string& name) const;
  void check_storage(const std::string& name, hid_t creation) const;
  void check_other_file(const std::string& name, const std::string& other) const;
  Handle open(const std::string& name, H5I_type_t kind, const std::string& noun) const;
  std::string path_;
  bool follow_links_;
  Handle file_;
};

/// With a slash in front.
std::string absolute_name(const std::string& name);

ElementKind element_kind(hid_t data_set, const std::string& place);
/// Extents, slowest first.
std::vector<Index> extents_of(hid_t data_set, const std::string& place);
std::string extents_text(const std::vector<Index>& extents);

/// Elements first .. first + count - 1 along the slowest extent, as `type` says. Throws BadInput
/// when HDF5 cannot make sense of them, IoFailure when the system fails to read.
void read_elements(hid_t data_set, const std::string& place, Index first, Index count, hid_t type,
                   void* elements);

/// BadInput, or IoFailure where HDF5's text tells of an error of the system.
[[noreturn]] void throw_as_input(const std::string& place, const std::string& hdf5_failure);

}  // namespace admmnet
