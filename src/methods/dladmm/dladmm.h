/// methods/dladmm/: dlADMM (Wang, Yu, Chen and Zhao, KDD 2019), backward and forward over the
/// layers, with exact sub-solves or the published steps. README.md has the mathematics.
#pragma once

#include "methods/method.h"

namespace admmnet {

const MethodKind& dladmm_method();

}  // namespace admmnet
