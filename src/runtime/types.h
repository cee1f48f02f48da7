/// Integer and small value types shared by every room.
#pragma once

#include <cstdint>

namespace admmnet {

/// A global row, column, sample or element count. Always 64 bits: n x N overflows int.
using Index = std::int64_t;

}  // namespace admmnet
