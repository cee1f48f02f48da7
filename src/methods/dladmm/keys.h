/// The keys of dlADMM: the group dladmm_.
#pragma once

#include "config/schema.h"

namespace admmnet {

MethodKeys dladmm_keys();

}  // namespace admmnet
