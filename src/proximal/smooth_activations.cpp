/// The activations that are no straight pieces: tanh, sigmoid and cos.
#include <algorithm>
#include <cmath>

#include "proximal/activation_row.h"

namespace admmnet {
namespace {

/// The hidden z problem of tanh for one entry, with a above tanh(m):
///
///     f(z) = (a - t)^2 + rho (z - m)^2,  t = tanh z,  rho = beta/gamma
///     f'/2 = phi(z) = rho (z - m) - psi(z),  psi = (a - t)(1 - t^2)
///
/// Both squares fall from m up to p = atanh a (infinite for a >= 1), so all minima lie in [m, p].
/// There psi > 0 rises to its top, where 3 t^2 - 2 a t - 1 = 0, t = -1 / (a + sqrt(a^2 + 3)),
/// convex first and then concave, and falls behind it: phi >= 0 from m + psi_top / rho on. The line
/// rho (z - m) cuts psi once or three times: there is one minimum, or two and a maximum between.
///
/// The first of two lies where psi is convex. Newton's tangents of the concave phi climb to it from
/// m without passing it; where they pass the top, or a point with phi > 0, or meet a slope that is
/// not positive, it does not exist, and phi has one zero. The last minimum lies behind the top if
/// phi < 0 there, where phi rises; else before it, where phi is convex, and Newton's tangents fall
/// to it from the top.
class TanhProblem {
 public:
  TanhProblem(double rho, double a, double m) : rho_(rho), a_(a), m_(m) {
    const double peak = std::max(-1.0 / (a + std::sqrt(a * a + 3.0)), -1.0);
    top_ = std::max(m, std::atanh(peak));
    end_ = top_ - at(top_).phi / rho;  // m + psi_top / rho
    if (a < 1.0) end_ = std::min(end_, std::atanh(a));
    end_ = std::max(m, end_);
    top_ = std::min(top_, end_);
  }

  /// The global minimiser; of equal ones the last, where tanh is steeper.
  double minimiser() const {
    double first = m_;
    if (!climb(first)) return between(first, end_);
    const double last = at(top_).phi < 0.0 ? between(top_, end_) : fall(first);
    return cost(first) < cost(last) ? first : last;
  }

 private:
  static constexpr int kMostSteps = 100;
  /// A step of Newton's method as small is its last: what remains is about its square.
  static bool is_last(double step, double z) {
    return std::abs(step) <= 1e-9 * std::max(1.0, std::abs(z));
  }

  /// phi and phi' = rho - (3 t^2 - 2 a t - 1)(1 - t^2), with 1 - t^2 to all digits also far out.
  struct Value {
    double phi, slope;
  };
  Value at(double z) const {
    const double e = std::exp(-2.0 * std::abs(z)), d = 1.0 / (1.0 + e);
    const double t = std::copysign((1.0 - e) * d, z), h = 4.0 * e * d * d;
    return {rho_ * (z - m_) - (a_ - t) * h, rho_ - (t * (3.0 * t - 2.0 * a_) - 1.0) * h};
  }
  double cost(double z) const { return hidden_objective({1.0, rho_}, a_, m_, z, std::tanh(z)); }

  /// first, m at the beginning, := the first minimum; or false, and it lies before the only one.
  bool climb(double& first) const {
    double z = first;
    for (int k = 0; k < kMostSteps && z < top_; ++k) {
      const Value v = at(z);
      if (!(v.slope > 0.0)) return false;
      const double step = -v.phi / v.slope;
      const bool last = is_last(step, z);  // asked first: there the sign of phi is rounding
      if (!last && v.phi > 0.0) return false;
      first = last ? z + step : z;
      if (last) return true;
      z += step;
    }
    return false;
  }

  /// The last minimum from the top down, or `first` where there is no other.
  double fall(double first) const {
    double z = top_;
    for (int k = 0; k < kMostSteps; ++k) {
      const Value v = at(z);
      const double step = v.phi / v.slope;
      if (!(v.slope > 0.0) || !(z - step > first)) return first;
      z -= step;
      if (is_last(step, z)) break;
    }
    return z;
  }

  /// The only zero of phi with phi(low) <= 0 <= phi(high): Newton's method, by bisection where it
  /// leaves the bracket or its steps do not halve.
  double between(double low, double high) const {
    double z = high, before = high - low;
    for (int k = 0; k < kMostSteps; ++k) {
      const Value v = at(z);
      const double newton = -v.phi / v.slope;
      if (v.slope > 0.0 && is_last(newton, z)) return std::clamp(z + newton, low, high);
      (v.phi > 0.0 ? high : low) = z;
      const bool inside = z + newton > low && z + newton < high;
      const double step =
          inside && std::abs(newton) <= 0.5 * before ? newton : 0.5 * (low + high) - z;
      before = std::abs(step);
      z += step;
    }
    return z;
  }

  double rho_, a_, m_;
  double top_, end_;
};

double tanh_minimiser(double rho, double a, double m) {
  if (std::isnan(a + m)) return a + m;
  // tanh is odd: z(-a, -m) = -z(a, m).
  if (a < std::tanh(m)) return -TanhProblem(rho, -a, -m).minimiser();
  return TanhProblem(rho, a, m).minimiser();
}

struct Tanh {
  double operator()(double z) const { return std::tanh(z); }
  double derivative(double z) const {
    const double h = std::tanh(z);
    return (1.0 - h) * (1.0 + h);
  }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    return tanh_minimiser(k.beta / k.gamma, a, m);
  }
};

/// 1 / (1 + exp(-z)) = (1 + tanh(z/2)) / 2. With z = 2 y its problem is that of tanh:
///   gamma (a - h)^2 + beta (z - m)^2 = gamma/4 (2a - 1 - tanh y)^2 + 4 beta (y - m/2)^2
struct Sigmoid {
  double operator()(double z) const { return 1.0 / (1.0 + std::exp(-z)); }
  double derivative(double z) const {
    const double e = std::exp(-std::abs(z)), h = 1.0 / (1.0 + e);
    return e * h * h;
  }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    return 2.0 * tanh_minimiser(16.0 * k.beta / k.gamma, 2.0 * a - 1.0, 0.5 * m);
  }
};

struct Cosine {
  double operator()(double z) const { return std::cos(z); }
  double derivative(double z) const { return -std::sin(z); }
};

Tanh make_tanh(double) {
  return {};
}

Sigmoid make_sigmoid(double) {
  return {};
}

Cosine make_cosine(double) {
  return {};
}

}  // namespace

constexpr ActivationFunctions tanh_activation = activation_row<make_tanh>("tanh");
constexpr ActivationFunctions sigmoid_activation = activation_row<make_sigmoid>("sigmoid");
constexpr ActivationFunctions cos_activation = fixed_activation_row<make_cosine>("cos");

}  // namespace admmnet
