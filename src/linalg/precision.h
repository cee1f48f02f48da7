/// Precision of the heavy products with samples, so that every room can name one.
#pragma once

namespace admmnet {

/// single: the factors of a product are rounded to float and multiplied in float, one panel of
/// samples at a time (a layer matrix once for all products until it changes). Inputs are stored in
/// float (single_samples.h), and weight steps of moderate condition, whose matrix such products
/// formed, are solved in float (gram_solver.h). Sums over panels and ranks, factorisations, all
/// other solves and the state stay in double. Such a product carries a relative error of about
/// 1e-6, and large ones take half the time.
enum class Precision { full, single };

}  // namespace admmnet
