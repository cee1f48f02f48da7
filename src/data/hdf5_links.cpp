#include "data/hdf5_links.h"

#include <sys/stat.h>

#include "runtime/files.h"

namespace admmnet {

std::string link_text(H5L_type_t type) {
  return type == H5L_TYPE_SOFT       ? "a soft link"
         : type == H5L_TYPE_EXTERNAL ? "an external link"
                                     : "a link of an unknown kind";
}

std::vector<std::string> candidates_of(const std::string& path, const std::string& other) {
  if (!other.empty() && other[0] == '/') return {other};
  return {other, directory_of(path) + "/" + other};
}

LinkGuard::LinkGuard(const std::string& path) : LinkGuard(path, H5P_LINK_ACCESS) {}

LinkGuard::LinkGuard(const std::string& path, hid_t kind)
    : path_(path), access_(H5Pcreate(kind), H5Pclose, "describe the access") {
  check_hdf5(H5Pset_elink_cb(access_, look, this), "describe the access");
}

herr_t LinkGuard::look(const char* parent, const char*, const char* file, const char*, unsigned*,
                       hid_t, void* guard) {
  auto& self = *static_cast<LinkGuard*>(guard);
  for (const std::string& candidate : candidates_of(parent ? parent : self.path_, file)) {
    struct stat status = {};
    if (stat(candidate.c_str(), &status) != 0 || S_ISREG(status.st_mode)) continue;
    self.reason_ = "an external link leads to " + candidate + ", which is not a regular file";
    return -1;
  }
  return 0;
}

}  // namespace admmnet
