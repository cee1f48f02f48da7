#include "runtime/build_info.h"

#include "build_config.h"
#include "git_describe.h"

namespace admmnet {

const BuildInfo& build_info() {
  static const BuildInfo info = {ADMMNET_VERSION, ADMMNET_GIT_DESCRIBE, ADMMNET_COMPILER,
                                 ADMMNET_BUILD_TYPE, ADMMNET_FLAGS};
  return info;
}

}  // namespace admmnet
