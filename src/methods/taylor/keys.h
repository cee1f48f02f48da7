/// The keys of the sweeps: the group admm_.
#pragma once

#include "config/schema.h"

namespace admmnet {

MethodKeys taylor_keys();

}  // namespace admmnet
