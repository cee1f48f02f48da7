/// methods/pdadmm/: pdADMM of Wang et al. (2020, 2022), every layer a problem of its own. README.md
/// has the mathematics.
#pragma once

#include "methods/method.h"

namespace admmnet {

const MethodKind& pdadmm_method();

}  // namespace admmnet
