/// A small classification problem from counter-based random numbers, for tests.
#pragma once

#include <vector>

#include "reference/problem.h"

namespace admmnet::reference {

/// Sample j belongs to class j mod C, C = max(outputs, 2), and to one of the two clouds of that
/// class: x = 1.5 centre(class, cloud) + 0.7 noise, all standard normal. With two clouds a class is
/// in general not convex, so that a linear network does not separate the classes.
Problem synthetic_problem(Index features, Index samples, const std::vector<Index>& hidden,
                          Index outputs, Index seed = 7);

}  // namespace admmnet::reference
