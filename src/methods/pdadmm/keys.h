/// The keys of the method: the group pdadmm_.
#pragma once

#include "config/schema.h"

namespace admmnet {

MethodKeys pdadmm_keys();

}  // namespace admmnet
