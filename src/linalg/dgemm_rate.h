/// The yardstick: how fast this machine's own dgemm is.
#pragma once

namespace admmnet {

/// GF/s of a square dgemm of order 1024 in this process, best of three (about 0.2 s). Not
/// collective; ranks that share a node should call it together, so that they share its memory
/// bandwidth too.
double measure_dgemm_gflops();

}  // namespace admmnet
