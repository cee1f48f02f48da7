/// Precision of the heavy products with samples, and nothing else, so that every room can name one.
#pragma once

namespace admmnet {

/// single: the factors of a product are rounded to float and multiplied in float, one panel of
/// samples at a time (a layer matrix once for all products until it changes); sums over panels and
/// ranks, factorisations, solves and everything that is stored stay in double. Such a product
/// carries a relative error of about 1e-6, and large ones take half the time.
enum class Precision { full, single };

}  // namespace admmnet
