/// methods/taylor/: ADMM of Taylor et al. (2016) as printed, and its re-synchronised sweeps that
/// learn. README.md has the mathematics.
#pragma once

#include "methods/method.h"

namespace admmnet {

const MethodKind& taylor_method();

}  // namespace admmnet
