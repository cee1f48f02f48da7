#include "methods/gauss_newton/stages.h"

#include <algorithm>
#include <cmath>

namespace admmnet {

std::vector<Stage> stages_of(bool several, Index panels) {
  if (!several) return {{1.0, panels, 1, 1}};
  const auto share = [panels](double part) {
    return std::max<Index>(1, std::llround(part * static_cast<double>(panels)));
  };
  const Index first = share(0.1), second = share(0.4);
  return {{0.25, first, 1, 4},
          {0.6, second, std::min<Index>(2, second), 4},
          {1.0, panels, std::min<Index>(2, panels), 4}};
}

Index stage_after(const std::vector<Stage>& stages, double share) {
  std::size_t s = 0;
  while (s + 1 < stages.size() && share >= stages[s].until) ++s;
  return static_cast<Index>(s);
}

std::vector<Index> curvature_panels(const Stage& stage, Index outer_step) {
  std::vector<Index> panels;
  for (Index i = 0; i < stage.curvature; ++i)
    panels.push_back((outer_step * stage.curvature + i) % stage.panels);
  return panels;
}

std::vector<Index> equal_panels(Index samples, Index width) {
  const Index panels = std::max<Index>(1, samples / std::max<Index>(1, width));
  std::vector<Index> bounds;
  for (Index p = 0; p <= panels; ++p) bounds.push_back(p * samples / panels);
  return bounds;
}

}  // namespace admmnet
