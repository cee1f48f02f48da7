/// What this program was built from and how.
#pragma once

#include <string>

namespace admmnet {

struct BuildInfo {
  std::string version;     ///< of the project, "0.1.0"
  std::string git;         ///< `git describe` when it was compiled; "unknown" outside a repository
  std::string compiler;    ///< name and version
  std::string build_type;  ///< "Release", ...
  std::string flags;       ///< compiler flags
};

const BuildInfo& build_info();

}  // namespace admmnet
