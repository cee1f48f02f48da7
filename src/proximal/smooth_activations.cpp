/// The activations that are no straight pieces: tanh, sigmoid, softplus and cos.
#include <algorithm>
#include <cmath>
#include <limits>

#include "proximal/activation_row.h"

namespace admmnet {
namespace {

constexpr int kMostSteps = 100;

/// A step of Newton's method as small is its last: what remains is about its square.
bool is_last(double step, double z) {
  return std::abs(step) <= 1e-9 * std::max(1.0, std::abs(z));
}

/// A function and its slope.
struct Psi {
  double value, slope;
};

/// The only zero of f, which rises through it, between low and high: Newton's method from high, by
/// bisection where it leaves the bracket or its steps do not halve.
template <class F>
double zero_between(F&& f, double low, double high) {
  double z = high, before = high - low;
  for (int k = 0; k < kMostSteps; ++k) {
    const Psi v = f(z);
    const double newton = -v.value / v.slope;
    if (v.slope > 0.0 && is_last(newton, z)) return std::clamp(z + newton, low, high);
    (v.value > 0.0 ? high : low) = z;
    const bool inside = z + newton > low && z + newton < high;
    const double step =
        inside && std::abs(newton) <= 0.5 * before ? newton : 0.5 * (low + high) - z;
    before = std::abs(step);
    z += step;
  }
  return z;
}

/// The hidden z problem of a smooth rising h for one entry, with a above h(m):
///
///     f(z) = (a - h)^2 + rho (z - m)^2,  h = h(z),  rho = beta/gamma
///     f'/2 = phi(z) = rho (z - m) - psi(z),  psi = (a - h) h'
///
/// Both squares fall from m up to p = h^-1(a) (infinite where h stays below a), so all minima lie
/// in [m, p]. There psi > 0 rises to its top, convex first and then concave, and falls behind it:
/// phi >= 0 from m + psi_top / rho on. The line rho (z - m) cuts psi once or three times: there is
/// one minimum, or two and a maximum between.
///
/// The first of two lies where psi is convex. Newton's tangents of the concave phi climb to it from
/// m without passing it; where they pass the top, or a point with phi > 0, or meet a slope that is
/// not positive, it does not exist, and phi has one zero. The last minimum lies behind the top if
/// phi < 0 there, where phi rises; else before it, where phi is convex, and Newton's tangents fall
/// to it from the top.
///
/// H has value(z), psi(a, z) with its slope, top(a), where psi is largest, and inverse(a).
template <class H>
class RisingProblem {
 public:
  RisingProblem(double rho, double a, double m) : rho_(rho), a_(a), m_(m) {
    top_ = std::max(m, H::top(a));
    end_ = top_ - at(top_).phi / rho;  // m + psi_top / rho
    end_ = std::max(m, std::min(end_, H::inverse(a)));
    top_ = std::min(top_, end_);
  }

  /// The global minimiser; of equal ones the last, where tanh is steeper.
  double minimiser() const {
    double first = m_;
    const auto phi = [this](double z) {
      const Value v = at(z);
      return Psi{v.phi, v.slope};
    };
    if (!climb(first)) return zero_between(phi, first, end_);
    const double last = at(top_).phi < 0.0 ? zero_between(phi, top_, end_) : fall(first);
    return cost(first) < cost(last) ? first : last;
  }

 private:
  /// phi and phi'.
  struct Value {
    double phi, slope;
  };
  Value at(double z) const {
    const Psi psi = H::psi(a_, z);
    return {rho_ * (z - m_) - psi.value, rho_ - psi.slope};
  }
  double cost(double z) const { return hidden_objective({1.0, rho_}, a_, m_, z, H::value(z)); }

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

  double rho_, a_, m_;
  double top_, end_;
};

constexpr double kNowhere = std::numeric_limits<double>::infinity();

/// psi = (a - t)(1 - t^2), t = tanh z, with 1 - t^2 to all digits also far out.
struct TanhPsi {
  static double value(double z) { return std::tanh(z); }
  static Psi psi(double a, double z) {
    const double e = std::exp(-2.0 * std::abs(z)), d = 1.0 / (1.0 + e);
    const double t = std::copysign((1.0 - e) * d, z), h = 4.0 * e * d * d;
    return {(a - t) * h, (t * (3.0 * t - 2.0 * a) - 1.0) * h};
  }
  /// 3 t^2 - 2 a t - 1 = 0: t = -1 / (a + sqrt(a^2 + 3))
  static double top(double a) {
    return std::atanh(std::max(-1.0 / (a + std::sqrt(a * a + 3.0)), -1.0));
  }
  static double inverse(double a) { return a < 1.0 ? std::atanh(a) : kNowhere; }
};

double tanh_minimiser(double rho, double a, double m) {
  if (std::isnan(a + m)) return a + m;
  // tanh is odd: z(-a, -m) = -z(a, m).
  if (a < std::tanh(m)) return -RisingProblem<TanhPsi>(rho, -a, -m).minimiser();
  return RisingProblem<TanhPsi>(rho, a, m).minimiser();
}

/// psi = (a - h) s, h = log(1 + exp z), s = h' = 1/(1 + exp(-z)).
struct SoftplusPsi {
  static double value(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }
  static double slope(double z) {
    const double e = std::exp(-std::abs(z)), s = 1.0 / (1.0 + e);
    return z < 0.0 ? e * s : s;
  }
  static Psi psi(double a, double z) {
    const double gap = a - value(z), s = slope(z), rest = slope(-z);  // 1 - s
    return {gap * s, s * (gap * rest - s)};
  }
  /// (a - h)(1 - s) - s = 0: the left side falls, from a to -1; a > 0.
  static double top(double a) {
    const auto falls = [a](double z) {
      const double gap = a - value(z), s = slope(z), rest = slope(-z);
      return Psi{s - gap * rest, rest * (2.0 * s + gap * s)};
    };
    const double high = inverse(a);  // there a - h = 0
    return zero_between(falls, std::min(-1.0, high) - 40.0, high);
  }
  static double inverse(double a) { return a + std::log(-std::expm1(-a)); }
};

double softplus_minimiser(double rho, double a, double m) {
  if (std::isnan(a + m)) return a + m;
  const double h = SoftplusPsi::value(m);
  if (a > h) return RisingProblem<SoftplusPsi>(rho, a, m).minimiser();
  // Below m phi = rho (z - m) + (h - a) h' rises: one zero, not below where the line meets the most
  // that (h - a) h' can be.
  const auto phi = [&](double z) {
    const Psi psi = SoftplusPsi::psi(a, z);
    return Psi{rho * (z - m) - psi.value, rho - psi.slope};
  };
  const double lowest = m - (h - a) * SoftplusPsi::slope(m) / rho;
  return zero_between(phi, a > 0.0 ? std::max(lowest, SoftplusPsi::inverse(a)) : lowest, m);
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

/// log(1 + exp(z))
struct Softplus {
  double operator()(double z) const { return SoftplusPsi::value(z); }
  double derivative(double z) const { return SoftplusPsi::slope(z); }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    return softplus_minimiser(k.beta / k.gamma, a, m);
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

Softplus make_softplus(double) {
  return {};
}

Cosine make_cosine(double) {
  return {};
}

}  // namespace

constexpr ActivationFunctions tanh_activation = activation_row<make_tanh>("tanh");
constexpr ActivationFunctions sigmoid_activation = activation_row<make_sigmoid>("sigmoid");
constexpr ActivationFunctions softplus_activation = activation_row<make_softplus>("softplus");
constexpr ActivationFunctions cos_activation = fixed_activation_row<make_cosine>("cos");

}  // namespace admmnet
