/// Images made smaller: each pixel the mean of a square of pixels.
#pragma once

#include <memory>

#include "data/source.h"
#include "runtime/types.h"

namespace admmnet {

/// Images of rows x cols bytes, row by row, as samples of (rows / pool) x (cols / pool) reals in
/// 0..255: sums of bytes are exact, so a mean is rounded once at most. `pool` divides rows and
/// cols. Reads as `images` does, and throws what it throws.
std::unique_ptr<SampleSource> pooled_images(std::unique_ptr<SampleSource> images, Index rows,
                                            Index cols, Index pool);

}  // namespace admmnet
