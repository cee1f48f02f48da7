#include "proximal/crammer_singer_prox.h"

#include <algorithm>
#include <functional>

namespace admmnet {

CrammerSingerProx::CrammerSingerProx(Index outputs, double beta)
    : outputs_(outputs), reach_(1.0 / beta), rivals_(static_cast<std::size_t>(outputs - 1)) {}

void CrammerSingerProx::minimise(const double* v, int label, double* z) {
  auto rival = rivals_.begin();
  for (Index j = 0; j < outputs_; ++j)
    if (j != label) *rival++ = v[j] + 1.0;
  std::sort(rivals_.begin(), rivals_.end(), std::greater<>());

  // Take entries of u into the set above the level, largest first, while they lie above it.
  const double own = v[label] + reach_;
  rival = rivals_.begin();
  bool own_taken = false;
  double sum = 0.0, count = 0.0, level = 0.0;
  while (!own_taken || rival != rivals_.end()) {
    const bool take_own = !own_taken && (rival == rivals_.end() || own >= *rival);
    const double next = take_own ? own : *rival;
    if (count > 0.0 && next <= level) break;
    sum += take_own ? v[label] : *rival;  // without the 1/beta of `own`
    count += 1.0;
    if (take_own)
      own_taken = true;
    else
      ++rival;
    level = (own_taken ? sum : sum - reach_) / count;
  }

  for (Index j = 0; j < outputs_; ++j)
    z[j] = j == label ? std::min(own, level) : std::min(v[j], level - 1.0);
}

}  // namespace admmnet
