/// How far a run has come.
#pragma once

#include <tuple>

#include "runtime/types.h"

namespace admmnet {

struct Position {
  Index iteration = 0;  ///< passes done
  Index steps = 0;      ///< done of the pass after these; 0: at the end of a pass
};

constexpr Position before_all{-1, 0};

inline bool operator==(const Position& a, const Position& b) {
  return a.iteration == b.iteration && a.steps == b.steps;
}
inline bool operator!=(const Position& a, const Position& b) {
  return !(a == b);
}
/// Whether a comes before b.
inline bool operator<(const Position& a, const Position& b) {
  return std::tie(a.iteration, a.steps) < std::tie(b.iteration, b.steps);
}
inline bool operator>(const Position& a, const Position& b) {
  return b < a;
}

}  // namespace admmnet
