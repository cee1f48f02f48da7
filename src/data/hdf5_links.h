/// Links of HDF5 files that lead into other files. Rank-local.
#pragma once

#include <string>
#include <vector>

#include "hdf5/handle.h"

namespace admmnet {

/// "a soft link", "an external link", ...
std::string link_text(H5L_type_t type);

/// Where HDF5 looks for a file that another one names.
std::vector<std::string> candidates_of(const std::string& path, const std::string& other);

/// The access under which names are looked up: HDF5 opens what an external link names without
/// looking, also a pipe, and waits for it; here it is told no unless it is a regular file.
class LinkGuard {
 public:
  /// `kind`: H5P_LINK_ACCESS, or a class derived from it.
  explicit LinkGuard(const std::string& path);
  LinkGuard(const std::string& path, hid_t kind);
  LinkGuard(const LinkGuard&) = delete;
  LinkGuard& operator=(const LinkGuard&) = delete;

  hid_t access() const { return access_; }
  bool refused() const { return !reason_.empty(); }
  /// Why a link was refused, or `otherwise`.
  std::string reason(const std::string& otherwise) const { return refused() ? reason_ : otherwise; }

 private:
  static herr_t look(const char* parent, const char* group, const char* file, const char* object,
                     unsigned* flags, hid_t access, void* guard);
  std::string path_, reason_;
  Handle access_;
};

}  // namespace admmnet
