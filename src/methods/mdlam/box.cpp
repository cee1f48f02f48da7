#include "methods/mdlam/box.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/error.h"

namespace admmnet {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// A monotone activation: its range, the part of it that is inverted, and the inverse. A bound
/// outside of that part is moved to its edge, so that z stays finite where h never gets to the ends
/// of its range.
struct Monotone {
  const char* name;
  double low, high, low_edge, high_edge;
  double (*inverse)(double slope, double t);
};

double same(double /*slope*/, double t) {
  return t;
}
double leaky(double slope, double t) {
  return t < 0.0 ? t / slope : t;
}
double logit(double /*slope*/, double t) {
  return std::log(t / (1.0 - t));
}
double area_tangent(double /*slope*/, double t) {
  return std::atanh(t);
}

constexpr Monotone kMonotone[] = {
    {"relu", 0.0, kInfinite, -kInfinite, kInfinite, same},
    {"leaky_relu", -kInfinite, kInfinite, -kInfinite, kInfinite, leaky},
    {"hard_sigmoid", 0.0, 1.0, -kInfinite, kInfinite, same},
    {"hard_tanh", -1.0, 1.0, -kInfinite, kInfinite, same},
    {"sigmoid", 0.0, 1.0, 1e-3, 1.0 - 1e-3, logit},
    {"tanh", -1.0, 1.0, -1.0 + 1e-3, 1.0 - 1e-3, area_tangent},
};

const Monotone* find(const ActivationKind& kind) {
  for (const Monotone& row : kMonotone)
    if (std::string(row.name) == kind->name) return &row;
  return nullptr;
}

}  // namespace

bool Box::knows(const ActivationKind& kind) {
  return find(kind) != nullptr;
}

std::string Box::known() {
  std::string names;
  for (const Monotone& row : kMonotone)
    if (activation_table().find(row.name) != nullptr)
      names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

Box::Box(const Activation& h, double epsilon)
    : epsilon_(epsilon),
      slope_(h.slope),
      infinite_(kInfinite),
      rounding_(1e-12 * std::max(1.0, epsilon)) {
  const Monotone* row = find(h.kind);
  if (row == nullptr)
    throw BadInput("-net_activation " + std::string(h.kind->name) +
                   ": -train_method mdlam needs its inverse and knows that of " + known());
  low_ = row->low;
  high_ = row->high;
  low_edge_ = row->low_edge;
  high_edge_ = row->high_edge;
  inverse_ = row->inverse;
}

}  // namespace admmnet
